# expect-compiled: vectors, matrix, compare, mixed, reflected, in_place, subclasses
"""Operators of classes written in Python in compiled loops: which method comes first, `NotImplemented`, errors, and classes that change."""

import sys
import traceback


class V:
    def __init__(self, x, y):
        self.x = x
        self.y = y

    def __add__(self, other):
        if not isinstance(other, V):
            return NotImplemented
        return V(self.x + other.x, self.y + other.y)

    def __sub__(self, other):
        return V(self.x - other.x, self.y - other.y)

    def __mul__(self, k):
        return V(self.x * k, self.y * k)

    def __rmul__(self, k):
        return V(k * self.x + 1, k * self.y)

    def __neg__(self):
        return V(-self.x, -self.y)

    def __eq__(self, other):
        return self.x == other.x and self.y == other.y

    def __lt__(self, other):
        return self.x < other.x

    def __le__(self, other):
        if self.x == 50:
            return "truthy"
        if self.x == 51:
            return []
        return self.x <= other.x

    def __repr__(self):
        return f"V({self.x}, {self.y})"


class W(V):
    def __radd__(self, other):
        return ("radd", other.x)

    def __gt__(self, other):
        return ("gt", other.x)


class Grid:
    def __init__(self, n):
        self.n = n
        self.cells = [0.0] * (n * n)

    def __getitem__(self, at):
        i, j = at
        return self.cells[i * self.n + j]

    def __setitem__(self, at, value):
        i, j = at
        self.cells[i * self.n + j] = value
        return "dropped"


class Odd:
    def __init__(self, v):
        self.v = v

    def __add__(self, other):
        calls.append(("add", self.v))
        if self.v % 10 == 3:
            return NotImplemented
        return self.v

    def __lt__(self, other):
        if self.v % 10 == 4:
            return NotImplemented
        return self.v < 5

    def __eq__(self, other):
        return NotImplemented

    __hash__ = None


class Other:
    def __radd__(self, other):
        calls.append("radd")
        return -1

    def __gt__(self, other):
        return "gt"


class Inc:
    def __init__(self):
        self.n = 0

    def __iadd__(self, k):
        self.n += k
        return self

    def __add__(self, k):
        return 0


calls = []


def vectors(n):
    p = V(0, 0.0)
    q = V(1, 0.5)
    for i in range(n):
        p = p + q
        p = p - V(1, i) * 2
        p = -p
        p += q
        if p == q:
            p = q
    return p


def matrix(n):
    g = Grid(n)
    for i in range(n):
        for j in range(n):
            g[i, j] = i * 1.5 - j
    total = 0.0
    for _ in range(4):
        for i in range(n):
            for j in range(n):
                total += g[i, j] * g[j, i]
    try:
        g[n, n] = 1.0
    except IndexError as e:
        total += len(traceback.extract_tb(e.__traceback__))
    return total


def compare(n):
    out = 0
    last = V(30, 0)
    for i in range(n):
        v = V(i, 0)
        if v < last:
            out += 1
        if v <= last:
            out += 100
        if v != last:
            out += 10000
        if v == last:
            out -= 7
    return out


def mixed(n):
    out = []
    o = Other()
    for i in range(n):
        a = Odd(i)
        try:
            out.append(a + o)
            out.append(a + 1)
        except TypeError as e:
            out.append(f"{e}")
        try:
            out.append(a < o)
            out.append(a < 1)
        except TypeError as e:
            out.append(f"{e}")
        out.append((a == a, a == o, a != a))
    return out[-45:], len(out), len(calls)


def reflected(n):
    v = V(1, 2)
    out = 0
    for i in range(n):
        out += (3 * v).x + (2.5 * v).y
        out += (True * v).x
    return out


def in_place(n):
    a = Inc()
    for i in range(n):
        a += i
    return a.n, type(a).__name__


def subclasses(n):
    v = V(1, 1)
    w = W(2, 2)
    out = []
    for i in range(n):
        out.append((v + w, w + v, v < w))
        try:
            v + i
        except TypeError as e:
            out.append(str(e))
        try:
            v += "s"
        except TypeError as e:
            out.append(str(e))
    return out[:3], out[-3:], len(out)


def traced(n):
    class T:
        def __init__(self, v):
            self.v = v

        def __add__(self, other):
            if self.v == 170:
                raise ValueError([f.f_code.co_name for f in (sys._getframe(0), sys._getframe(1))])
            return T(self.v + other.v)

    t = T(0)
    one = T(1)
    for i in range(n):
        t = t + one
    return t.v


print(vectors(300))
print(matrix(12))
print(compare(300))
print(mixed(60))
print(reflected(300))
print(in_place(300))
print(subclasses(60))
for _ in range(2):
    try:
        traced(300)
    except ValueError as e:
        print(e, [(f.name, f.lineno) for f in traceback.extract_tb(e.__traceback__)])


def changing(n):
    p = V(0, 0)
    q = V(1, 1)
    for i in range(n):
        if i == n // 2:
            V.__add__ = lambda self, other: V(self.x - other.x, 7)
        if i == n - 5:
            V.__radd__ = lambda self, other: 5
            del V.__add__
        try:
            p = p + q
        except TypeError as e:
            p = V(100, len(str(e)))
    return p


print(changing(300))
