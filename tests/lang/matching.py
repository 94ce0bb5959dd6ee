# expect-compiled: machine, shapes, trees, nested, literals, kinds, keyed, stars, values, guards, failing, deep, registered
"""`match`: sequences, mappings, classes, literals, values, captures, stars, guards, and subjects of all kinds."""

import array
import collections
import collections.abc
import dataclasses
import enum
import sys


class State(enum.Enum):
    IDLE = 1
    RUN = 2
    DONE = 3


@dataclasses.dataclass
class Point:
    x: int
    y: int


@dataclasses.dataclass
class Circle:
    centre: Point
    r: float


class Loose:
    __match_args__ = ("a", "b")

    def __init__(self, **kw):
        self.__dict__.update(kw)


class Nosy:
    __match_args__ = ("a",)

    @property
    def a(self):
        return [f"{sys._getframe(1).f_code.co_name}", sys._getframe(1).f_lineno]


class Raises:
    __match_args__ = ("a",)

    @property
    def a(self):
        raise ZeroDivisionError("a")


class Sized(collections.UserList):
    pass


def machine(n):
    state, count, log = State.IDLE, 0, []
    events = ["start", ("tick", 3), "wait", ("tick", 0), ("tick", 2, 5), "stop", 7]
    for i in range(n):
        ev = events[i * 5 % 7]
        match state, ev:
            case State.IDLE, "start":
                state = State.RUN
            case State.RUN, ("tick", k) if k > 0:
                count += k
            case State.RUN, ("tick", *rest):
                count += len(rest)
            case State.RUN, "stop":
                state = State.DONE
            case State.DONE, _:
                state = State.IDLE
            case _, int(k):
                count += k
            case _:
                log.append(i)
    return state, count, len(log)


def shapes(things):
    out = []
    for t in things:
        match t:
            case Point(x=0, y=0):
                out.append("origin")
            case Point(0, y):
                out.append(("on y", y))
            case Point(x, y) if x == y:
                out.append(("diagonal", x))
            case Circle(Point(a, b), r=r):
                out.append((a, b, r))
            case Loose(a, b=2):
                out.append(("loose", a))
            case Loose():
                out.append("any loose")
            case int() | float() as number:
                out.append(("number", number))
            case str(s) | bytes(s):
                out.append(("text", s))
            case None:
                out.append("none")
            case _:
                out.append(type(t).__name__)
    return out


def trees(t):
    match t:
        case ("+", a, b):
            return trees(a) + trees(b)
        case ("*", a, b):
            return trees(a) * trees(b)
        case ("-", a):
            return -trees(a)
        case ["let", _, value, body]:
            return trees(value) + trees(body)
        case {"value": v}:
            return v
        case int(n) | float(n):
            return n
    return None


def nested(rows):
    out = []
    for row in rows:
        match row:
            case []:
                out.append("empty")
            case [x]:
                out.append(("one", x))
            case [[a, b], [c, d]]:
                out.append(a * d - b * c)
            case [[a, *_], *others]:
                out.append((a, len(others)))
            case (x, y, *z):
                out.append((x, y, z))
    return out


def literals(values):
    out = []
    for v in values:
        match v:
            case 0:
                out.append("zero")
            case 1 | 2 | 3:
                out.append("few")
            case -1.5:
                out.append("real")
            case 2 + 3j:
                out.append("complex")
            case "yes" | "y":
                out.append("yes")
            case b"raw":
                out.append("raw")
            case True | False:
                out.append("bool")
            case None:
                out.append("none")
            case other:
                out.append(other)
    return out


def kinds(values):
    out = []
    for v in values:
        match v:
            case [*items]:
                out.append(("sequence", len(items)))
            case {**items}:
                out.append(("mapping", len(items)))
            case _:
                out.append(type(v).__name__)
    return out


def keyed(records):
    out = []
    for r in records:
        match r:
            case {"kind": "add", "a": a, "b": b}:
                out.append(a + b)
            case {"kind": "neg", "a": a, **rest}:
                out.append((-a, sorted(rest)))
            case {"kind": str(k)}:
                out.append(k)
            case {}:
                out.append("other")
    return out


def stars(rows):
    out = []
    for row in rows:
        first, *middle, last = row
        out.append((first, middle, last))
        *init, end = row
        out.append((init, end))
        try:
            a, b, *c, d = row
            out.append((a, b, c, d))
        except ValueError as e:
            out.append(str(e))
    return out


class Limits:
    LOW = 3
    HIGH = 7


def values(n):
    out = [0, 0, 0]
    for i in range(n):
        match i % 10:
            case Limits.LOW:
                out[0] += 1
            case Limits.HIGH:
                out[1] += 1
            case _:
                out[2] += 1
    return out


def guards(n):
    total = 0
    for i in range(n):
        match (i % 4, i % 3):
            case (a, b) if a == b:
                total += 1
            case (0, b) if b:
                total += 10
            case (a, 0):
                total += 100 * a
            case (a, b):
                total += 1000
    return total


def failing(n):
    out = []
    subjects = [Nosy(), Raises(), 5, Loose(a=1)]
    for i in range(n):
        try:
            match subjects[i % 4]:
                case Nosy(a):
                    out.append(a)
                case Raises(a):
                    out.append("no")
                case Loose(1, 2, 3):
                    out.append("never")
                case int(real=x):
                    out.append(x)
        except (ZeroDivisionError, TypeError) as e:
            out.append((str(e), e.__traceback__.tb_lineno))
    return out[-8:]


def deep(n):
    match n:
        case 0:
            return []
        case k:
            return [k, *deep(k - 1)]


class Late:
    def __init__(self, items):
        self.items = items

    def __len__(self):
        return len(self.items)

    def __getitem__(self, i):
        return self.items[i]


def registered(n):
    out = []
    for i in range(n):
        if i == n // 2:
            collections.abc.Sequence.register(Late)
        match Late([i, i + 1]):
            case [a, b]:
                out.append(b - a)
            case _:
                out.append(0)
    return sum(out)


def main():
    things = [Point(0, 0), Point(0, 3), Point(4, 4), Point(1, 2), Circle(Point(1, 2), 3.5), Loose(a=1, b=2), Loose(a=1)]
    things += [3, 2.5, True, "s", b"b", None, [], {}]
    expr = ("+", ("*", 3, {"value": 4}), ["let", "x", 5, ("-", 2.5)])
    rows = [[], [1], [[1, 2], [3, 4]], [[1, 2, 3], 4, 5], (1, 2, 3, 4), (1, 2), "ab", range(3), [1, 2]]
    records = [{"kind": "add", "a": 1, "b": 2}, {"kind": "neg", "a": 3, "z": 1}, {"kind": "k"}, {"a": 1}, {}, [1]]
    records += [collections.OrderedDict(kind="add", a="x", b="y"), collections.defaultdict(list)]
    mixed = [
        [1, 2],
        (1,),
        "text",
        b"x",
        {"a": 1},
        {1, 2},
        range(4),
        array.array("i", [1]),
        collections.deque([1, 2, 3]),
    ]
    mixed += [memoryview(b"abc"), Sized([1]), collections.OrderedDict(a=1), 5, None]
    numbers = [0, 1, 3, -1.5, 2 + 3j, "y", b"raw", True, False, None, 1.0, 0.0, "z", 10**30]
    for _ in range(40):
        results = [
            machine(60),
            shapes(things),
            trees(expr),
            nested(rows),
            literals(numbers),
            kinds(mixed),
            keyed(records),
            stars([[1, 2, 3, 4], (1, 2, 3), [1, 2]]),
            values(40),
            guards(48),
            failing(12),
            deep(9),
        ]
    for r in results:
        print(r)
    print(registered(300))
    for bad in ([1], (), 5, "a"):
        try:
            print(stars([bad]))
        except (ValueError, TypeError) as e:
            print(type(e).__name__, e)


main()
