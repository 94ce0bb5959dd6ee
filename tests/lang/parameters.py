# expect-compiled: drive, keyword_only, made, mutable, errors, escaping
"""Keyword-only parameters, *args, **kwargs and all kinds of defaults in functions that hot code calls."""

import sys
import traceback


def keyword_only(a, *, b, c=3, d="d"):
    e = a * 2 + b
    f = e - c + a
    g = f * 2 - e
    return e + f + g, d


def rest(first, *more):
    total = first
    for m in more:
        total += m
    return total


def all_rest(*more):
    return more


def named(a, **extra):
    return a, extra


def everything(a, /, b, c=10, *more, d, e=20, **extra):
    return a, b, c, more, d, e, extra


def positional(a, /, **extra):
    return a, extra.get("a")


def small(x, *more, k=1):
    return x + k + len(more)


class Thing:
    def __init__(self, x, *more, scale=1, **extra):
        self.x = x * scale
        self.more = more
        self.extra = extra

    def move(self, *by, times=1):
        for b in by:
            self.x += b * times
        return self

    def __getitem__(self, at, *more):
        return self.x, at, more

    @classmethod
    def make(cls, *a, **k):
        return cls(*a, **k)


def drive(n):
    out = None
    total = 0
    for i in range(n):
        r = keyword_only(i, b=2)
        s = keyword_only(i, b=i, d="x", c=i + 1)
        t = keyword_only(b=1.5, a=i)
        total += r[0] + s[0] + t[0] + rest(i) + rest(i, 1, 2) + rest(1, i, i, 2.5)
        x, y = all_rest(), all_rest(i, "a", None)
        total += len(x) + len(y) + small(i) + small(i, 1) + small(i, 1, 2, k=i)
        z = named(i)
        w = named(i, one=1, two=i)
        v = everything(1, i, d=4)
        u = everything(1, 2, 3, 4, i, d=6, e=7, f=8, a=9)
        p = positional(i, a=2), positional(i)
        out = (r, s, t, x, y, z, w, v, u, p, x is all_rest())
    return total, out


def made(n):
    out = []
    for i in range(n):
        a = Thing(i)
        b = Thing(i, 1, 2, scale=i, colour="red")
        c = Thing(x=i, other=b.x)
        a.move(1, i).move()
        b.move(i, times=2)
        out = [a.x, b.x, c.x, a.more, b.more, b.extra, c.extra, a[i], Thing.make(i, 2, scale=3, q=1).extra]
    return out


for n in (3, 400):
    print(drive(n))
    print(made(n))


# What arrives is new each time, and may be changed and kept.
def keep(*more, **extra):
    extra["n"] = len(more)
    return more, extra


def mutable(n):
    kept = []
    for i in range(n):
        more, extra = keep(i, i + 1, key=[i])
        extra["key"].append(1)
        again = keep()
        kept.append((more, extra, again[1]))
        if len(kept) > 3:
            del kept[0]
    return kept, len({id(k[1]) for k in kept})


print(mutable(5), mutable(300))


# Calls that fail, with their messages and tracebacks.
def errors(n):
    seen = {}
    for i in range(n):
        for k in range(9):
            try:
                if k == 0:
                    keyword_only(i)
                elif k == 1:
                    keyword_only(1, 2, b=3)
                elif k == 2:
                    keyword_only(1, b=2, z=3)
                elif k == 3:
                    rest()
                elif k == 4:
                    everything(1, 2)
                elif k == 5:
                    everything(1, b=2, c=3)
                elif k == 6:
                    keyword_only(1, b=2, a=3)
                elif k == 7:
                    rest(1, "x")
                else:
                    named(1, **{"a": 1})
            except TypeError as e:
                seen[k] = str(e), [f.name for f in traceback.extract_tb(e.__traceback__)]
    return seen


print(errors(3), errors(60), sep="\n")


# Defaults that change, in place and by another dict.
def changing(n):
    out = []
    for i in range(n):
        if i == n // 4:
            keyword_only.__kwdefaults__["c"] = 100
        if i == n // 2:
            keyword_only.__kwdefaults__ = {"d": "new", "c": 0.5}
        if i == n * 3 // 4:
            del keyword_only.__kwdefaults__["d"]
        try:
            out.append(keyword_only(i, b=1))
        except TypeError as e:
            out.append(str(e))
        if len(out) > 40:
            del out[1:38]
    keyword_only.__kwdefaults__ = {"c": 3, "d": "d"}
    return out


print(changing(8), changing(400), sep="\n")


# Frames and inner functions see them.
def looks(*more, k=2, **extra):
    return sorted(locals().items()), sys._getframe().f_code.co_varnames


def captures(*more, k=2, **extra):
    def inner():
        return more, k, sorted(extra)

    return inner


def escaping(n):
    for i in range(n):
        a = looks(i, 2, z=i)
        f = captures(i, k=i, y=1, x=2)
        g = (lambda *a, k=i: (a, k))(1, 2)
    return a, f(), g


print(escaping(3), escaping(300))


# Generators with such parameters.
def numbers(*more, step=1, **extra):
    for m in more:
        yield m * step
    yield from extra.values()


def summed(n):
    return sum(sum(numbers(i, 2, step=3)) + sum(numbers(*range(i % 5), z=i)) + sum(numbers()) for i in range(n))


print(summed(5), summed(300))


class Closes:
    def __init__(self, log, name):
        self.log = log
        self.name = name

    def __del__(self):
        self.log.append(self.name)


def dies(log, *more, **extra):
    log.append("in")
    return len(more) + len(extra)


def lifetimes(n):
    log = []
    for i in range(n):
        dies(log, Closes(log, "rest"), key=Closes(log, "named"))
        log.append("out")
        if len(log) > 8:
            del log[:-8]
    return log


print(lifetimes(3), lifetimes(300))
held = object()
before = sys.getrefcount(held)


def holds(n):
    for _ in range(n):
        all_rest(held, held)
        named(held, one=held)
        everything(held, held, held, held, d=held, f=held)
        keyword_only(1, b=2, d=held)


holds(400)
print(sys.getrefcount(held) - before)
