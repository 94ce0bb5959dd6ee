# expect-compiled: gaussian, draws, keep
"""Bound methods that compiled code makes and lets go, of builtin and of Python classes, with and without somebody watching."""

import random
import weakref

log = []


class Source:
    def __init__(self, seed):
        self.seed = seed

    def draw(self):
        self.seed = (self.seed * 69069 + 1) % 2**32
        return self.seed / 2**32

    def __del__(self):
        log.append(self.seed % 97)


def gaussian(rng, n):
    total = 0.0
    for _ in range(n):
        total += rng.gauss(1.0, 2.0)
    return total


def draws(n):
    t = 0.0
    for i in range(n):
        s = Source(i)
        draw = s.draw
        s = None
        t += draw() + draw()
        log.append("before")
        draw = None
        log.append("after")
    return t


def keep(n):
    seen = []
    for i in range(n):
        items = [i]
        push = items.append
        items = None
        push(i * 2)
        if i % 3 == 0:
            r = weakref.ref(push, lambda _: log.append("gone"))
            push = None
            seen.append(r() is None)
    return sum(seen)


for _ in range(3):
    print(gaussian(random.Random(4), 200))
    print(draws(12), log)
    log.clear()
    print(keep(20), log)
    log.clear()
