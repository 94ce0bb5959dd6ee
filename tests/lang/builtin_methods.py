# expect-compiled: dicts, sets, lists, text, numbers, deques
"""Methods of builtin types and builtin functions, with arguments of all kinds, and with keys that run code."""

import bisect
import sys
from collections import Counter, OrderedDict, defaultdict, deque


class Key:
    def __init__(self, v):
        self.v = v

    def __hash__(self):
        return hash(self.v)

    def __eq__(self, other):
        seen.append(sys._getframe(1).f_code.co_name)
        return isinstance(other, Key) and self.v == other.v


class Sub(dict):
    def get(self, key, default=None):
        return ("sub", key)


class Missing(dict):
    def __missing__(self, key):
        return -key


seen = []


def dicts(n):
    d = {}
    e = Sub()
    c = Counter()
    dd = defaultdict(int)
    od = OrderedDict()
    m = Missing()
    total = 0
    for i in range(n):
        d.setdefault(i % 7, []).append(i)
        total += len(d.get(i % 9, ()))
        total += len(d.get("x", "abc"))
        total += d.get((i % 3, 1), 1)
        c[i % 5] += 1
        dd[i % 4] += 2
        od[i % 6] = i
        od.move_to_end(i % 6)
        total += m[i]
        total += m.get(i, 5)
        if d.pop(100, None) is not None or e.get(1) != ("sub", 1):
            total = 0
        d.pop(i % 13, None)
        k = Key(i % 3)
        if d.get(k) is None:
            d[k] = i
    return total, sorted(c.items()), sorted(dd.items()), list(od.items()), list(d.values())[-2:], len(d)


def sets(n):
    s = set()
    hits = 0
    for i in range(n):
        s.add(i % 10)
        s.add((i % 3, "a"))
        s.add(str(i % 4))
        s.add(Key(i % 2))
        hits += (i in s) + (Key(1) in s) + ((i, "a") in s)
        s.discard(i % 20)
        if i % 11 in s:
            s.remove(i % 11)
    return hits, len(s)


def lists(n):
    xs = []
    out = 0
    for i in range(n):
        xs.insert(0, i)
        xs.insert(-1, i % 3)
        xs.extend((1, 2))
        xs.extend([i])
        out += xs.index(i) + xs.count(1)
        if len(xs) > 20:
            xs.reverse()
            xs.sort()
            ys = xs.copy()
            xs.clear()
            out += ys[-1]
    mixed = [Key(3), 1, "a"]
    for i in range(n):
        out += mixed.index("a") + mixed.count(1)
    return out


def text(n):
    out = []
    for i in range(n):
        s = "  Word%d, other " % i
        w = s.strip().split(",")
        out.append("-".join(w).upper().replace("O", "0"))
        out.append(s.startswith("  W") and not s.endswith("x"))
        out.append(s.find("o") + s.count("o"))
        out.append(s.partition(",")[2])
        out.append(str(i).zfill(5).rjust(7, "."))
        out.append("a".join(str(c) for c in "xyz"))
        out.append("{}:{}".format(i, w))
        out.append("%s" % Key(1).v)
    return out[:8], out[-8:], len(out)


def numbers(n):
    total = 0
    for i in range(n):
        total += i.bit_length() + (1 << i % 90).bit_count()
        total += int((i * 0.5).is_integer())
        total += max(i, 3, 7) + min([i, 4]) + sum((i, 1)) + abs(-i)
        total += bisect.bisect_left([1, 5, 9], i) + hash(i) + ord("a")
        total += len(repr(i)) + divmod(i, 7)[1] + pow(i, 2)
    return total


class Watched:
    def __init__(self, n):
        self.n = n

    def __del__(self):
        seen.append((self.n, sys._getframe(1).f_code.co_name))


def deques(n):
    d = deque(maxlen=5)
    e = deque()
    w = deque(maxlen=2)
    total = 0
    for i in range(n):
        d.append(i)
        d.appendleft(-i)
        e.append((i, i))
        w.append(Watched(i))
        w.appendleft([Watched(-i)])
        total += len(d) + len(e)
        if len(e) > 3:
            total += e.popleft()[0] + e.pop()[1]
    return total, list(d)


def errors(n):
    out = []
    d = {}
    for i in range(n):
        for f in (
            lambda: d.pop(i),
            lambda: [].pop(),
            lambda: "a".index("b"),
            lambda: {}.get([]),
            lambda: set().add([]),
            lambda: deque().pop(),
            lambda: "a".join([1]),
        ):
            try:
                f()
            except Exception as e:
                out.append(f"{type(e).__name__}: {e}")
    return out[:7]


def shadowed(n):
    total = 0
    for i in range(n):
        if i == n // 2:
            len = lambda x: 1000
        else:
            len = max
        total += len((i, 2)) if i != n // 2 else 0
    return total


print(dicts(200), len(seen), set(seen))
seen.clear()
print(sets(200), len(seen), set(seen))
seen.clear()
print(lists(200), len(seen), set(map(str, seen)))
print(text(100))
print(numbers(200))
seen.clear()
print(deques(100), len(seen), seen[:3], seen[-3:])
print(errors(20))
print(shadowed(100))
