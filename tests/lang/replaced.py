# expect-compiled: newest, descend, spin, flips, shuffle, rows
"""What cells and globals held before: lists that die when another takes their place, with what they hold."""

log = []
state = []


class Noisy:
    def __init__(self, name):
        self.name = name

    def __del__(self):
        log.append(self.name)


def newest(n):
    held = [Noisy("first")]

    def look():
        return held[0].name

    names = []
    for i in range(n):
        held = [Noisy(i)]
        names.append((look(), len(log)))
    return names[-3:]


def descend(rows, rounds):
    weights = [0.0, 0.0, 0.0]
    bias = None

    def predict(x):
        return sum(w * v for w, v in zip(weights, x)) + (bias[0] if bias else 0.0)

    for _ in range(rounds):
        for x, y in rows:
            error = predict(x) - y
            weights = [w - 0.01 * error * v for w, v in zip(weights, x)]
            bias = (error * 0.01,)
    return weights, bias


def spin(n):
    global state
    for i in range(n):
        state = [i, *state[:3]]
    state = {"end": state}
    return state


def flips(n):
    p = list(range(n))
    count = 0
    for k in range(200):
        m = k * 7 % n + 1
        p[:m] = p[m - 1 :: -1] if m < n else p[::-1]
        p[1:3] = [p[2], p[1]]
        q = p[2:5]
        p[2:5] = q
        q[0] = -1
        count += p[0] * k + q[0]
        q[0:2] = p[0:2]
        q[:] = q
    return p, count


def shuffle(n):
    """Objects that are counted, moved by slices."""
    p = [Noisy(("p", i)) for i in range(n)]
    for k in range(100):
        m = k % n
        p[: m + 1] = p[m::-1]
        if k == 60:
            p[0:2] = [Noisy("x"), Noisy("y")]
            log.append("replaced")
        if k == 80:
            p[1:3] = (Noisy("t"), p[1])
    names = [o.name for o in p]
    p[2:4] = []
    return names, len(p)


print(newest(100), log)
log.clear()
print(descend([((1.0, 0.5 * i, i % 3), i % 2) for i in range(30)], 10))
for _ in range(3):
    print(spin(50))
    state = []
print(flips(9))
print(shuffle(8), log)


def rows(n, rounds):
    """Rows of a table that others take the place of."""
    table = [[float(i * j % 7) for j in range(n)] for i in range(n)]
    table[1].append(Noisy("in row"))
    kept = table[2]
    for k in range(rounds):
        for r in range(n):
            if r != k % n:
                f = table[r][0] * 0.5
                table[r] = [x - f * y for x, y in zip(table[r][:n], table[k % n][:n])]
        table[0], table[-1] = table[-1], table[0]
    return [round(x, 6) for x in table[1]], kept[:3]


log.clear()
for _ in range(3):
    print(rows(5, 30), log)
print([rows(3, 2)[0][:2] for _ in range(2)], len(log))
