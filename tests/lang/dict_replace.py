# expect-compiled: count, words, tuples, cycles, watched, mixed, grown, negative
"""Values of keys that are there already are replaced: counters, cycles, dicts that somebody watches, keys of several kinds."""

import gc
import weakref


class Node:
    pass


def count(rows):
    c = {}
    for r in rows:
        c[r[-1]] = c.get(r[-1], 0) + 1
    return c


def words(ws):
    c, last = {}, {}
    for i, w in enumerate(ws):
        c[w] = c.get(w, 0) + 1
        last[w] = [i, last.get(w)] if i % 3 else None
    return c, last["w1"]


def tuples(n):
    c = {}
    for i in range(n):
        k = (i % 5, i % 3)
        c[k] = c.get(k, 0.5) + i
        c[i % 4] = k
        c["s"] = i
        c[1.0] = "one"
        c[True] = c[1] + "!"
        c[None] = None
    return c


def cycles(n):
    refs = []
    for i in range(n):
        d = {"a": 1, "b": 2}
        node = Node()
        d["a"] = node
        node.d = d
        d["b"] = d
        if i % 50 == 0:
            refs.append(weakref.ref(node))
    del d, node
    gc.collect()
    return [r() for r in refs]


counter = 0


def watched(n):
    names = globals()
    seen = 0
    for i in range(n):
        names["counter"] = i
        seen += counter
    return seen


def mixed(n):
    d = {}
    for i in range(n):
        d["k%d" % (i % 7)] = i
        if i == n // 2:
            d[5] = "int"
        if i == n // 2 + 10:
            del d["k3"]
    return d


def grown(n):
    d = {}
    for i in range(n):
        d[i] = d.get(i - 1, 0) + i
        d[i // 2] = d[i // 2] + 1
    return sum(d.values()), len(d)


def negative(n):
    d = {-1: 0, -2: 0, 0: 0}
    for i in range(n):
        d[-1] = d[-1] + 1
        d[-2] = d[-2] + d[-1]
        d[i - i] = i
    return d


for _ in range(4):
    print(count([[i * 0.5, i % 3] for i in range(300)]))
    print(words(["w%d" % (i % 10) for i in range(300)]))
    print(tuples(200), cycles(150), watched(300), mixed(200), grown(200), negative(100))
