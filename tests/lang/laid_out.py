# expect-compiled: shifted, dot, neighbours, small_ranges, filtered, listed, stopped, nested, made, captured
"""Short loops over tuples of known length and between constants: items of all kinds, filters, breaks, exceptions, identity."""

import sys


class Noisy:
    def __init__(self, name):
        self.name = name

    def __del__(self):
        log.append("del " + self.name)


log = []


def shifted(state, slope, h):
    return tuple(s + h * d for s, d in zip(state, slope))


def steps(n):
    state = (1.0, 2.0, 3)
    for i in range(n):
        state = shifted(state, (0.5, state[0], i), 0.25)
    return state


def dot(n):
    s = 0.0
    for i in range(n):
        u = (i, i * 0.5, 2)
        v = (1.5, i, i + 1)
        s += sum(a * b for a, b in zip(u, v)) + max(abs(x) for x in u) - min(x for x in v)
    return s


def neighbours(grid, n):
    total = 0
    for y in range(n):
        for x in range(n):
            for dx, dy in ((-1, 0), (1, 0), (0, -1), (0, 1)):
                a, b = x + dx, y + dy
                if 0 <= a < n and 0 <= b < n:
                    total += grid[b][a]
    return total


def small_ranges(rows):
    out = []
    for r in rows:
        s = 0
        for i in range(3):
            for j in range(2, -1, -1):
                s = s * 3 + r[i] * (j + 1)
        for k in range(5, 0, -2):
            s -= k
        for k in range(4, 4):
            s += 1000
        out.append(s)
    return out


def filtered(n):
    out = []
    for i in range(n):
        t = (i, i + 1, i + 2, i + 3)
        out.append([x for x in t if x % 3])
        out.append(tuple(x for x in t if x % 2))
        out.append(list(x * 2 for x in t))
        out.append(tuple([y for y in (i, None, "s", 2.5)]))
    return out


def listed(n):
    out = []
    for i in range(n):
        a = [(x, y) for x, y in zip((i, i + 1), "ab")]
        b = [k * v for k, v in enumerate((i, 2.0, i))]
        c = [c + 1 for c in (i, i)]
        a.append(i)
        b.append(i)
        c.append(i)
        out.append((a, b, c))
    return out


def stopped(n):
    out = []
    for i in range(n):
        for x in (i % 5, i % 3, i % 2):
            if x == 1:
                break
            if x == 2:
                continue
            out.append(x)
        else:
            out.append(-1)
    return out


def nested(n):
    s = 0
    for i in range(n):
        for a in (1, 2):
            for b in (i, a):
                k = a * b
                while k > 3:
                    k -= 3
                s += k
    return s


def made(n):
    """Objects of all kinds, and one that changes kind on the way."""
    out = []
    for i in range(n):
        x = i if i < n - 3 else float(i) if i < n - 1 else 2**70
        out.append(tuple(y + y for y in (x, "a", (i,), [i], 1j)))
        out.append([f(2) for f in (lambda z: z + x, lambda z: z * 3)])
        out.append(sum(v for v in (x, i, 1)))
    return out


def counted(n):
    """References are released where the interpreter does."""
    for i in range(n):
        o = object()
        before = sys.getrefcount(o)
        kept = [x for x in (o, o, i)]
        during = sys.getrefcount(o)
        del kept
        t = tuple(x for x in (o, i))
        after = sys.getrefcount(o)
        del t
        if (during - before, after - before, sys.getrefcount(o) - before) != (2, 1, 0):
            return "wrong", i
    return "right"


def freed(n):
    for i in range(n):
        for x in (Noisy(f"a{i}"), i):
            log.append(x if x is i else x.name)
        x = None
        [y for y in (Noisy(f"b{i}"), 2)]
        log.append("end")


def captured(n):
    out = []
    for i in range(n):
        h = i * 0.5
        fs = [lambda q=q: q * h for q in (1, 2)]
        t = tuple(h + a for a in (1.0, 2.0))
        h += 1
        out.append([f() for f in fs] + list(t))
    return out


def failing(rows):
    out = []
    for r in rows:
        try:
            out.append(tuple(10 // x for x in (r, r - 1, r - 2)))
        except ZeroDivisionError as e:
            out.append(str(e) + str(e.__traceback__.tb_lineno))
        try:
            out.append([10 // x for x in (r, r - 1)])
        except ZeroDivisionError as e:
            out.append(str(e))
    return out


def generated(n):
    def gen(t):
        for x in t:
            yield x
            yield -x

    s = []
    for i in range(n):
        s.append(tuple(y for y in gen((i, i + 1))))
        s.append(sum(gen((i, 2))))
    return s


def long_ones(n):
    s = 0
    for i in range(n):
        for x in (1, 2, 3, 4, 5, 6, 7, 8, 9, 10, i):
            s += x
        for x in range(1000):
            s ^= x
    return s


def main():
    print(steps(30), dot(30))
    grid = [[(x * y) % 7 for x in range(9)] for y in range(9)]
    print(neighbours(grid, 9))
    print(small_ranges([(i, i * 2, i + 5) for i in range(20)]), small_ranges([[1, 2.5, 3]] * 3))
    print(filtered(8), listed(6), stopped(20), nested(20))
    print(made(12), counted(30), captured(6))
    freed(5)
    print(log)
    log.clear()
    print(failing([5, 6, 0, 1, 2, 7]), generated(5), long_ones(4))


for _ in range(4):
    main()
