# expect-compiled: functions, classes, methods, formats, comprehensions
"""Calls with keywords, defaults and wrong arguments; formats with specifications and conversions; set and dict comprehensions."""

import traceback


def f(a, b=2, c=3, *, d=None):
    return (a, b, c, d)


def g(a, b, c=30, e=40):
    return a * 1000 + b * 100 + c + e


def h(a, /, b, c=7):
    return a - b * c


class P:
    def __init__(self, x, y=0, z=1.5):
        self.x = x
        self.y = y
        self.z = z

    def scale(self, by=2, *rest, shift=0):
        return self.x * by + shift + len(rest)

    def moved(self, dx=0, dy=0):
        return P(x=self.x + dx, y=self.y + dy)


class Loud:
    def __format__(self, spec):
        if spec == "bad":
            raise ValueError("bad spec")
        seen.append(spec)
        return f"<{spec}>"

    def __repr__(self):
        seen.append("repr")
        return "Loud\u20ac"

    def __hash__(self):
        return 1

    def __eq__(self, other):
        seen.append("eq")
        return True


seen = []


def functions(n):
    total = 0
    for i in range(n):
        total += g(i, b=1) + g(b=i, a=2) + g(1, 2, e=i) + g(c=1, a=i, b=3)
        total += h(i, c=2, b=1) + h(i, 1)
        total += sum(f(i, c=5)[:3]) + f(1, d=4)[3]
        try:
            total += h(a=i, b=2)
        except TypeError as e:
            total += len(str(e))
        try:
            total += g(i, a=2, b=4)
        except TypeError as e:
            total += len(str(e))
        try:
            total += g(i, q=2)
        except TypeError as e:
            total += len(str(e))
    return total


def classes(n):
    p = P(0)
    for i in range(n):
        p = P(y=i, x=p.x + 1, z=p.z)
        p = p.moved(dy=i)
    try:
        P(y=1)
    except TypeError as e:
        return p.x, p.y, p.z, str(e), list(vars(p))


def methods(n):
    p = P(3)
    out = 0
    for i in range(n):
        out += p.scale(by=i) + p.scale(shift=2) + p.scale(1, 2, 3, shift=i) + p.moved(dx=i).x
    return out


def formats(n):
    out = []
    loud = Loud()
    for i in range(n):
        out.append(f"{i:>5}|{i / 7:.3f}|{i!r:>4}|{'x' * (i % 3):<4}|{i:{i % 5 + 1}d}")
        out.append(f"{loud:a}{loud!r:>8}{loud!s}{loud!a}")
        try:
            out.append(f"{i:{'bad' if i == n - 3 else '3'}}{loud:{'bad' if i == n - 2 else 'ok'}}")
        except ValueError as e:
            out.append(f"{e} {len(traceback.extract_tb(e.__traceback__))}")
    return out[-9:], len(seen)


def comprehensions(n):
    out = []
    for i in range(n):
        out.append({k: k * i for k in range(3)})
        out.append({k % 2 for k in range(i % 5)})
        out.append(len({Loud() for _ in range(3)}) + len({Loud(): k for k in range(2)}))
        try:
            out.append({[]: 1 for _ in range(1)})
        except TypeError as e:
            out.append(type(e).__name__)
        try:
            out.append({[k] for k in range(1)})
        except TypeError as e:
            out.append(type(e).__name__)
    return out[-10:], len(seen)


print(functions(200))
print(classes(200))
print(methods(200))
print(formats(80))
seen.clear()
print(comprehensions(80))


def defaults_change(n):
    out = 0
    for i in range(n):
        if i == n // 2:
            g.__defaults__ = (1, 2)
        out += g(i, b=2)
    return out


print(defaults_change(200))
