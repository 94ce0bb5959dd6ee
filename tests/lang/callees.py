# expect-compiled: integrate, apply_all, newton, compose, defaults, varying, counter_loop, makes
"""Calls that meet several functions: closures made anew, lambdas, functions of other defaults, classes and builtins among them."""

import math


def integrate(f, a, b, n):
    h = (b - a) / n
    total = 0.0
    for i in range(n):
        total += f(a + i * h)
    return total * h


def square(x):
    return x * x


def half(x, y=0.5):
    return x * y


def apply_all(fs, x):
    out = []
    for f in fs:
        out.append(f(x))
    return out


def newton(f, df, x):
    for _ in range(20):
        x -= f(x) / df(x)
    return x


def compose(n):
    total = 0.0
    for i in range(1, n):
        a = i / 2
        total += newton(lambda x: x * x - a, lambda x: 2 * x, a)
    return total


def make(k, scale=1):
    def scaled(x, more=k * 2):
        return x * k * scale + more

    return scaled


def defaults(n):
    total = 0
    for k in range(n):
        f = make(k)
        total += f(k) + f(1, 7)
    return total


def varying(n):
    total = 0
    fs = [square, half, make(3), len, int, lambda x: -x]
    for i in range(n):
        f = fs[i % len(fs)]
        total += f([1] * i) if f is len else f(i)
    return total


def counter():
    n = 0

    def step(by=1):
        nonlocal n
        n += by
        return n

    return step


def counter_loop(k):
    step = counter()
    total = 0
    for i in range(k):
        total += step() + step(i)
    return total


def makes(n):
    total = 0
    for i in range(n):

        def inner(x, y=i):
            return x + y + i

        total += inner(1) + inner(2, 3)
        del inner
    return total


for _ in range(40):
    out = [
        integrate(square, 0, 1, 20),
        integrate(half, 0, 1, 20),
        integrate(lambda x: 1 / (1 + x), 0, 1, 20),
        integrate(math.sin, 0, 1, 20),
        integrate(make(2), 0, 1, 20),
        apply_all([square, half, abs, float], 3),
        compose(6),
        defaults(9),
        varying(24),
        counter_loop(12),
        makes(7),
    ]
print(out)


def broken(x):
    raise KeyError(x)


for f in (broken, lambda: 1, None, 3):
    try:
        print(integrate(f, 0, 1, 3))
    except (KeyError, TypeError) as e:
        print(type(e), e)

square.__code__ = (lambda x: x + 100).__code__
print(integrate(square, 0, 1, 4), apply_all([square, half], 1))
half.__defaults__ = (2,)
print(integrate(half, 0, 1, 4))


class Gone:
    def __init__(self, n):
        self.n = n

    def __del__(self):
        print("gone", self.n)


def closes_over(n):
    g = Gone(n)
    return lambda x: (g.n, x)


def use(n):
    out = []
    for i in range(n):
        out.append(closes_over(i)(i)[0])
    return out


for _ in range(3):
    print(use(3))
