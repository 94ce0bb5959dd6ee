# expect-compiled: fdiv, fmod_, fdivmod, wrap, phase
"""Float // % divmod with Python's signs and errors."""

INF = float("inf")
NAN = float("nan")
VALUES = [
    0.0,
    -0.0,
    1.0,
    -1.0,
    0.1,
    -0.1,
    0.3,
    2.5,
    -2.5,
    7.0,
    -7.0,
    1e16,
    -1e16,
    1e308,
    5e-324,
    INF,
    -INF,
    NAN,
    3,
    -3,
    0,
    2**64,
]


def fdiv(a, b):
    return a // b


def fmod_(a, b):
    return a % b


def fdivmod(a, b):
    return divmod(a, b)


def wrap(angle, n):
    out = []
    for i in range(n):
        angle = (angle + 0.75) % 6.25
        out.append(angle)
        angle = -(-angle % -1.5) if i % 5 == 4 else angle
    return out


def phase(xs, width):
    return [(x // width, x % width, -x // width, -x % width, x // -width, x % -width) for x in xs]


for op in (fdiv, fmod_, fdivmod):
    for _ in range(5):
        op(7.5, 2.0)
    for a in VALUES:
        row = []
        for b in VALUES:
            try:
                row.append(op(a, b))
            except (ZeroDivisionError, OverflowError) as e:
                row.append(f"{type(e).__name__}: {e}")
        print(op.__name__, a, row)
print(wrap(0.0, 30), wrap(-3.0, 30))
print(phase([0.0, 0.1, 1.0, 1.9999999999999998, 1e20, -0.5], 0.5))
print(phase([i * 0.1 for i in range(-20, 20)], 0.1))
