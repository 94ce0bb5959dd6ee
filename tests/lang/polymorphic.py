# expect-compiled: attributes, methods, stores, properties, megamorphic, mixed, shadowed
"""One attribute instruction, instances of several classes: fields, slots, methods, properties, class values; classes changed meanwhile."""

import sys


class A:
    kind = "a"

    def __init__(self, n):
        self.n = n
        self.count = 0

    def step(self, k):
        return self.n + k

    @property
    def size(self):
        return self.n * 2


class B:
    kind = "b"
    __slots__ = ("count", "m", "n")

    def __init__(self, n):
        self.m = 1
        self.n = n + 0.5
        self.count = 0

    def step(self, k):
        return self.n * k

    @property
    def size(self):
        return self.m


class C(A):
    kind = ("c",)

    def __init__(self, n):
        self.first = None
        super().__init__(str(n))

    def step(self, k):
        return len(self.n) - k

    size = 7


class D:
    """Attributes by __getattr__."""

    kind = "d"
    count = 0

    def __getattr__(self, name):
        if name == "n":
            return 11
        if name == "size":
            return "large"
        raise AttributeError(name)

    def step(self, k):
        return -k


class E(A):
    def step(self, k):
        raise KeyError(k)


class F(A):
    kind = "f"

    def step(self, k):
        return k


class G(B):
    """Slots of a base and a dict."""

    kind = "g"


def attributes(objects, rounds):
    seen = []
    for _ in range(rounds):
        for o in objects:
            seen.append(o.n)
            if len(seen) > 12:
                seen.clear()
    return seen


def methods(objects, rounds):
    total = 0
    for i in range(rounds):
        for o in objects:
            total += o.step(i)
            total -= o.step(2)
    return total


def stores(objects, rounds):
    for i in range(rounds):
        for o in objects:
            o.count += 1
            o.last = i
    return [(o.count, o.last) for o in objects]


def properties(objects, rounds):
    total = ()
    for _ in range(rounds):
        for o in objects:
            total = (*total[-5:], o.size, o.kind)
    return total


def megamorphic(objects, rounds):
    total = 0
    kinds = 0
    for i in range(rounds):
        for o in objects:
            try:
                total += o.step(i)
                kinds += len(o.kind)
            except KeyError as e:
                total += e.args[0]
    return total, kinds


def mixed(objects, rounds):
    """Builtin objects among them."""
    out = []
    for _ in range(rounds):
        for o in objects:
            out.append(o.real)
            if len(out) > 20:
                out = out[-3:]
    return out


def shadowed(objects, rounds, at):
    total = 0
    for i in range(rounds):
        if i == at:
            objects[0].step = lambda k: 1000
        if i == 2 * at:
            del objects[0].step
        for o in objects:
            total += o.step(i)
    return total


class Number:
    def __init__(self, real):
        self.real = real


for n in (3, 400):
    print(attributes([A(1), B(2), C(3)], n))
    print(attributes([A(1), B(2), C(3), D(), A(5)], n))
    print(methods([A(1), B(2), C(3)], n))
    print(methods([C(3), A(1)], n), methods([B(1)], n))
    print(stores([A(1), C(2)], n), stores([A(1), G(2), F(3)], n))
    print(properties([A(1), B(2), C(3)], n), properties([A(1), B(2), D()], n))
    print(megamorphic([A(1), B(2), C(3), D(), E(4), F(5), G(6)], n))
    print(mixed([1, Number(2), 2.5, Number("x"), True], n), mixed([Number(1), 3], n))
    print(shadowed([A(1), B(1), F(2)], n, n // 3), shadowed([F(1), A(1), F(2)], n, n // 3))


# Attributes that are missing, and tracebacks.
def missing(objects, rounds):
    out = []
    for _ in range(rounds):
        for o in objects:
            try:
                out.append(o.late)
            except AttributeError as e:
                out.append((str(e), e.__traceback__.tb_lineno, e.name))
            if len(out) > 9:
                del out[:5]
    return out


late = A(1)
objects = [A(1), B(2), late]
print(missing(objects, 300))
late.late = 5
A.late = "class"
print(missing(objects, 300))
del A.late
print(missing(objects, 300))


# Classes that change in the middle of the loop.
def changing(objects, rounds):
    total = 0
    for i in range(rounds):
        if i == rounds // 4:
            A.step = lambda self, k: self.n - k
        if i == rounds // 2:
            objects[1].__class__ = F
        if i == rounds * 3 // 4:
            C.step = property(lambda self: lambda k: k + 0.5)
        for o in objects:
            total += o.step(i)
    return total


old = A.step, C.step
print(changing([A(1), A(2), B(3), C(4)], 400))
A.step, C.step = old
print(methods([A(1), B(2), C(3)], 100))


# Instances with a dict of their own, keys in another order, dicts replaced.
def dicts(objects, rounds):
    total = 0
    for i in range(rounds):
        for o in objects:
            total += o.n + o.count
            if i % 50 == 7:
                o.__dict__["n"] = total % 13
            if i % 50 == 9:
                o.__dict__ = {"count": 1, "n": i}
    return total, [sorted(o.__dict__.items()) for o in objects]


print(dicts([A(1), F(2), E(3)], 300))


class Odd:
    def __init__(self, text):
        self.text = text
        self.asked = 0

    def __hash__(self):
        return hash(self.text)

    def __eq__(self, other):
        self.asked += 1
        return False


odd = Odd("n")
strange = A(5)
strange.__dict__.clear()
strange.__dict__[odd] = 1
strange.__dict__["n"] = 5
asked = odd.asked
attributes([A(1), strange, B(1), D(), C(3)], 50)
print(odd.asked > asked)
before = [sys.getrefcount(A.__dict__["size"]), sys.getrefcount(A), sys.getrefcount(B)]
properties([A(1), B(2), C(3)], 300)
methods([A(1), B(2), C(3), F(1), D()], 300)
print([x - y for x, y in zip([sys.getrefcount(A.__dict__["size"]), sys.getrefcount(A), sys.getrefcount(B)], before)])
