# expect-compiled: count, lookups, sizes, rebuild
"""Dicts and sets with tuple keys, looked up in compiled code: equal but not identical, nested, NaNs, keys with code of their own."""

from collections import OrderedDict, defaultdict, deque

NAN = float("nan")


class Loud:
    def __init__(self, name):
        self.name = name

    def __hash__(self):
        return hash(self.name)

    def __eq__(self, other):
        LOG.append(self.name)
        return isinstance(other, Loud) and self.name == other.name


class Name(str):
    pass


class Odd(tuple):
    def __eq__(self, other):
        LOG.append("odd")
        return True

    def __hash__(self):
        return hash(("a", 1))


LOG = []


def count(rows):
    seen = {}
    members = set()
    totals = defaultdict(int)
    for a, b in rows:
        key = (a, b)
        seen[key] = seen.get(key, 0) + 1
        totals[key] += 1
        if key not in members:
            members.add(key)
        if (a, (b, a)) in members:
            seen["nested"] = seen.get("nested", 0) + 1
        members.add((a, (b, a)))
    return len(seen), sorted(map(repr, seen)), len(members), sum(totals.values())


def rows(n):
    out = []
    for i in range(n):
        out.append(("k" + str(i % 7), i % 5))
        out.append((i % 3 * 1.0, i % 3))
        out.append((i % 3, i % 2 == 0))
        out.append((None, str(i % 2) + "x"))
    return out


def lookups(table, keys):
    hits = 0
    for key in keys:
        if key in table:
            hits += table[key]
        else:
            hits -= 1
    return hits


def sizes(things, n):
    total = 0
    for i in range(n):
        thing = things[i % len(things)]
        total += len(thing)
        if thing:
            total += 1
    return total


def rebuild(n):
    """Rows that die in compiled code: dicts of strs, of other keys, with deleted entries."""
    total = 0
    for i in range(n):
        row = {"a": i, "b": [i], "c": "x"}
        if i % 3 == 0:
            del row["b"]
        if i % 5 == 0:
            row[i] = "y"
        total += len(row)
        row = {i: row, "z": None}
        total += len(row)
    return total


def main():
    print(count(rows(400)))
    nans = [(NAN, 1), (float("nan"), 1), (NAN, 1)]
    print(count(nans * 50)[0], count(nans * 50)[2])
    table = {("a", 1): 1, ("b", (2, 3)): 2, (1, 2.0): 3, ("a", 1, 2): 4, (): 5, Name("s"): 6, ("n", Name("s")): 7}
    keys = [("a", 1), ("b", (2, 3)), (1.0, 2), ("a", 1, 2), (), "s", ("n", "s"), ("n", "t"), ("a", True), (("a", 1),)]
    print(lookups(table, keys * 60))
    loud = {(Loud("p"), 1): 1, ("a", Loud("q")): 2, Odd(("x",)): 3}
    keys = [(Loud("p"), 1), ("a", Loud("q")), ("a", 1), (Loud("q"), 1)]
    print(lookups(loud, keys * 60), len(LOG), sorted(set(LOG)))
    things = [
        deque([1, 2]),
        OrderedDict(a=1),
        defaultdict(int, b=2),
        frozenset("ab"),
        bytearray(b"xyz"),
        {}.keys(),
        {1: 2}.values(),
        deque(),
    ]
    print(sizes(things, 400))
    print(rebuild(900))


main()
