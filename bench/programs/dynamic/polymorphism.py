"""One call site, many types: duck typing, operators over mixed numbers, megamorphic calls."""

SCALE = 1_100_000
SMALL_SCALE = 60_000


class Circle:
    def __init__(self, r):
        self.r = r

    def area(self):
        return 3.14159 * self.r * self.r


class Square:
    def __init__(self, side):
        self.side = side

    def area(self):
        return self.side * self.side


class Triangle:
    def __init__(self, base, height):
        self.base = base
        self.height = height

    def area(self):
        return self.base * self.height / 2


class Ring(Circle):
    def __init__(self, r, hole):
        super().__init__(r)
        self.hole = hole

    def area(self):
        return super().area() - 3.14159 * self.hole * self.hole


class Group:
    def __init__(self, *members):
        self.members = members

    def area(self):
        return sum(m.area() for m in self.members)


def add(a, b):
    return a + b


def describe(x):
    if isinstance(x, bool):
        return "truth"
    if isinstance(x, (int, float)):
        return "number" if x >= 0 else "negative"
    if isinstance(x, str):
        return x[:1]
    return type(x).__name__


def run(scale):
    shapes = [
        Circle(2),
        Square(3.5),
        Triangle(4, 5),
        Ring(5, 1),
        Square(2),
        Group(Circle(1), Square(1)),
    ]
    pairs = [(1, 2), (1.5, 2), ("a", "b"), ([1], [2]), ((1,), (2, 3)), (True, 7), (2**70, 1)]
    things = [1, -2.5, "word", None, True, [1], {"k": 1}, (1, 2), 3j]
    area = 0.0
    size = 0
    names = {}
    for i in range(scale):
        area += shapes[i % 6].area()
        area += shapes[i * i % 6].area()
        a, b = pairs[i % 7]
        result = add(a, b)
        size += len(result) if hasattr(result, "__len__") else 1
        name = describe(things[i % 9])
        names[name] = names.get(name, 0) + 1
    return area, size, sorted(names.items())
