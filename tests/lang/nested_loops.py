# expect-compiled: mandelbrot, triples, life_step, wavefront, deep
"""Loops in loops, where an inner exit must keep the outer state."""


def mandelbrot(width, height, limit):
    rows = []
    for py in range(height):
        y0 = 2.0 * py / height - 1.0
        row = []
        for px in range(width):
            x0 = 3.0 * px / width - 2.0
            x = y = 0.0
            n = 0
            while x * x + y * y <= 4.0 and n < limit:
                x, y = x * x - y * y + x0, 2.0 * x * y + y0
                n += 1
            row.append(n)
        rows.append(row)
    return rows


def triples(n):
    found = []
    for a in range(1, n):
        for b in range(a, n):
            c2 = a * a + b * b
            c = int(c2**0.5)
            if c < n and c * c == c2:
                found.append((a, b, c))
    return found


def life_step(grid):
    h = len(grid)
    w = len(grid[0])
    new = []
    for y in range(h):
        row = []
        for x in range(w):
            n = 0
            for dy in (-1, 0, 1):
                for dx in (-1, 0, 1):
                    if dx or dy:
                        n += grid[(y + dy) % h][(x + dx) % w]
            row.append(1 if n == 3 or n == 2 and grid[y][x] else 0)
        new.append(row)
    return new


def wavefront(n):
    table = [[0] * (n + 1) for _ in range(n + 1)]
    for i in range(n + 1):
        table[i][0] = table[0][i] = 1
    for i in range(1, n + 1):
        for j in range(1, n + 1):
            table[i][j] = table[i - 1][j] + table[i][j - 1]
    return table[n][n]


def deep(n):
    s = 0
    for a in range(n):
        for b in range(a):
            for c in range(b):
                for d in range(c):
                    s += a * b - c * d
                    if s > 10**6:
                        s -= 10**6
    return s


for row in mandelbrot(24, 12, 40):
    print(" ".join(map(str, row)))
print(triples(60))
grid = [[(x * y + x) % 3 == 1 for x in range(10)] for y in range(8)]
for _ in range(4):
    grid = life_step(grid)
    print(grid)
print([wavefront(n) for n in (1, 2, 5, 10, 20, 36)])
print(deep(16))
