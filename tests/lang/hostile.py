# expect-compiled: work, resizes, rebinding, deleter
"""Callees and operators that change the caller's world: containers, globals, classes, frames."""

import sys


class Evil:
    def __init__(self, action):
        self.action = action

    def __add__(self, other):
        self.action()
        return other

    __radd__ = __add__

    def __lt__(self, other):
        self.action()
        return True

    def __index__(self):
        self.action()
        return 0

    def __bool__(self):
        self.action()
        return False

    def __eq__(self, other):
        self.action()
        return False

    __hash__ = None


def work(items, extra, n):
    s = 0
    for i in range(n):
        s += items[i % len(items)]
        s = extra[i] + s
        if len(items) < 2:
            items.append(i)
    return s, items


def resizes(a, key):
    out = []
    for i in range(len(a)):
        a[key] = i
        out.append(len(a))
        a.append(i)
    return out


def rebinding(n):
    out = []
    for i in range(n):
        out.append(target(i))
    return out


def target(i):
    if i == 4:
        globals()["target"] = lambda i: -i
    return i


def deleter(objs):
    n = 0
    for o in objs:
        if o < 3:
            n += 1
        if o:
            n += 10
    return n


items = [1, 2, 3, 4]
extra = [0] * 30
extra[7] = Evil(items.clear) if False else Evil(lambda: items.__delitem__(slice(1, None)))
extra[15] = Evil(lambda: items.extend([0.5, 2**70]))
extra[20] = Evil(lambda: items.insert(0, 100))
print(work([1, 2], [0] * 10, 10), work(items, extra, 30))
big = [1, 2, 3]
print(resizes([0, 1], 0), resizes(big, Evil(lambda: big.append(9))), big)
print(rebinding(8))
bag = [5, 1, 2]
bag.append(Evil(lambda: bag.append(1) if len(bag) < 10 else None))
print(deleter([1, 5, 2]), deleter(bag), len(bag))


def retyped(obj, n):
    s = 0
    for i in range(n):
        s += obj.value
        if i == 5:
            obj.value = 0.5
        if i == 8:
            type(obj).value = property(lambda self: 1000)
        if i == 11:
            del type(obj).value
    return s


class Plain:
    pass


p = Plain()
p.value = 3
print(retyped(p, 15))
p.value = 3
print(retyped(p, 15))


def frame_edit(n):
    x = 1
    for i in range(n):
        edit(i)
        x += 1
    return x


def edit(i):
    if i == 6:
        sys._getframe(1).f_locals["x"] = 0.5
        sys._getframe(1).f_locals["n"] = 3


print(frame_edit(10), frame_edit(20))


def swap_code(n):
    out = []
    for i in range(n):
        out.append(small(i))
        if i == n // 2:
            small.__code__ = other.__code__
    small.__code__ = original
    return out


def small(x):
    return x + 1


def other(x):
    return x * 100


original = small.__code__
print(swap_code(6), swap_code(10))


def kw(a, *, b=1):
    return a + b


def kw_loop(n):
    out = []
    for i in range(n):
        out.append(kw(i))
        if i == 3:
            kw.__kwdefaults__ = {"b": 10}
        if i == 6:
            kw.__kwdefaults__["b"] = 0.5
    return out


print(kw_loop(9))
