# expect-compiled: accumulate, drift, zigzag, poly, container, maybe_none, args_change, loop_var
"""Variables whose type changes in the middle of a loop or between calls."""


def accumulate(values, start):
    s = start
    for v in values:
        s = s + v
    return s


def drift(n):
    x = 1
    trail = []
    for i in range(n):
        if i == 10:
            x = x * 0.5
        elif i == 20:
            x = str(x)
        elif i == 30:
            x = [x]
        elif i == 40:
            x = None
        elif i == 50:
            x = 2**100
        elif i == 60:
            x = 1 + 2j
        if x is not None and not isinstance(x, (str, list)):
            x = x + x
        trail.append(x if not isinstance(x, list) else len(x))
    return trail


def zigzag(n):
    x = 0
    out = []
    for i in range(n):
        x = i if i % 2 else i * 0.5
        y = x + 1
        out.append(y * y)
    return out


def poly(a, b):
    return a + b * 2


def container(items):
    s = 0
    for c in items:
        s += c[0] + c[-1] + len(c)
    return s


def maybe_none(values):
    last = None
    n = 0
    for v in values:
        if last is not None and v > last:
            n += 1
        last = v
    return n, last


def args_change(f, xs):
    out = []
    for x in xs:
        try:
            out.append(f(x, x))
        except TypeError as e:
            out.append(str(e))
    return out


def loop_var(seqs):
    out = []
    for seq in seqs:
        t = 0
        for v in seq:
            t = v
        out.append(t)
    return out


print(
    accumulate([1, 2, 3], 0),
    accumulate([1, 2.5, 3], 0),
    accumulate(["a", "b"], ""),
    accumulate([[1], [2]], []),
    accumulate([2**62, 2**62, 1.5], 0),
)
print(accumulate([(1,), (2,)], ()), accumulate([True, False], False), accumulate([1j, 2], 0.5))
for bad in ([1, "a"], ["a", 1], [None, 1]):
    try:
        print(accumulate(bad, bad[0]))
    except TypeError as e:
        print(e)
print(drift(70))
print(zigzag(20))
print(args_change(poly, [1, 2, 3, 1.5, 2.5, "a", "b", [1], (2,), None, True, 2**80, 1j, b"x", {}]))
print(container([[1, 2], (3, 4.5), range(3), bytearray(b"ab"), b"cd", [2**70]]))
print(maybe_none([1, 2, 3, 2]), maybe_none([]), maybe_none([1, 2.5, 2**70, True]), maybe_none("abca"))
print(loop_var([[1, 2], "ab", (1.5, None), range(3), [], {5: 6}]))
