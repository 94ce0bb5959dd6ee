# expect-compiled: total, pairs, early, nested, from_list, failing, with_handler, sees, chained, other_class, ends_by_call, through_generator, two_at_once, made_and_kept
"""Loops over iterators of classes written in Python: `__next__` runs within the loop, StopIteration ends it."""

import sys
import traceback


class Count:
    def __init__(self, n):
        self.n = n
        self.i = 0

    def __iter__(self):
        return self

    def __next__(self):
        if self.i >= self.n:
            raise StopIteration
        self.i += 1
        return self.i


class Pairs(Count):
    def __next__(self):
        if self.i >= self.n:
            raise StopIteration(self.n)
        self.i += 1
        return self.i, self.i * 0.5


class Node:
    def __init__(self, value, after):
        self.value = value
        self.after = after


class Walk:
    def __init__(self, node):
        self.node = node

    def __iter__(self):
        return self

    def __next__(self):
        node = self.node
        if node is None:
            raise StopIteration
        self.node = node.after
        return node.value


class Chain:
    def __init__(self, *its):
        self.its = [iter(i) for i in its]

    def __iter__(self):
        return self

    def __next__(self):
        while self.its:
            try:
                return next(self.its[0])
            except StopIteration:
                self.its.pop(0)
        raise StopIteration


class Delegate:
    def __init__(self, xs):
        self.it = iter(xs)

    def __iter__(self):
        return self

    def __next__(self):
        return next(self.it) * 2


class Failing(Count):
    def __next__(self):
        self.i += 1
        if self.i >= self.n:
            raise ValueError(f"at {self.i}")
        return self.i


class Handler(Count):
    def __next__(self):
        try:
            if self.i >= self.n:
                raise StopIteration
        except StopIteration:
            if self.n % 2 or self.i > self.n:
                raise
            self.i = self.n + 1
            return 1000
        self.i += 1
        return self.i


class Looker(Count):
    def __next__(self):
        if self.i >= self.n:
            raise StopIteration
        self.i += 1
        frame = sys._getframe()
        return frame.f_code.co_name, frame.f_back.f_code.co_name, frame.f_lineno - frame.f_code.co_firstlineno


class Dies:
    def __init__(self, log):
        self.log = log

    def __del__(self):
        self.log.append("gone")


class Holder(Count):
    def __next__(self):
        kept = Dies(LOG)
        if self.i >= self.n:
            raise StopIteration
        self.i += 1
        LOG.append(self.i)
        return len(LOG) if kept else 0


class NotIterable:
    def __iter__(self):
        return self


LOG = []


def total(n):
    t = 0
    for x in Count(n):
        t += x
    return t


def pairs(n):
    t = 0.0
    for i, x in Pairs(n):
        t += i * x
    return t


def early(n):
    it = Count(n)
    for x in it:
        if x * 3 > n:
            break
    else:
        return "none"
    return x, it.i, sum(it)


def nested(n):
    t = 0
    for a in Count(n):
        for b in Count(a):
            t += a * b
        else:
            t += 1
    return t


def from_list(node):
    t = 0
    for value in Walk(node):
        t += value
    return t


def failing(n):
    t = 0
    for x in Failing(n):
        t += x
    return t


def with_handler(n):
    t = 0
    for x in Handler(n):
        t += x
    return t


def sees(n):
    return [x for x in Looker(n)][-1:]


def chained(n):
    t = 0
    for x in Chain(range(n), [5, 6], Count(n)):
        t += x
    return t


def other_class(its):
    t = 0
    for it in its:
        for x in it:
            t += x
    return t


def ends_by_call(n):
    t = 0
    for x in Delegate(range(n)):
        t += x
    return t


def doubled(n):
    for x in Count(n):
        yield x * 2


def through_generator(n):
    t = 0
    for x in doubled(n):
        t += x
    for x in doubled(n):
        if x > n:
            break
    return t, sum(doubled(n)), max(doubled(n), default=None), list(doubled(min(n, 4)))


def two_at_once(n):
    t = 0
    a = Count(n)
    for x in a:
        for y in a:
            t += x * y
            if y % 3 == 0:
                break
    return t, a.i


def made_and_kept(n):
    kept = []
    for k in range(n):
        it = Count(3)
        for x in it:
            if x == k % 4:
                kept.append(it)
                break
    return [it.i for it in kept][-5:], len(kept), sum(len(list(it)) for it in kept)


def lifetimes(n):
    del LOG[:]
    t = 0
    for x in Holder(n):
        t += x
    return t, LOG


def not_iterator():
    for x in NotIterable():
        return x


for n in (0, 1, 5, 400, 400):
    print(
        total(n), pairs(n), early(n), nested(n // 10), with_handler(n), with_handler(n + 1), chained(n), ends_by_call(n)
    )
    node = None
    for k in range(n):
        node = Node(k, node)
    print(from_list(node), sees(n), other_class([Count(n), Handler(n), [1, 2], Walk(node), Count(3)]))
    try:
        failing(n)
    except ValueError:
        print(traceback.format_exc().replace(__file__, "here"))
    print(through_generator(n), two_at_once(n), made_and_kept(n))
    print(lifetimes(min(n, 30)))
    try:
        not_iterator()
    except TypeError as error:
        print(error)

module_total = 0
for turn in range(3):
    for x in Count(300):
        module_total += x
print(module_total)
Count.__next__ = lambda self: (_ for _ in ()).throw(StopIteration)
print(total(7))
del Count.__next__
try:
    total(7)
except TypeError as error:
    print(error)
