# expect-compiled: same, find, count_none, loop_objects, kept
"""`is`: the very object goes in and comes out.

Ints past the small ones, floats and complex numbers are left out: compiled code may box them anew (docs/compatibility.md).
"""

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
        out.append((i > 5) is True)
    return out


def kept(x):
    y = x
    for _ in range(10):
        z = y
        y = z
    return y


class Box:
    pass


box = Box()
text = "a longer text"
print(same(box, box), same(None, None), same([], []), same(True, 1), same("", ""), same((), ()), same(3, 3))
print(find([1, None, MISSING, box], box), find([None], None), find([1.5], None), find([True, 1], True))
print(count_none([None, 1, MISSING, None]))
objects = [7, "s", text, None, [], box, (1, 2), True]
print(loop_objects(objects), small_cache(10))
print([kept(o) is o for o in objects])
a = [box, "text"]
for i in range(10):
    a[0], a[1] = a[1], a[0]
print(a[0] is box, a[1] == "text")


def stored(v, n):
    a = [None] * n
    for i in range(n):
        a[i] = v
    return all(item is v for item in a)


print(stored("abc", 3), stored(box, 10), stored(None, 4))


def attribute(b, v, n):
    for _ in range(n):
        b.v = v
    return b.v is v


print(attribute(Box(), "x", 10), attribute(Box(), box, 10))
