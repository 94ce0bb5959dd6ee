# expect-compiled: ops, accumulate, harmonic, horner, mixed, newton
"""Float arithmetic: every operator, mixed with int, printed to the last bit."""


def ops(a, b):
    return a + b, a - b, a * b, -a, +a, abs(a), a / b if b else "zero"


def accumulate(n, step):
    s = 0.0
    for _ in range(n):
        s += step
    return s


def harmonic(n):
    s = 0.0
    for i in range(1, n + 1):
        s += 1 / i
    return s


def horner(coefficients, x):
    r = 0.0
    for c in coefficients:
        r = r * x + c
    return r


def mixed(n):
    out = []
    x = 0.5
    for i in range(n):
        x = x * i + 1
        x = i - x
        x = i / (x + 3.25)
        x = 2 * x
        out.append(x)
    return out


def newton(a):
    x = a
    for _ in range(30):
        x = 0.5 * (x + a / x)
    return x


VALUES = [
    0.0,
    -0.0,
    1.0,
    -1.0,
    0.1,
    -0.1,
    1.5,
    1e-300,
    1e300,
    -1e300,
    5e-324,
    1.7976931348623157e308,
    3,
    -7,
    0,
    True,
    2**53 + 1,
    2**70,
]
for a in VALUES:
    for b in VALUES:
        print(a, b, ops(a, b))
print(accumulate(1000, 0.1), accumulate(37, 1e308), accumulate(10, -0.0), accumulate(5, 1))
print(harmonic(1000), harmonic(0))
print(horner([1.5, -2.25, 3.0, 0.1], 0.7), horner((1, 2, 3), 2), horner([], 1.0), horner([0.1] * 50, 1.01))
print(mixed(40))
print([newton(a) for a in (2.0, 3.0, 1e-10, 1e10, 2)])
