# expect-compiled: edit, grid, mixed, odd_keys, unequal, growing, sets, own_kinds, unhashable, missing, wide, order, watched, kept
"""Tuples that are only keys: dicts and sets asked for them where they are written, whatever else is in the table."""

from collections import OrderedDict, defaultdict, namedtuple

Pair = namedtuple("Pair", "a b")
LOG = []


class Loud:
    def __init__(self, v):
        self.v = v

    def __hash__(self):
        return hash(self.v)

    def __eq__(self, other):
        LOG.append(self.v)
        return self.v == getattr(other, "v", other)


class Twin(tuple):
    def __eq__(self, other):
        LOG.append("twin")
        return True

    def __hash__(self):
        return hash((1, 2))


class Plain:
    pass


def edit(a, b):
    dp = {}
    for i in range(len(a) + 1):
        dp[i, 0] = i
    for j in range(len(b) + 1):
        dp[0, j] = j
    for i in range(1, len(a) + 1):
        for j in range(1, len(b) + 1):
            c = 0 if a[i - 1] == b[j - 1] else 1
            dp[i, j] = min(dp[i - 1, j] + 1, dp[i, j - 1] + 1, dp[i - 1, j - 1] + c)
    return dp[len(a), len(b)], len(dp)


def grid(n):
    seen = {(0, 0)}
    dist = {(0, 0): 0}
    queue = [(0, 0)]
    for x, y in queue:
        for dx, dy in ((1, 0), (0, 1), (-1, 0), (0, -1)):
            u, v = x + dx, y + dy
            if 0 <= u < n and 0 <= v < n and (u * 3 + v * 5) % 7 and (u, v) not in seen:
                seen.add((u, v))
                dist[u, v] = dist[x, y] + 1
                queue.append((u, v))
            if (u, v) in dist and dist[u, v] > 100:
                dist[u, v] = -1
    return len(seen), sum(dist.values()), max(dist.values())


def mixed(n):
    """The same key in other clothes, and keys of the same hash."""
    table = {(1, 2): "ints", ("a", 1): "str", (-1, -2): "minus", (2**61 - 1, 0): "zero", (None, True): "none"}
    out = []
    for i in range(n):
        k = i % 3
        one, true, real = 1, True, 1.0
        if k == 0:
            out.append(table[one, 2] + table[true, 2])
            out.append(table["a", true])
        if k == 1:
            out.append((real, 2) in table)
            out.append((-2, -1) in table)
            out.append((-2, -2) in table)
        if k == 2:
            out.append((0, 0) in table)
            out.append((None, one) in table)
            out.append((None, False) in table)
            table[one, i % 5] = i
    return out[-12:], sorted(map(repr, table.items()))


def odd_keys(n):
    del LOG[:]
    table = {(Loud(1), 2): "loud", Pair(3, 4): "pair", Twin((1, 2)): "twin"}
    out = []
    for i in range(n):
        a, b = i % 4, i % 4 + 1
        out.append((a, b) in table)
        if (a, b) in table:
            out.append(table[a, b])
    return out[-9:], LOG[:12], len(LOG)


def unequal(n):
    table = {}
    for i in range(n):
        table[i % 7, i % 3] = i
        table[(i % 7, i % 3, 0)] = -i
        table[(i % 7,)] = i * 2
        table[()] = i
    return table[()], table[(3,)], sorted(table.items(), key=repr)[:8], len(table)


def growing(n):
    table = {}
    for i in range(n):
        table[i, -i] = i
        if i % 3 == 0:
            del table[i, -i]
        if (i - 1, 1 - i) in table:
            table[i - 1, 1 - i] += 1
    return len(table), sum(table.values()), list(table)[:5], list(table)[-3:]


def sets(n):
    seen = set()
    both = frozenset({(1, 1), (2, 2)})
    hits = 0
    for i in range(n):
        a, b = i % 13, i % 11
        if (a, b) in seen:
            hits += 1
            seen.discard((a, b))
        else:
            seen.add((a, b))
        if (a, a) in both:
            hits += 100
        if (a, b, a) in seen:
            hits += 10000
    return hits, len(seen), sorted(seen)[:4]


class Kinds(dict):
    def __missing__(self, key):
        return ("missing", key)


def own_kinds(n):
    tables = [Kinds(), defaultdict(list), OrderedDict(), {}]
    out = []
    for i in range(n):
        t = tables[i % 4]
        a, b = i % 5, "x"
        t[a, b] = i
        if (a, b) in t:
            out.append(t[a, b])
        if i % 4 < 2:
            out.append(t[b, a])
    return out[-8:], [len(t) for t in tables]


def unhashable(n):
    table = {(1, 2): 3}
    out = []
    for i in range(n):
        try:
            k = [i] if i % 5 == 4 else i % 3
            if (k, 2) in table:
                out.append(table[k, 2])
            table[k, "v"] = i
        except TypeError as e:
            out.append(str(e))
    return out[-6:], len(table)


def missing(n):
    table = {(0, 0): 0}
    out = []
    for i in range(n):
        try:
            out.append(table[i % 2, i % 3])
        except KeyError as e:
            out.append(e.args)
            table[i % 2, i % 3] = i if i % 4 else None
        if i % 50 == 49:
            table.clear()
            table[0, 0] = i
    return out[-14:]


def wide(n):
    table = {}
    x = 1
    for i in range(n):
        x = x * 7 % (2**70)
        table[x, -x] = i
        if (x, -x) in table and (x + 1, -x) not in table:
            table[x, -x] += table[x, -x]
        table[i * 2**29, i << 33] = i
    return len(table), sum(table.values()), table[2**29 * 3, 3 << 33]


def order(n):
    table = {}
    for i in range(n):
        a, b = "abcde"[i % 5], "xyz"[i % 3]
        table[a, b] = table[a, b] + 1 if (a, b) in table else 1
    return list(table.items())


def watched(n):
    total = 0
    for i in range(n):
        SPACE[i % 3, i % 2] = i
        total += SPACE[i % 3, i % 2]
        if (i % 3, "no") in SPACE:
            total -= 1000
    return total, len(SPACE)


SPACE = {}


def kept(n):
    """Values that die when they are replaced, and keys that live elsewhere."""
    del LOG[:]

    class Dies:
        def __init__(self, v):
            self.v = v

        def __del__(self):
            LOG.append(self.v)

    table = {}
    o, p = Plain(), Plain()
    for i in range(n):
        table[o, i % 3] = Dies(i)
        table[p, i % 3] = [i]
        if (o, 0) in table and (p, 3) not in table:
            table[o, p] = i
    return LOG[:5], len(LOG), len(table), table[p, 2], table[o, p]


def main():
    for _ in range(3):
        print(edit("kitten sitting", "sitting kitten on"))
        print(grid(14))
        print(mixed(300))
        print(odd_keys(120))
        print(unequal(200))
        print(growing(400))
        print(sets(500))
        print(own_kinds(240))
        print(unhashable(200))
        print(missing(300))
        print(wide(150))
        print(order(200))
        print(watched(200))
        print(kept(100))


main()
