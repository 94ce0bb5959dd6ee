# expect-compiled: grid, rotate, extremes, nested, look, leaves_midway, same_identity, dies_in_order, pairs, swapped
"""Tuples that only inlined functions see: what is in them, identity where it shows, when their items die."""

import math


class Grid:
    def __init__(self, n):
        self.rows = [[i * j for j in range(n)] for i in range(n)]

    def __getitem__(self, at):
        i, j = at
        return self.rows[i][j]

    def __setitem__(self, at, value):
        i, j = at
        self.rows[i][j] = value


def grid(n):
    g = Grid(n)
    t = 0
    for _ in range(10):
        for i in range(n):
            for j in range(n):
                g[i, j] = g[j, i] + 1
                t += g[i, j]
    return t


def rot(p, c, s):
    return (p[0] * c - p[1] * s, p[0] * s + p[1] * c)


def rotate(n):
    p = (1.0, 0.0)
    for _ in range(n):
        q = rot(rot(p, 0.6, 0.8), 0.8, -0.6)
        p = (q[0], q[-1])
    return p


def span(x):
    return x - 1, x, x + 1


def extremes(n):
    t = 0
    for i in range(n):
        lo, _, hi = span(i)
        t += lo * hi + len(span(i)) + span(i)[-2]
    return t


def nested(n):
    t = 0
    for i in range(n):
        (a, b), c = (i, i * 0.5), str(i)
        pair = ((a, c), (b, (i,)))
        (d, e), (f, (g,)) = pair
        t += d + len(e) + f + g
    return t


def look(pair):
    if pair[0] % 97 == 0:
        seen.append(pair)
    return pair[0] + pair[1]


seen = []


def kept(n):
    return sum(look((i, i + 1)) for i in range(n)), seen[:3], len(seen)


def divide(pair):
    a, b = pair
    return a // b


def leaves_midway(n):
    t = 0
    for i in range(n):
        try:
            t += divide((i * 100, i % 7))
        except ZeroDivisionError as e:
            t -= 1
            args = e.__traceback__.tb_next.tb_frame.f_locals["pair"]
            t += args[0] + len(args)
    return t


def twice(p):
    a = p
    b = p
    if p[0] % 50 == 49:
        assert a is b and (a, b)[0] is p
        raise ValueError(p, a is b)
    return a[0] + b[1]


def same_identity(n):
    t = 0
    for i in range(n):
        try:
            t += twice((i, i))
        except ValueError as e:
            t += e.args[1] + (e.args[0][0] == i)
    return t


class Noisy:
    def __init__(self, name):
        self.name = name

    def __del__(self):
        deaths.append(self.name)


deaths = []


def first(three):
    return three[0].name


def dies_in_order(n):
    for i in range(n):
        first((Noisy(i), Noisy(-i), Noisy(i * 2)))
        deaths.append("after")
    return deaths[:12], len(deaths)


def pairs(n):
    best = (0.0, -1)
    for i in range(n):
        here = (math.sin(i), i)
        if here[0] > best[0]:
            best = here
    return best


def swapped(n):
    a, b, c = 1, "x", 2.0
    for i in range(n):
        t = (a, b, c)
        c, a, b = t
        if i % 1000 == 999:
            t = a
    return a, b, c, t


print(grid(12))
print(rotate(300))
print(extremes(300))
print(nested(300))
print(kept(300))
print(leaves_midway(300))
print(same_identity(300))
print(dies_in_order(60))
print(pairs(300))
print(swapped(301))
