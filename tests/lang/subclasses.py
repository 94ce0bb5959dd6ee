# expect-compiled: total, compare, index, truth, poly, dot
"""Subclasses of int, float, list, str and operator methods must not be taken for the exact types."""


class Mod7(int):
    def __add__(self, other):
        return Mod7((int(self) + int(other)) % 7)

    __radd__ = __add__

    def __lt__(self, other):
        return "lt"


class Loud(float):
    def __mul__(self, other):
        return "loud"

    def __rmul__(self, other):
        return "rloud"

    def __bool__(self):
        return self > 100


class Back(list):
    def __getitem__(self, i):
        return list.__getitem__(self, -1 - i)

    def __iter__(self):
        return iter((7, 8))

    def __len__(self):
        return 2


class Text(str):
    def __eq__(self, other):
        return "never"

    __hash__ = str.__hash__


class Vec:
    def __init__(self, x, y):
        self.x = x
        self.y = y

    def __add__(self, o):
        return Vec(self.x + o.x, self.y + o.y)

    def __mul__(self, k):
        return Vec(self.x * k, self.y * k) if not isinstance(k, Vec) else self.x * k.x + self.y * k.y

    def __rmul__(self, k):
        return self * k

    def __neg__(self):
        return Vec(-self.x, -self.y)

    def __iadd__(self, o):
        self.x += o.x
        self.y += o.y
        return self

    def __lt__(self, o):
        return self.x < o.x

    def __eq__(self, o):
        return isinstance(o, Vec) and (self.x, self.y) == (o.x, o.y)

    def __hash__(self):
        return hash((self.x, self.y))

    def __bool__(self):
        return bool(self.x or self.y)

    def __getitem__(self, i):
        return (self.x, self.y)[i]

    def __repr__(self):
        return f"Vec({self.x!r}, {self.y!r})"


class Reflected:
    def __radd__(self, o):
        return ("radd", o)

    def __rfloordiv__(self, o):
        return ("rfloordiv", o)

    def __gt__(self, o):
        return ("gt", o)


class NotImpl:
    def __add__(self, o):
        return NotImplemented

    def __bool__(self):
        raise ValueError("no truth")


def total(values, start):
    s = start
    for v in values:
        s = s + v
    return s


def compare(a, b):
    return a < b, a == b


def index(seq):
    out = []
    for i in range(len(seq)):
        out.append(seq[i])
    for v in seq:
        out.append(v)
    return out


def truth(values):
    n = 0
    for v in values:
        if v:
            n += 1
    return n


def poly(a, b, c):
    return a * b + c * b


def dot(a, b, n):
    s = Vec(0, 0)
    for i in range(n):
        s += a * i
        s = s + -b
        if s < a or not s:
            s = 0.5 * s
    return s


print(
    total([1, 2, 3], 0),
    total([Mod7(5), 6, Mod7(3)], 0),
    total([1, Mod7(6)], Mod7(3)),
    type(total([Mod7(1)], 1)).__name__,
)
print(
    compare(1, 2),
    compare(Mod7(1), 2),
    compare(2, Mod7(1)),
    compare(Text("a"), "a"),
    compare("a", Text("a")),
    compare(Vec(1, 2), Vec(1, 2)),
)
print(index([1, 2, 3]), index(Back([1, 2, 3])), index(Text("ab")), index((1,)))
print(truth([1, 0, 0.5]), truth([Loud(5.0), Loud(500.0)]), truth([Vec(0, 0), Vec(0, 1), Back(), Text("")]))
print(poly(1, 2, 3), poly(1.5, 2.0, 3.0), poly(Loud(1.5), 2, 3) if False else "", total([Loud(1.5), 2.5], 0))
print([a * b for a in (2, Loud(3.0), 1.5) for b in (4, Loud(0.5))])
print(
    poly(Vec(1, 2), 3, Vec(0.5, 1)),
    poly(2, Vec(1, 1), 3),
    dot(Vec(1, 2.5), Vec(0.5, 1), 20),
    total([Vec(1, 2)] * 5, Vec(0, 0)),
)
print(total([Reflected()], 1), [1 // Reflected(), 1 < Reflected(), 2.5 + Reflected()])
for f in (lambda: NotImpl() + 1, lambda: total([NotImpl()], 1), lambda: truth([1, NotImpl()])):
    for _ in range(3):
        try:
            f()
        except (TypeError, ValueError) as e:
            print(e)
for turn in range(6):
    if turn == 3:
        Vec.__add__ = lambda self, o: Vec(self.x - o.x, 0)
    print(total([Vec(1, 2)] * 3, Vec(10, 10)), end=" ")
print()


class Hostile(int):
    def __index__(self):
        return 1

    def __eq__(self, o):
        return True

    __hash__ = int.__hash__


h = Hostile(0)
print([10, 20][h], list(range(h, 3)), h == 5, 5 == h, h + 1, range(5)[h], bytearray(3)[h], chr(Hostile(97)))
