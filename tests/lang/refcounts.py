# expect-compiled: walk, shuffle, build, calls, strings, floats, unpack, raises
"""Nothing leaks and nothing is freed early: counts before and after agree."""

import sys


class Thing:
    pass


def walk(items):
    n = 0
    for x in items:
        y = x
        if y is items[n % len(items)]:
            n += 1
    return n


def shuffle(a):
    for i in range(len(a)):
        j = (i * 7 + 3) % len(a)
        a[i], a[j] = a[j], a[i]
    return a


def build(x, n):
    out = []
    for i in range(n):
        out.append((x, [x, i], i * 0.5))
        if len(out) > 3:
            out = out[1:]
    return out


def passes(x):
    return x


def calls(x, n):
    for _ in range(n):
        y = passes(x)
        z = passes(passes(y))
    return z


def strings(s, n):
    t = ""
    for i in range(n):
        t = t + s[i % len(s)]
        if t == s:
            t = ""
    return t


def floats(values):
    s = 0.0
    for v in values:
        s += v
        w = v
        values[0] = w
    return s


def unpack(pairs):
    for a, b in pairs:
        a, b = b, a
    return a, b


def raises(x, n):
    try:
        for i in range(n):
            y = (x, i)
            if i == n - 1:
                [x, y][i + 10]
    except IndexError:
        return x


x = Thing()
items = [Thing() for _ in range(5)]
big = 10**25
text = "some text that is not interned " * 2
values = [1.5 + i for i in range(10)]


def watched():
    return [sys.getrefcount(o) for o in (x, big, text, items, values, *items, *values)]


def once():
    walk(items)
    walk([x, big] * 3)
    shuffle(items)
    shuffle([x, big, text, 1.5])
    build(x, 10)
    build(big, 10)
    calls(x, 10)
    calls(big, 10)
    strings(text, 40)
    floats(values)
    unpack([(x, big), (big, x)])
    raises(x, 8)
    raises(big, 8)


for _ in range(20):
    once()
values[:] = [0.25 * i for i in range(10)]
sorted_ids = sorted(items, key=id)
before = sorted(watched())
blocks = sys.getallocatedblocks()
for _ in range(300):
    once()
after = sorted(watched())
grown = sys.getallocatedblocks() - blocks
print([b - a for a, b in zip(before, after) if b - a > 15], "stable" if grown < 250 else f"{grown} blocks more")
print(walk(items), build(x, 1)[0][0] is x, strings(text, 3), raises(big, 8) is big)


def counted(i):
    items = (i, [i], "x" * i)
    before = sys.getrefcount(items)

    def inner():
        return len(items)

    during = sys.getrefcount(items), sys.getrefcount(inner), sys.getrefcount(items[1])
    inner()
    return before, during, sys.getrefcount(items)


for i in range(60):
    r = counted(i)
print(r)
