# expect-compiled: decorated, pipeline, mixed, merged
"""Calls with `*args` and `**kwargs`: arguments that are known one by one, tuples and dicts that come from elsewhere, and errors."""

import functools
import sys


def traced(f):
    @functools.wraps(f)
    def wrapper(*args, **kwargs):
        wrapper.calls += 1
        return f(*args, **kwargs)

    wrapper.calls = 0
    return wrapper


@traced
def add(a, b=10, *rest, scale=1):
    return (a + b + sum(rest)) * scale


@traced
def who(depth=1):
    return [sys._getframe(i).f_code.co_name for i in range(depth)]


def twice(f):
    def inner(*args):
        return f(*args), f(*args)

    return inner


@twice
def pair(a, b):
    return b, a


def decorated(rounds):
    t = 0
    out = None
    for i in range(rounds):
        t += add(i) + add(i, 2) + add(1, 2, i) + add(i, scale=2)
        t += pair(i, 1)[0][1]
        out = who(3)
    try:
        add()
    except TypeError as e:
        out.append(str(e))
    try:
        pair(1, 2, 3)
    except TypeError as e:
        out.append(str(e))
    try:
        add(1, scale="x", extra=3)
    except TypeError as e:
        out.append(str(e))
    return t, add.calls, out


class Steps:
    def __init__(self):
        self.steps = []

    def add(self, f, *args, **kw):
        self.steps.append((f, args, kw))
        return self

    def run(self, x):
        for f, args, kw in self.steps:
            x = f(x, *args, **kw)
        return x

    def __call__(self, *args, base=0):
        return base + sum(args)


def pipeline(rounds):
    s = Steps().add(add, 3, scale=2).add(max, 7).add(add, 1, 2, 3).add(Steps()).add(Steps(), base=4)
    return [s.run(i) for i in range(rounds)]


def mixed(rounds):
    out = []
    for i in range(rounds):
        items = (i, 2) if i % 3 else [i, 2]
        out.append(divmod(*items))
        out.append(add(*items, *items, scale=i))
        out.append(max(*range(i, i + 3), 5))
        out.append("{}-{x}".format(*items, **{"x": i}))
        try:
            add(*i)
        except TypeError as e:
            out.append(str(e))
    return out[-8:]


class Names:
    def keys(self):
        return ["a", "scale"]

    def __getitem__(self, key):
        return {"a": 4, "scale": 5}[key]


def merged(rounds):
    out = []
    sources = [{"scale": 2}, {}, {"b": 1, "scale": 3}, Names(), {1: 2}, {"a": 1}, None]
    for i in range(rounds):
        for more in sources:
            try:
                out.append(add(i, **more) if more is not sources[3] else add(**more))
                out.append(add(b=1, a=2, **more))
            except TypeError as e:
                out.append(str(e))
            try:
                out.append(add(i, **more, **{"b": 3}))
            except TypeError as e:
                out.append(str(e))
    return out[-len(sources) * 2 :]


for rounds in (3, 50, 51):
    for f in (decorated, pipeline, mixed, merged):
        print(f.__name__, f(rounds))
