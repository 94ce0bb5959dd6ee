# expect-compiled: sign, mixed_types, nested, in_loop
"""Conditional expressions, nested, with arms of different types."""


def sign(x):
    return 1 if x > 0 else -1 if x < 0 else 0


def triangular(n):
    return sum(i if i % 2 else -i for i in range(n))


def mixed_types(i):
    return i if i % 3 == 0 else i * 0.5 if i % 3 == 1 else None


def nested(a, b, c):
    return (a if b else c) if (b if c else a) else (c if a else b)


def in_loop(n):
    x = 0
    y = 0.0
    for i in range(n):
        x = x + (i if i & 1 else -1)
        y += 1 if i > 5 else 0.25
        z = y if i % 7 == 0 else x
    return x, y, z


print([sign(x) for x in (5, -5, 0, 0.5, -0.5, -0.0, float("nan"), 2**80, -(2**80), True)])
print(triangular(101), [mixed_types(i) for i in range(12)])
print([nested(a, b, c) for a in (0, 1.5) for b in (0, 2) for c in ("", "z")])
print(in_loop(100), in_loop(1))
