# expect-compiled: drive, made, odd_forms, total, patched
"""super() in hot methods: chains, diamonds, properties, class methods, patched classes, odd ways to write it."""

import abc
import sys


class Base:
    def __init__(self, n):
        self.n = n

    def value(self, k):
        return self.n + k

    def total(self, ks):
        t = 0
        for k in ks:
            t += self.value(k)
        return t

    @property
    def size(self):
        return self.n * 2

    @classmethod
    def make(cls, n):
        return cls(n)

    @staticmethod
    def plain(n):
        return n + 100


class Left(Base):
    def __init__(self, n):
        super().__init__(n + 1)
        self.left = n

    def value(self, k):
        return super().value(k) * 2

    @property
    def size(self):
        return super().size + self.left

    @classmethod
    def make(cls, n):
        made = super().make(n)
        made.n += 1
        return made

    @staticmethod
    def plain(n):
        return Base.plain(n) + 1


class Right(Base):
    def value(self, k):
        return super().value(k) - 3


class Both(Left, Right):
    def __init__(self, n):
        super().__init__(n)
        self.both = super().size

    def value(self, k):
        return super().value(k) + super(Left, self).value(k)


class Abstract(abc.ABC):
    def __init__(self, n):
        super().__init__()
        self.n = n

    @abc.abstractmethod
    def value(self, k):
        return self.n - k


class Concrete(Abstract):
    def value(self, k):
        return super().value(k) * 5


class Shadow(Left):
    """The instance's own attribute of that name is not what super() finds."""

    def __init__(self, n):
        super().__init__(n)
        self.value_of_super = None

    def value(self, k):
        self.__dict__["value"] = None
        try:
            return super().value(k)
        finally:
            del self.__dict__["value"]


class Fails(Base):
    def value(self, k):
        try:
            return super().missing(k)
        except AttributeError as e:
            return len(str(e)) + k

    def total(self, ks):
        return super().total(ks)


def drive(objects, rounds):
    out = 0
    for i in range(rounds):
        for o in objects:
            out += o.value(i)
    return out


def made(rounds):
    out = []
    for i in range(rounds):
        b = Both(i)
        out.append((b.n, b.left, b.both, b.size))
        if len(out) > 4:
            del out[:3]
        m = Left.make(i)
        out.append((m.n, m.size, Both.make(i).n, Left.plain(i)))
    return out


for n in (4, 300):
    print(drive([Base(1)], n), drive([Left(1), Right(2)], n), drive([Both(1)], n))
    print(drive([Base(1), Left(2), Right(3), Both(4)], n), drive([Concrete(7)], n))
    print(drive([Base(1), Left(2), Right(3), Both(4), Concrete(5), Shadow(6), Fails(7)], n))
    print(made(n))
    print([Class(3).total(range(n)) for Class in (Base, Left, Right, Both, Shadow, Fails)])


def odd_forms(rounds):
    class Odd(Left):
        def value(self, k):
            s = super()
            return s.value(k) + super(Odd, self).value(k) + super(Left, self).value(k)

        def other(self, k):
            me = self
            self = None
            return super(Odd, me).value(k)

        def wrong(self, k):
            self = k  # noqa: F841
            return super().value(k)

        def unbound(self, k):
            return super(Left).__thisclass__.__name__

        def assigns(self, k):
            f = super().value
            return f(k)

    o = Odd(2)
    out = 0
    for i in range(rounds):
        out += o.value(i) + o.other(i) + o.assigns(i) + len(o.unbound(i))
        try:
            o.wrong(i)
        except (TypeError, RuntimeError) as e:
            out += len(str(e))
    return out


print(odd_forms(3), odd_forms(300))


def patched(objects, rounds):
    out = 0
    for i in range(rounds):
        if i == rounds // 4:
            Base.value = lambda self, k: 1000
        if i == rounds // 2:
            Right.value = lambda self, k: super(Right, self).value(k) + 0.5
        if i == rounds * 3 // 4:
            Both.__bases__ = (Right, Left)
        for o in objects:
            out += o.value(i)
    return out


old = Base.value, Right.value
print(patched([Left(1), Both(2), Right(3)], 400))
Base.value, Right.value = old
Both.__bases__ = (Left, Right)
print(drive([Base(1), Left(2), Right(3), Both(4)], 100))


class Traced(Base):
    def value(self, k):
        return super().value(k)


def raises(rounds):
    t = Traced(1)
    seen = []
    for i in range(rounds):
        try:
            t.value(i if i % 50 else "x")
        except TypeError as e:
            tb, lines = e.__traceback__, []
            while tb:
                lines.append((tb.tb_frame.f_code.co_qualname, tb.tb_lineno))
                tb = tb.tb_next
            seen.append((str(e), lines))
    return seen


print(raises(300)[-2:])
before = [sys.getrefcount(c) for c in (Base, Left, Both, Base.__dict__["value"])]
drive([Left(1), Both(2), Traced(3)], 400)
print([a - b for a, b in zip([sys.getrefcount(c) for c in (Base, Left, Both, Base.__dict__["value"])], before)])


# Another function in the place of `super`, at module level, and another content of the cell.
class Mine:
    def __init__(self, *args):
        pass

    def value(self, k):
        return -1


def renamed(rounds):
    t = Traced(5)
    out = 0
    for i in range(rounds):
        if i == rounds // 2:
            globals()["super"] = Mine
        out += t.value(i)
    del globals()["super"]
    cell = Traced.value.__closure__[0]
    for i in range(rounds):
        if i == rounds // 2:
            cell.cell_contents = Base
        try:
            out += t.value(i)
        except AttributeError as e:
            out += len(str(e))
    cell.cell_contents = Traced
    return out


print(renamed(4), renamed(300))
