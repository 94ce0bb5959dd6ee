# expect-compiled: attributes, stores, instances, mappings, deletions, heaps, truths, comparisons, iterators, clearing
"""What compiled code does for builtin operands without showing its frames, and what looks like such and is not."""

import collections
import enum
import heapq
import sys


def caller():
    frame = sys._getframe(2)
    return frame.f_code.co_name, frame.f_lineno


class Meta(type):
    @property
    def named(cls):
        return ("from the metaclass", cls.__name__)


class Plain:
    kind = "plain"
    count = 0

    @classmethod
    def made(cls):
        return cls.kind

    @staticmethod
    def fixed():
        return "fixed"

    @property
    def seen(self):
        return caller()[0]


class Special(metaclass=Meta):
    kind = "special"


class Slots:
    __slots__ = ("a", "b")
    c = 5


class Guarded:
    def __setattr__(self, name, value):
        super().__setattr__(name, (value, caller()[0]))


class Loud:
    def __init__(self, log):
        self.log = log

    def __del__(self):
        self.log.append(caller()[0])


class Color(enum.Enum):
    RED = 1
    BLUE = 2


class Level(enum.IntEnum):
    LOW = 1
    HIGH = 2


Point = collections.namedtuple("Point", "x y")


def attributes(rounds):
    out = []
    p = Plain()
    error = ValueError("a", 2)
    for i in range(rounds):
        for o, name in (
            (Plain, "kind"),
            (p, "kind"),
            (Special, "kind"),
            (Special, "named"),
            (p, "seen"),
            (Color, "RED"),
            (Point(i, 2), "x"),
            (error, "args"),
            (sys, "maxunicode"),
        ):
            out.append(getattr(o, name))
        out.append(
            (
                Plain.made(),
                Plain.fixed(),
                p.made(),
                p.fixed(),
                Special.named,
                Color.RED.value,
                Point(i, i).y,
                error.args[0],
            )
        )
        if i == rounds - 2:
            Plain.kind = "changed"
    Plain.kind = "plain"
    return out[-20:]


def stores(rounds):
    log = []
    objects = [Plain(), Slots(), Guarded(), Plain()]
    for i in range(rounds):
        for o in objects:
            o.a = i
            o.b = Loud(log) if i % 3 == 0 else None
        Plain.count += 1
        Plain.extra = Loud(log)
    objects.clear()
    del Plain.extra
    try:
        Slots().c = 1
    except AttributeError as e:
        log.append(str(e))
    try:
        int.extra = 1
    except TypeError as e:
        log.append(str(e))
    return Plain.count, log


class Liar:
    @property
    def __class__(self):
        Liar.asked = caller()[0]
        return int


class Virtual(type):
    def __instancecheck__(cls, o):
        return o == 3


class Three(metaclass=Virtual):
    pass


def instances(rounds):
    things = [1, True, "a", 2.5, None, [], (), {}, Plain(), Liar(), Color.RED, Level.LOW, Plain, 3]
    n = []
    for _ in range(rounds):
        for t in things:
            n.append(
                (
                    isinstance(t, int),
                    isinstance(t, (str, float)),
                    isinstance(t, Plain),
                    isinstance(t, Three),
                    isinstance(t, (list, (dict, tuple))),
                    isinstance(t, int | str),
                )
            )
    try:
        isinstance(1, 5)
    except TypeError as e:
        n.append(str(e))
    return n[-len(things) - 1 :], Liar.asked


class Node:
    pass


class Named:
    def __init__(self, name):
        self.name = name

    def __hash__(self):
        return hash(self.name)

    def __eq__(self, other):
        Named.compared.append(caller()[0])
        return isinstance(other, Named) and self.name == other.name


class Counting(dict):
    def __missing__(self, key):
        self[key] = ("missing", caller()[0])
        return self[key]


class Odd(dict):
    def __getitem__(self, key):
        return ("odd", key)

    def __contains__(self, key):
        return True


def mappings(rounds):
    Named.compared = []
    nodes = [Node() for _ in range(5)]
    groups = collections.defaultdict(list)
    numbers = collections.defaultdict(int)
    called = collections.defaultdict(lambda: caller())
    counter = collections.Counter()
    ordered = collections.OrderedDict()
    counting, odd = Counting(), Odd()
    mixed = {Named("x"): 1, hash("x"): 2, 1.5: 3, None: 4, True: 5, (1, "a"): 6}
    out = []
    for i in range(rounds):
        groups[i % 3].append(i)
        groups[nodes[i % 5]].append(i)
        numbers[(i % 2, "k")] += 1
        numbers[i * 0.5] += 1
        counter["abc"[i % 3]] += 2
        ordered[i % 4] = i
        odd[i] = i
        out.append(
            (
                counting[i % 6],
                odd[i % 7],
                called[i % 2],
                i % 4 in ordered,
                nodes[0] in groups,
                Node() in groups,
                None in mixed,
            )
        )
        out.append(
            (
                mixed[Named("x")],
                mixed[1.5],
                mixed[None],
                mixed[1],
                mixed[1, "a"],
                "x" in {"x", "y"},
                i in frozenset((1, 2)),
            )
        )
        try:
            out.append(mixed[hash("x") + 1])
        except KeyError as e:
            out.append(e.args)
    return (
        out[-9:],
        sorted(numbers.items(), key=str),
        counter,
        ordered,
        [len(groups[n]) for n in nodes],
        groups[0],
        len(Named.compared),
        set(Named.compared),
    )


def deletions(rounds):
    log = []
    d = {}
    items = []
    out = []
    for i in range(rounds):
        d[i] = Loud(log) if i % 5 == 0 else i
        d[i, "k"] = [i]
        items += [i, Loud(log) if i % 4 == 0 else None, str(i)]
        if i % 2:
            del d[i - 1]
            del d[i - 1, "k"]
            del items[0]
            del items[-1]
        try:
            if i % 7 == 0:
                del d["none"]
        except KeyError as e:
            out.append(e.args)
        try:
            if i % 7 == 1:
                del items[10_000_000_000_000_000_000_000]
        except IndexError as e:
            out.append(e.args)
    return len(d), len(items), log, out


class Ranked:
    def __init__(self, rank):
        self.rank = rank

    def __lt__(self, other):
        Ranked.asked = caller()[0]
        return self.rank < other.rank


def heaps(rounds):
    queues = [[], [], [], [], []]
    out = []
    x = 7
    for i in range(rounds):
        x = (x * 1103515245 + 12345) & 0x7FFFFFFF
        items = (
            x % 50,
            (x % 10 * 0.5, i, Node()),
            str(x % 30),
            Ranked(x % 9),
            (x % 3, None if x % 2 else None, "ab"[x % 2]),
        )
        for q, item in zip(queues, items):
            heapq.heappush(q, item)
        if i % 3 == 2:
            for q in queues:
                item = heapq.heappop(q)
                out.append(item.rank if isinstance(item, Ranked) else item[:2] if isinstance(item, tuple) else item)
    shape = [[e.rank if isinstance(e, Ranked) else e[:2] if isinstance(e, tuple) else e for e in q] for q in queues]
    for broken in ([1], [(1, Node())], []):
        try:
            heapq.heappush(broken, "a" if broken else 1)
            heapq.heappush(broken, (1, Node()))
        except TypeError as e:
            out.append((str(e), len(broken)))
    try:
        heapq.heappop([])
    except IndexError as e:
        out.append(str(e))
    nan = [float("nan"), 1.0, 2.0]
    heapq.heappush(nan, 0.5)
    out.append(heapq.heappop(nan))
    return out, shape, Ranked.asked


class Long:
    def __len__(self):
        Long.asked = caller()[0]
        return 0


class Never:
    def __bool__(self):
        Never.asked = caller()[0]
        return False


def truths(rounds):
    things = [
        collections.deque(),
        collections.deque([1]),
        Plain(),
        Long(),
        Never(),
        {}.keys(),
        {1: 2}.items(),
        frozenset(),
        Color.RED,
        Plain,
        collections.defaultdict(int),
        Level.LOW,
    ]
    out = []
    for _ in range(rounds):
        out.append([1 if t else 0 for t in things])
        out.append([not t for t in things])
    return out[-2:], Long.asked, Never.asked


def comparisons(rounds):
    a, b = Plain(), Plain()
    things = [a, b, None, 1, "1", Color.RED, Color.BLUE, Level.LOW, Level.HIGH, Ranked(1), Named("q"), 2.0]
    out = []
    for _ in range(rounds):
        out.append([(x == y, x != y) for x in things for y in things])
    for x, y in ((a, b), (Color.RED, 1), (Level.LOW, 2), (Level.HIGH, 1.5)):
        try:
            out.append(x < y)
        except TypeError as e:
            out.append(str(e))
    return out[-5:]


def iterators(rounds):
    out = []
    log = []
    for i in range(rounds):
        d = {1: [i], 2: (i,), "k": None}
        queue = collections.deque([i, i + 1])
        walks = [
            d.items(),
            iter(d.values()),
            d.keys(),
            queue,
            zip([1, 2], "ab", strict=True),
            enumerate(zip(d, queue)),
            reversed([1, 2, i]),
            map(str, [i]),
            (k for k in d),
            [Loud(log)],
        ]
        for w in walks:
            for item in w:
                out.append(type(item).__name__ if isinstance(item, Loud) else item)
            item = None
        walks.clear()
        w = None
        for x in [Loud(log), Loud(log)] if i % 2 else (Loud(log),):
            out.append(x is not None)
        x = None
    for bad in (zip([1], [1, 2], strict=True), iter({1: 2}), 5):
        try:
            for x in bad:
                out.append(x)
                d = x
        except (ValueError, TypeError) as e:
            out.append(str(e))
    queue = collections.deque([1, 2, 3])
    try:
        for x in queue:
            queue.append(x)
    except RuntimeError as e:
        out.append(str(e))
    return out[-40:], log[-12:], len(log)


def clearing(rounds):
    log = []
    out = []
    for i in range(rounds):
        items = [i, "a", Loud(log) if i % 3 == 0 else None]
        d = {"a": 1, "b": Loud(log) if i % 4 == 0 else 2}
        kept = items.copy()
        items.clear()
        d.clear()
        kept.remove("a")
        put = items.append
        put(i)
        put([i])
        out.append((items.pop(0), items.pop(), len(kept), d.get("a"), "é".encode(), b"x".decode()))
        kept = None
    try:
        [].remove(1)
    except ValueError as e:
        out.append(str(e))
    return out[-4:], log


for f in (attributes, stores, instances, mappings, deletions, heaps, truths, comparisons, iterators, clearing):
    for rounds in (3, 40, 41):
        print(f.__name__, f(rounds))
