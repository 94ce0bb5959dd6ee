# expect-compiled: counted, fresh, leaving, swallowing, raising, nested, locked, of_generator, shadowed, looks, changed
"""`with` in hot loops: managers of classes written in Python and of builtin ones, ways out of the body, exceptions, what can be seen."""

import contextlib
import io
import sys
import threading
import traceback


class Manager:
    def __init__(self, swallows=False):
        self.depth = 0
        self.entered = 0
        self.kinds = []
        self.swallows = swallows

    def __enter__(self):
        self.depth += 1
        self.entered += 1
        return self

    def __exit__(self, kind, value, trace):
        self.depth -= 1
        if kind is not None:
            self.kinds.append((kind.__name__, str(value), trace.tb_lineno - trace.tb_frame.f_code.co_firstlineno))
        return self.swallows


class Pair:
    def __init__(self, a, b):
        self.a = a
        self.b = b

    def __enter__(self):
        return self.a, self.b

    def __exit__(self, *args):
        return None


class Looker:
    def __enter__(self):
        return sys._getframe().f_back.f_code.co_name

    def __exit__(self, *args):
        frame = sys._getframe()
        SEEN.add(
            (
                frame.f_code.co_name,
                frame.f_back.f_code.co_name,
                frame.f_back.f_lineno - frame.f_back.f_code.co_firstlineno,
                args,
            )
        )


class NoExit:
    def __enter__(self):
        return 1


SEEN = set()


def counted(n):
    m = Manager()
    t = 0
    for i in range(n):
        with m as inner:
            t += i * inner.depth
    return t, m.depth, m.entered


def fresh(n):
    t = 0
    for i in range(n):
        with Pair(i, i + 0.5) as (a, b):
            t += a * b
    return t


def leaving(n):
    m = Manager()
    found = []
    for i in range(n):
        with m:
            if i % 7 == 3:
                continue
            if i > n - 3:
                break
            found.append(m.depth)

    def first(k):
        with m:
            for i in range(n):
                if i == k:
                    return i, m.depth

    return sum(found), m.depth, m.entered, first(n // 2)


def swallowing(n):
    m = Manager(True)
    t = 0
    for i in range(n):
        with m:
            if i % 5 == 0:
                t += 10 // (i % 3)
            t += 1
    return t, m.depth, m.kinds[:3], len(m.kinds)


def raising(n):
    m = Manager()
    for i in range(n):
        with m:
            if i == n - 1:
                raise KeyError(i)
    return m.depth


def nested(n):
    a, b = Manager(), Manager(True)
    t = 0
    for i in range(n):
        with a as x, b as y:
            t += x.depth + y.depth
            if i % 11 == 0:
                raise ValueError(i)
    return t, a.depth, b.depth, a.kinds[-1:], len(b.kinds)


def locked(n):
    lock = threading.Lock()
    t = 0
    for i in range(n):
        with lock:
            t += i
    return t, lock.locked()


@contextlib.contextmanager
def noting(log, name):
    log.append(f"+{name}")
    try:
        yield name
    finally:
        log.append(f"-{name}")


def of_generator(n):
    log = []
    for i in range(n):
        with noting(log, i % 3) as k, contextlib.suppress(ZeroDivisionError):
            log.append(1 // k)
    with io.StringIO() as out:
        for i in range(n):
            out.write(str(i % 10))
        text = out.getvalue()
    return log[-6:], len(log), text[-5:]


def shadowed(n):
    m = Manager()
    m.__enter__ = lambda: 1000
    t = 0
    for i in range(n):
        with m as x:
            t += x.depth
    return t


def looks(n):
    names = set()
    for i in range(n):
        with Looker() as name:
            names.add(name)
    return names


def changed(n):
    m = Manager()
    t = 0
    for i in range(n):
        with m as x:
            t += x if isinstance(x, int) else x.depth
        if i == n // 2:
            Manager.__enter__ = lambda self: 100
    return t, m.depth


for n in (3, 400, 400):
    print(counted(n), fresh(n), leaving(n), swallowing(n), nested(n), locked(n), of_generator(n), shadowed(n), looks(n))
    try:
        raising(n)
    except KeyError:
        print(traceback.format_exc().replace(__file__, "here"))
print(sorted(SEEN))
for bad in (NoExit(), 5, None):
    try:
        for i in range(50):
            with bad if i > 40 else Pair(1, 2):
                pass
    except TypeError as error:
        print(error)
enter = Manager.__enter__
print(changed(300))
Manager.__enter__ = enter
print(counted(300))
