# expect-compiled: same, find, count_none, loop_objects, small_cache, kept
"""`is`: the very object goes in and comes out."""

MISSING = object()


def same(a, b):
    return a is b, a is not b


def find(items, wanted):
    for i, x in enumerate(items):
        if x is wanted:
            return i
    return None


def count_none(values):
    n = m = 0
    for v in values:
        if v is None:
            n += 1
        if v is not MISSING:
            m += 1
    return n, m


def loop_objects(objects):
    out = []
    for o in objects:
        t = (o, o)
        a, b = t
        out.append(a is b and a is o)
    return out


def small_cache(n):
    out = []
    for i in range(n):
        a = i + 0
        b = 0 + i
        out.append(a is b)
        f = i * 1.0
        g = f
        out.append(f is g)
    return out


def kept(x):
    y = x
    for _ in range(10):
        z = y
        y = z
    return y


x = 12345678901234567890
f = 1.5
print(same(x, x), same(f, f), same(None, None), same([], []), same(True, 1), same("", ""), same((), ()))
print(find([1, None, MISSING, x], x), find([None], None), find([1.5], 1.25), find([True, 1], True))
print(count_none([None, 1, MISSING, None]))
objs = [1000, 2.5, "s", x, None, [], 10**6]
print(loop_objects(objs), small_cache(10))
print([kept(o) is o for o in objs])
a = [f, x]
for i in range(10):
    a[0], a[1] = a[1], a[0]
print(a[0] is f, a[1] is x)


def stored(v, n):
    a = [None] * n
    for i in range(n):
        a[i] = v
    return all(item is v for item in a)


print(stored(3.75, 10), stored(10**10, 10), stored("abc", 3))


class Box:
    pass


def attribute(b, v, n):
    for _ in range(n):
        b.v = v
    return b.v is v


print(attribute(Box(), 4.25, 10), attribute(Box(), 10**12, 10))
