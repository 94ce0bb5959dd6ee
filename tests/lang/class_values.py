# expect-compiled: by_class_method, deep, made, of_type, by_class, pretended, several, changed, counted, compared, chosen, drawn, bits, indexed, singles, unwrapped
"""Classes as values: `cls`, `type(x)`, `x.__class__`, a class in a variable; and small things next to them that library code does."""

import gc
import operator
import random
import weakref


class Shape:
    SIDES = 0
    made = 0

    def __init__(self, size):
        self.size = size

    @classmethod
    def scaled(cls, size):
        return cls(size * 2 + cls.SIDES)

    @classmethod
    def depth(cls, n):
        return cls.SIDES if n <= 0 else 1 + cls.depth(n - 1)

    @classmethod
    def register(cls):
        cls.made += 1
        return cls.made

    @staticmethod
    def twice(x):
        return x * 2

    def sides(self):
        return type(self).SIDES

    def sides_too(self):
        return self.__class__.SIDES + self.__class__.twice(self.size)

    def grown(self):
        return type(self)(self.size + 1)


class Square(Shape):
    SIDES = 4


class Hexagon(Shape):
    SIDES = 6

    @classmethod
    def depth(cls, n):
        return 100 + super().depth(n)


class Liar(Shape):
    @property
    def __class__(self):
        return Square


class Meta(type):
    SIDES = 77

    @property
    def loud(cls):
        return cls.__name__.upper()


class Special(Shape, metaclass=Meta):
    pass


def by_class_method(n):
    total = 0
    for i in range(n):
        total += Square.scaled(i).size + Square(i).scaled(1).size
    return total


def deep(n):
    total = 0
    for i in range(n):
        total += Square.depth(i % 7)
    return total


def made(cls, n):
    total = 0
    for i in range(n):
        total += cls(i).size + cls.SIDES + cls.twice(i)
    return total


def of_type(shape, n):
    total = 0
    for i in range(n):
        total += type(shape).SIDES + shape.sides()
        if type(shape) is Square:
            total += 1
        if type(i) is int and type(i) == int and type(total) is not float:
            total += 1
        shape = shape.grown()
    return total, shape.size, type(shape).__name__


def by_class(shape, n):
    total = 0
    for i in range(n):
        total += shape.__class__.SIDES + shape.sides_too()
    return total


def pretended(n):
    liar, total = Liar(3), 0
    for i in range(n):
        total += liar.__class__.SIDES * 1000 + type(liar).SIDES + isinstance(liar, Square)
    return total


def several(n):
    shapes = [Square(1), Hexagon(2), Shape(3), Special(4), Liar(5)]
    out = 0
    for i in range(n):
        shape = shapes[i % 5]
        cls = type(shape)
        out += cls.SIDES + cls.depth(2) + cls.twice(i) + shape.sides()
    return out


def changed(n):
    square, out = Square(1), []
    for i in range(n):
        if i == n // 2:
            Square.SIDES = 5
        if i == n // 2 + 3:
            square.__class__ = Hexagon
        out.append(type(square).SIDES + square.__class__.SIDES * 10 + square.depth(1))
    Square.SIDES = 4
    return sum(out), out[-1], out[0]


def counted(n):
    Shape.made = 0
    total = 0
    for _ in range(n):
        total += Shape.register()
    for _ in range(n):
        total += Square.register()
    at_the_end = Shape.made, Square.made
    del Square.made
    return total, at_the_end


def compared(n):
    classes = [int, float, Square, Meta, type]
    values = [1, 2.0, Square(1), Special, Meta]
    hits = 0
    for i in range(n):
        for a in classes:
            for v in values:
                hits += type(v) is a
                hits += 2 * (v.__class__ is a)
    return hits


def chosen(n):
    """A class that is made anew again and again, and goes."""
    refs, total = [], 0
    for i in range(n):
        cls = type("Local", (Shape,), {"SIDES": i})
        for k in range(3):
            total += cls(k).sides() + cls.SIDES
        refs.append(weakref.ref(cls))
        del cls
    gc.collect()
    return total, sum(r() is not None for r in refs) <= 1


def drawn(n):
    rnd = random.Random(5)
    out = 0
    for i in range(n):
        out += rnd.randrange(10) + rnd.randint(1, 6) * 100 + rnd.choice([1000, 2000]) + rnd.randrange(3, 90, 4)
        out += int(rnd.random() * 7) + rnd.getrandbits(5)
    return out, rnd.uniform(0, 1), rnd.gauss(0, 1)


def bits(n):
    out = 0
    for i in range(-n, n):
        out += i.bit_length() + (i * i * i << 40).bit_length() + (i == 3).bit_length()
    return out, (-(2**63)).bit_length(), (2**63).bit_length(), (0).bit_length()


class Indexed:
    def __index__(self):
        return 41


def indexed(n):
    out = []
    values = [5, True, 2**70, Indexed(), -3]
    for i in range(n):
        v = values[i % 5]
        out.append(operator.index(v))
        out.append(operator.index(i) is i)
    same = values[2]
    try:
        operator.index(1.5)
    except TypeError as e:
        out.append(str(e))
    return out[-12:], operator.index(same) is same


ONE = 1
LARGE = 257 * 1000003


def singles(n, step=ONE, large=LARGE):
    hits = 0
    for i in range(n):
        small = i % 3
        if small is ONE:
            hits += 1
        if step is not ONE:
            hits += 100000
        if large is not LARGE:
            hits += 1000000
        if small is not step:
            hits += 10
    return hits


def unwrapped(n):
    """What a class has from its own class."""
    out = 0
    for i in range(n):
        out += len(Special.loud) + type(Special(i)).SIDES + type(Special).SIDES
    return out


def main(n):
    print(by_class_method(n), deep(n))
    print(made(Square, n), made(Hexagon, n), made(Special, n), made(Square, n))
    print(of_type(Square(1), n), of_type(Shape(1), n), of_type(Special(2), n))
    print(by_class(Square(1), n), by_class(Hexagon(2), n), by_class(Liar(2), n))
    print(pretended(n), several(n), changed(n), changed(n))
    print(counted(n), compared(n // 10), chosen(40))
    print(drawn(n), bits(n), indexed(n), singles(n), singles(n, 2), unwrapped(n))
    try:
        made(3, 1)
    except (TypeError, AttributeError) as e:
        print(type(e).__name__, e)
    print(made(Hexagon, n))


main(400)
main(400)
