# expect-compiled: simulate, deposits, visit, polymorphic, bump_all
"""Attributes, methods, properties, slots, class patching in hot loops."""

from dataclasses import dataclass


class Particle:
    def __init__(self, x, v):
        self.x = x
        self.v = v

    def step(self, dt):
        self.x += self.v * dt
        if self.x > 10 or self.x < 0:
            self.v = -self.v
        return self.x


class Account:
    rate = 0.5
    made = 0

    def __init__(self):
        self._balance = 0
        Account.made += 1

    @property
    def balance(self):
        return self._balance * (1 + self.rate)

    @balance.setter
    def balance(self, v):
        self._balance = v

    @staticmethod
    def fee(x):
        return x // 10

    @classmethod
    def count(cls):
        return cls.made


class Slotted:
    __slots__ = ("a", "b")

    def __init__(self, a):
        self.a = a


@dataclass
class Node:
    value: int
    next: "Node | None" = None


class Shape:
    def area(self):
        return 0


class Square(Shape):
    def __init__(self, s):
        self.s = s

    def area(self):
        return self.s * self.s + super().area()


class Circle(Shape):
    def __init__(self, r):
        self.r = r

    def area(self):
        return 3.25 * self.r**2


def simulate(n):
    ps = [Particle(i, i * 0.5 + 1) for i in range(4)]
    total = 0.0
    for _ in range(n):
        for p in ps:
            total += p.step(0.25)
    return total, [(p.x, p.v) for p in ps]


def deposits(acc, n):
    seen = []
    for i in range(n):
        acc.balance = i + acc._balance
        seen.append(acc.balance - Account.fee(i) + acc.count() + Account.rate)
    return seen


def visit(node):
    s = 0
    while node is not None:
        s += node.value
        node = node.next
    return s


def polymorphic(shapes):
    return sum([s.area() for s in shapes])


def bump_all(things, n):
    for i in range(n):
        for t in things:
            t.a = t.a + i
    return [t.a for t in things]


print(simulate(100))
acc = Account()
print(deposits(acc, 8))
Account.rate = 2
acc.rate = 1
print(deposits(acc, 5))
del acc.rate
Account.fee = staticmethod(lambda x: x * 100)
print(deposits(acc, 5))
head = None
for i in range(20):
    head = Node(i, head)
print(visit(head), head.next.value, visit(None))
print(polymorphic([Square(2), Circle(1), Shape()] * 3), polymorphic([Square(1.5)] * 5))
Square.area = lambda self: -1
print(polymorphic([Square(2), Circle(1)] * 3))
print(bump_all([Slotted(1), Slotted(2.5)], 10), bump_all([Particle.__new__(Particle)], 0) if False else "")


class Loose:
    a = 5


l = Loose()
print(bump_all([l], 4), vars(l), bump_all([Slotted(0), Loose(), l], 3))
l.__dict__ = {"a": 100}
print(bump_all([l], 4))
s = Slotted(1)
for f in (
    lambda: s.b,
    lambda: s.c,
    lambda: l.zzz,
    lambda: Particle(1),
    lambda: None.x,
    lambda: setattr(s, "q", 1),
    lambda: (5).foo,
):
    try:
        print(f())
    except (AttributeError, TypeError) as e:
        print(e)


class Dyn:
    def __getattr__(self, name):
        return len(name)

    def __call__(self, x):
        return x * 2

    def __len__(self):
        return 3

    def __contains__(self, x):
        return x == 2

    def __iter__(self):
        return iter("xyz")


def dynamic(d, n):
    out = 0
    for i in range(n):
        out += d.abc + d(i) + len(d) + (i in d)
        for c in d:
            out += ord(c)
    return out


print([dynamic(Dyn(), n) for n in (1, 5, 20)])


def change_class(n):
    p = Square(3)
    out = []
    for i in range(n):
        if i == n // 2:
            p.__class__ = Circle
            p.r = 2
        out.append(p.area())
    return out


print(change_class(6), change_class(20)[-1])
