# expect-compiled: churn, weak_loop, overwritten, in_list, passes_through, float_holder
"""__del__ and weak references fire at the same moment as on the interpreter."""

import gc
import weakref

gc.disable()
log = []


class Noisy:
    def __init__(self, n):
        self.n = n

    def __del__(self):
        log.append(self.n)


def churn(n):
    out = []
    for i in range(n):
        x = Noisy(i)
        out.append(len(log))
    out.append(len(log))
    del x
    out.append(len(log))
    return out


def weak_loop(n):
    alive = []
    r = None
    for i in range(n):
        alive.append(r() is not None if r else None)
        o = Noisy(i)
        r = weakref.ref(o)
        alive.append(r() is o)
        o = None
        alive.append(r() is None)
    return alive


def overwritten(n):
    a = b = None
    for i in range(n):
        a = Noisy(i)
        b = a
        a = i
        log.append("kept")
        b = a * 2
        log.append("gone")
    return b


def in_list(n):
    box = [None]
    for i in range(n):
        box[0] = Noisy(i)
        box[0] = Noisy(-i)
        log.append("two")
    box.append(Noisy("last"))
    return len(box)


def identity(x):
    return x


def passes_through(n):
    for i in range(n):
        y = identity(Noisy(i))
        log.append("have")
        identity(Noisy(-i))
        log.append("dropped")
    return type(y).__name__


class FloatHolder(float):
    def __del__(self):
        log.append("float")


def float_holder(n):
    s = 0.0
    for i in range(n):
        x = FloatHolder(i)
        s = s + x
        log.append("added")
    return s


def raising(n):
    for i in range(n):
        x = Noisy(i)
        if i == 3:
            raise KeyError(i)
    return x


def added(i):
    return [Noisy(i)] + (i,)


def operands(n):
    for i in range(n):
        try:
            added(i)
        except TypeError:
            log.append("caught")
    return n


for f in (churn, weak_loop, overwritten, in_list, passes_through, float_holder, operands):
    for n in (3, 6):
        log.clear()
        print(f.__name__, f(n), log)
for _ in range(3):
    log.clear()
    try:
        raising(6)
    except KeyError as e:
        log.append("caught")
        del e
    print(log)
log.clear()
for i in range(6):
    m = Noisy(i)
    if i == 4:
        del m
    log.append("m")
print(log)
