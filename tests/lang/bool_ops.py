# expect-compiled: both, either, negate, pick, first_true, arith, counting
"""and / or / not give back operands, not truth values; bool is an int."""


def both(a, b):
    return a and b


def either(a, b):
    return a or b


def negate(a):
    return not a


def pick(a, b, c):
    return a and b or c


def first_true(values, fallback):
    for v in values:
        if v and not v == 7:
            return v
    return fallback


def arith(a, b):
    return (
        a + b,
        a - b,
        a * b,
        a & b,
        a | b,
        a ^ b,
        a << b,
        a >> b,
        -a,
        ~int(a),
        a / 2,
        a // 2,
        a**b,
        a < b,
        a == b,
        a == 1.0,
    )


def counting(values):
    n = 0
    flags = True
    parity = False
    for v in values:
        n += v > 3
        n -= not v
        flags &= v >= 0
        parity ^= v % 2 == 1
    return n, flags, parity


VALUES = [0, 1, -1, 0.0, -0.0, 2.5, "", "x", None, True, False, [], [0], (), (1,), {}, {1: 2}, 0j, 1j, 2**70]
for a in VALUES:
    for b in VALUES:
        print(both(a, b), either(a, b), pick(a, b, "c"), end=" ")
    print(negate(a))
print(first_true([0, None, "", 7, 5, 6], "none"), first_true([0, 0.0, 7], "none"), first_true([], 1))
for a in (True, False):
    for b in (True, False):
        print(arith(a, b))
print(counting(range(10)), counting([5, -1, 0, 3, 4]), counting([True, False, True]))
