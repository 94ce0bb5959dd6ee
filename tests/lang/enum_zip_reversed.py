# expect-compiled: indexed, argmax, dots, zipped3, backwards, combined, escape
"""enumerate, zip and reversed, unpacked in place or kept as tuples."""


def indexed(seq):
    s = 0
    for i, v in enumerate(seq):
        s += i * v
    return s


def argmax(seq, start):
    best = None
    at = -1
    for i, v in enumerate(seq, start):
        if best is None or v > best:
            best = v
            at = i
    return at, best


def dots(a, b):
    s = 0
    for x, y in zip(a, b):
        s += x * y
    return s


def zipped3(a, b, c):
    out = []
    for x, y, z in zip(a, b, c):
        out.append(x + y + z)
    return out


def backwards(seq):
    out = []
    for v in reversed(seq):
        out.append(v)
    return out


def combined(a, b):
    out = []
    for i, (x, y) in enumerate(zip(a, reversed(b))):
        out.append((i, x, y))
    return out


def escape(seq):
    kept = []
    for pair in enumerate(seq):
        kept.append(pair)
    for pair in zip(seq, seq):
        kept.append(pair)
    it = enumerate(seq)
    next(it)
    kept.extend(it)
    return kept


print(indexed([5, 6, 7]), indexed((0.5, 1.5)), indexed([]), indexed([2**62, 2**62]), indexed(range(5)))
print(
    argmax([3, 9, 2, 9], 0),
    argmax("hello", 10),
    argmax([1.5, 2], -5),
    argmax([], 0),
    argmax([1, 2, 3], 2**63 - 2),
    argmax([1, 2], 2**70),
)
print(
    dots([1, 2, 3], [4, 5, 6]),
    dots([1.5], [2, 3]),
    dots([], [1]),
    dots(range(5), (1, 2.5, 3)),
    dots([1] * 4, iter([2] * 3)),
)
print(zipped3([1, 2], [3, 4], [5, 6, 7]), zipped3("ab", "cd", "ef"), zipped3([1.0], (2,), [True]))
print(backwards([1, 2, 3]), backwards("abc"), backwards(range(0, 10, 3)), backwards(()), backwards({1: 2, 3: 4}))
print(combined([1, 2, 3], "xyz"), escape([1, 2.5, "s"]))
short = iter([1, 2, 3])
print(dots(short, [1, 1]), list(short))
long = iter([1, 2, 3, 4])
print(dots([1, 1], long), list(long))
for f, args in ((backwards, (5,)), (backwards, ({1},)), (dots, (1, [1])), (indexed, (None,)), (argmax, ([1], 1.5))):
    try:
        print(f(*args))
    except TypeError as e:
        print(e)
try:
    for x, y in zip([1, 2], [1], strict=True):
        print(x, y)
except ValueError as e:
    print(e)
