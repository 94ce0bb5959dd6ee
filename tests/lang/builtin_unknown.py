# expect-compiled: draw, bound, table, scale
"""Builtin functions and methods that compiled code only meets when it calls them."""

import math
import random


def draw(rng, n):
    nxt = rng.random
    bits = rng.getrandbits
    return sum(nxt() for _ in range(n)), [bits(k) for k in range(1, n)]


def bound(words):
    out, seen, counts, names = [], set(), {}, {}
    push, add, get, put = out.append, seen.add, counts.get, names.setdefault
    for w in words:
        push(len(w))
        add(w)
        counts[w] = get(w, 0) + 1
        put(w, []).append(w)
    join = "-".join
    return out[:5], sorted(seen)[:4], counts, join(words[:3]), len(names)


def table(functions, x):
    t = 0.0
    for f in functions:
        t += f(x)
    return t


class Loud:
    def __init__(self, x):
        self.x = x

    def __float__(self):
        print("float of", self.x)
        return self.x

    def __hash__(self):
        print("hash of", self.x)
        return 7

    def __eq__(self, other):
        print("eq of", self.x)
        return True


def scale(f, xs):
    return [f(x) for x in xs]


def attempt(f, *args):
    for _ in range(3):
        try:
            print(f.__name__, f(*args))
        except (TypeError, ValueError, IndexError) as e:
            print(f.__name__, type(e).__name__, e)


for _ in range(30):
    draw(random.Random(1), 5)
print(draw(random.Random(3), 50))
attempt(bound, ["a", "b", "a", "cc", "b"] * 20)
attempt(table, [math.sin, math.exp, abs, float, math.sqrt, len] * 10, 0.5)
attempt(table, [math.sin, math.exp, abs, float, math.sqrt] * 10, 0.5)
attempt(table, [math.sin, math.floor, abs] * 3, Loud(1.5))
for _ in range(30):
    scale(math.sqrt, [1.0, 4, 9])
attempt(scale, math.sqrt, [1.0, 4, Loud(16.0), True])
attempt(scale, math.sqrt, [1.0, -1])
attempt(scale, [3].append, [1, 2])
attempt(scale, {1: 2}.get, [1, 2, "x", Loud(1)])
attempt(scale, {7: 2}.get, [Loud(7.0), 7])
attempt(scale, {7: 2}.get, [{}, []])
attempt(scale, {1}.add, [1, 2, {}, Loud(2)])
attempt(scale, " ".join, [["a", "b"], ("c",), "xyz"])
attempt(scale, " ".join, [["a", 1]])
attempt(scale, [1, 2, 3].index, [2, 3])
attempt(scale, [1, 2, 3].pop, [0, 0, 0, 0])
