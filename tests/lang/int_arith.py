# expect-compiled: add, sub, mul, floordiv, mod, truediv, band, bor, bxor, lshift, rshift, neg, inv, pos
"""Every integer operator over values around the machine-word boundaries."""


def add(a, b):
    return a + b


def sub(a, b):
    return a - b


def mul(a, b):
    return a * b


def floordiv(a, b):
    return a // b


def mod(a, b):
    return a % b


def truediv(a, b):
    return a / b


def band(a, b):
    return a & b


def bor(a, b):
    return a | b


def bxor(a, b):
    return a ^ b


def lshift(a, b):
    return a << b


def rshift(a, b):
    return a >> b


def neg(a, b):
    return -a


def inv(a, b):
    return ~a


def pos(a, b):
    return +a


EDGES = []
for _p in (0, 1, 2, 7, 15, 29, 30, 31, 32, 45, 59, 60, 61, 62, 63, 64, 90):
    for _d in (-1, 0, 1):
        EDGES.append((1 << _p) + _d)
        EDGES.append(-(1 << _p) + _d)
EDGES = sorted(set(EDGES))
SHIFTS = [0, 1, 2, 29, 30, 31, 32, 33, 60, 61, 62, 63, 64, 65, 100]


def digest(h, text):
    for c in text:
        h = (h * 31 + ord(c)) % 1000000007
    return h


for op in (add, sub, mul, floordiv, mod, truediv, band, bor, bxor):
    total = 17
    errors = 0
    for x in range(-3, 4):
        op(x, 3)
    for x in EDGES:
        line = []
        for y in EDGES:
            try:
                line.append(repr(op(x, y)))
            except ZeroDivisionError as e:
                errors += 1
                line.append(str(e))
        total = digest(total, " ".join(line))
        print(op.__name__, x, total, errors)

for op in (lshift, rshift):
    for x in range(3):
        op(x, 3)
    for x in EDGES:
        print(op.__name__, x, [op(x, s) for s in SHIFTS])
    for bad in (-1, -64, -(1 << 63), -(1 << 70)):
        try:
            op(1, bad)
        except ValueError as e:
            print(op.__name__, bad, e)
print(rshift(5, 1 << 70), rshift(-5, 1 << 70), lshift(0, 1 << 70))

for op in (neg, inv, pos):
    print(op.__name__, [op(x, 0) for x in EDGES])
