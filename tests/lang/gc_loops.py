# expect-compiled: cycles, collects, allocate
"""The collector runs in the middle of hot loops, by itself and on demand."""

import gc
import weakref

freed = []


class Node:
    def __init__(self, n):
        self.n = n
        self.me = self

    def __del__(self):
        freed.append(self.n)


def cycles(n):
    kept = []
    for i in range(n):
        x = Node(i)
        x.other = [x]
        if i % 10 == 0:
            kept.append(x)
    return [k.n for k in kept]


def collects(n):
    out = []
    for i in range(n):
        a = [i]
        a.append(a)
        r = weakref.ref(Node(i))
        if i % 5 == 4:
            gc.collect()
            out.append(r() is None)
    return out


def allocate(n):
    tables = []
    for i in range(n):
        row = [[i, i + 0.5], (i, [i])]
        tables.append(row)
        if len(tables) > 50:
            tables = tables[25:]
    return sum(r[0][0] + r[1][1][0] for r in tables)


gc.collect()
print(cycles(45))
gc.collect()
print(sorted(freed))
freed.clear()
print(collects(20))
gc.collect()
print(sorted(freed), allocate(3000))
gc.set_threshold(1)
print(cycles(20), allocate(200))
gc.set_threshold(700, 10, 10)
gc.collect()


class Resurrect:
    saved = []

    def __del__(self):
        Resurrect.saved.append(self)


def resurrecting(n):
    for i in range(n):
        r = Resurrect()
        r.i = i
    del r
    return [r.i for r in Resurrect.saved]


print(resurrecting(5), gc.isenabled())
Resurrect.__del__ = lambda self: None
