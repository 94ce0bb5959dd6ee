# expect-compiled: gather, keys_of
# background-compiles: gather, keys_of
"""Methods of builtin objects that instances hold: known for what they are, whatever classes there are besides."""


class Holder:
    def __init__(self):
        self.items = []
        self.table = {}
        self.text = "a b c"

    def note(self, item):
        self.items.append(item)

    def enter(self, key, item):
        return self.table.setdefault(key, item)


# The interpreter keeps types by version in a table with fewer places than there are versions.
CLASSES = [type(f"C{i}", (), {"value": i}) for i in range(300)]


def touch():
    return sum(c().value + hasattr(c(), "missing") for c in CLASSES)


def gather(rounds):
    h = Holder()
    for i in range(rounds):
        h.note(i)
        if i % 100 == 99:
            h.items.clear()
            h.note(h.items.copy())
    return len(h.items), h.items[-1]


def keys_of(rounds):
    h = Holder()
    n = 0
    for i in range(rounds):
        n += h.enter(i % 7, i)
        n += len(h.table.keys())
    return n, sorted(h.table.items())


class Other(list):
    def append(self, item):
        super().append(("other", item))


def changing(rounds):
    h = Holder()
    seen = []
    for i in range(rounds):
        if i == rounds // 2:
            h.items = Other()
        elif i == rounds * 3 // 4:
            h.items = bytearray()
        h.note(i % 50)
        seen.append(len(h.items))
    return sum(seen), type(h.items).__name__, h.items[-1]


print(touch())
for _ in range(4):
    print(gather(50_000), keys_of(20_000))
    print(changing(400))
h = Holder()
h.items = None
try:
    h.note(1)
except AttributeError as e:
    print(e)
