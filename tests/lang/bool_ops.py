# expect-compiled: both, either, negate, pick, first_true, arith, counting, neighbours
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


def neighbours(grid):
    """Bools out of lists are numbers, and compare as such."""
    total = 0
    best = 0
    for row in grid:
        for i in range(len(row)):
            total += row[i]
            total = total * 3 - row[i - 1]
            total %= 1000003
            if row[i] > row[i - 1] or row[i] == 1:
                best += 1
            if total < row[i]:
                best -= 1
        best += sum(x for x in row)
    return total, best, [x + 0.5 for x in grid[0]], [x << 2 for x in grid[0]]


def mixed(rows):
    """Sometimes bools, sometimes ints, then floats."""
    out = []
    for row in rows:
        s = 0
        for x in row:
            s += x
        out.append(s)
    return out


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
grid = [[(x * y) % 3 == 1 for x in range(9)] for y in range(9)]
print(neighbours(grid), neighbours([[1, 0, 2]] * 3), neighbours([[True, 0, 1.0]] * 3))
print(mixed([[True, False, True]] * 9 + [[1, 2]] * 9 + [[True, 3]] * 9 + [[0.5, True]] * 9 + [[2**70, True]] * 3))
