# expect-compiled: advance, spectral, kmeans, train, collatz, simplex_noise, quicksort, queens, prefix_sums, edit
"""Small whole programs of the kinds people run."""


def advance(bodies, dt, n):
    for _ in range(n):
        for i in range(len(bodies)):
            b = bodies[i]
            for j in range(i + 1, len(bodies)):
                c = bodies[j]
                dx = b[0] - c[0]
                dy = b[1] - c[1]
                d2 = dx * dx + dy * dy + 0.01
                mag = dt / (d2 * d2**0.5)
                b[2] -= dx * c[4] * mag
                b[3] -= dy * c[4] * mag
                c[2] += dx * b[4] * mag
                c[3] += dy * b[4] * mag
        for b in bodies:
            b[0] += dt * b[2]
            b[1] += dt * b[3]
    return bodies


def element(i, j):
    return 1.0 / ((i + j) * (i + j + 1) // 2 + i + 1)


def spectral(n, rounds):
    u = [1.0] * n
    for _ in range(rounds):
        v = [sum([element(i, j) * u[j] for j in range(n)]) for i in range(n)]
        u = [sum([element(j, i) * v[j] for j in range(n)]) for i in range(n)]
    return sum([a * b for a, b in zip(u, v)])


def kmeans(points, centres, rounds):
    for _ in range(rounds):
        sums = [[0.0, 0.0, 0] for _ in centres]
        for x, y in points:
            best = 0
            low = float("inf")
            for k, (cx, cy) in enumerate(centres):
                d = (x - cx) ** 2 + (y - cy) ** 2
                if d < low:
                    low = d
                    best = k
            sums[best][0] += x
            sums[best][1] += y
            sums[best][2] += 1
        centres = [(sx / n, sy / n) if n else c for (sx, sy, n), c in zip(sums, centres)]
    return centres


def train(xs, ys, rate, epochs):
    import math

    w = [0.0] * len(xs[0])
    bias = 0.0
    loss = 0.0
    for _ in range(epochs):
        loss = 0.0
        for row, y in zip(xs, ys):
            z = bias
            for j in range(len(w)):
                z += w[j] * row[j]
            p = 1.0 / (1.0 + math.exp(-z))
            loss -= math.log(p) if y else math.log(1.0 - p)
            g = p - y
            for j in range(len(w)):
                w[j] -= rate * g * row[j]
            bias -= rate * g
    return w, bias, loss


def collatz(limit):
    best = 0
    at = 0
    for start in range(1, limit):
        n = start
        steps = 0
        while n != 1:
            n = n // 2 if n % 2 == 0 else 3 * n + 1
            steps += 1
        if steps > best:
            best = steps
            at = start
    return at, best


def simplex_noise(n):
    seed = 42
    total = 0
    lo, hi = 1.0, 0.0
    for _ in range(n):
        seed = (seed * 1664525 + 1013904223) % 4294967296
        r = seed / 4294967296
        lo = min(lo, r)
        hi = max(hi, r)
        total += int(r * 6) + 1
    return total, lo, hi


def quicksort(a, lo, hi):
    if lo >= hi:
        return a
    p = a[(lo + hi) // 2]
    i, j = lo, hi
    while i <= j:
        while a[i] < p:
            i += 1
        while a[j] > p:
            j -= 1
        if i <= j:
            a[i], a[j] = a[j], a[i]
            i += 1
            j -= 1
    quicksort(a, lo, j)
    quicksort(a, i, hi)
    return a


def queens(n, row, cols, d1, d2):
    if row == n:
        return 1
    count = 0
    for c in range(n):
        if not (cols >> c & 1 or d1 >> (row + c) & 1 or d2 >> (row - c + n) & 1):
            count += queens(n, row + 1, cols | 1 << c, d1 | 1 << (row + c), d2 | 1 << (row - c + n))
    return count


def prefix_sums(grid):
    h = len(grid)
    w = len(grid[0])
    out = [[0] * (w + 1) for _ in range(h + 1)]
    for y in range(h):
        for x in range(w):
            out[y + 1][x + 1] = grid[y][x] + out[y][x + 1] + out[y + 1][x] - out[y][x]
    return out[h][w]


def edit(a, b):
    m, n = len(a), len(b)
    d = [[0] * (n + 1) for _ in range(m + 1)]
    for i in range(m + 1):
        d[i][0] = i
    for j in range(n + 1):
        d[0][j] = j
    for i in range(1, m + 1):
        for j in range(1, n + 1):
            d[i][j] = min(d[i - 1][j] + 1, d[i][j - 1] + 1, d[i - 1][j - 1] + (a[i - 1] != b[j - 1]))
    return d[m][n]


print(advance([[i * 1.5, i * i * 0.5, 0.1 * i, -0.05 * i, 1.0 + i] for i in range(5)], 0.01, 60))
print(spectral(25, 4))
print(kmeans([((i * 37 % 101) / 10, (i * 53 % 97) / 10) for i in range(150)], [(1.0, 1.0), (5.0, 5.0), (9, 2)], 8))
print(train([[(i * k % 7) / 7 - 0.5 for k in (1, 2, 3)] for i in range(40)], [i % 3 == 0 for i in range(40)], 0.1, 12))
print(collatz(1500), simplex_noise(2000))
print(
    quicksort([(i * 7919) % 503 for i in range(200)], 0, 199)[::20],
    quicksort([3.5, 1, 2**65, -1, 2.5], 0, 4),
    quicksort(list("whipsnake"), 0, 8),
)
print(
    [queens(n, 0, 0, 0, 0) for n in range(1, 8)],
    prefix_sums([[x * y % 7 for x in range(12)] for y in range(9)]),
    prefix_sums([[0.5, 2**63]]),
)
print(edit("intention", "execution"), edit("", "abc"), edit([1, 2, 3], (1, 3)))
