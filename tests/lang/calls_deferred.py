# expect-compiled: through, raising, deep, watching
"""Calls between compiled functions that are not inlined: what is seen of the callers, whoever looks, from however far down."""

import sys
import traceback


def stack(limit=6):
    names = []
    frame = sys._getframe(1)
    while frame is not None and len(names) < limit:
        names.append((frame.f_code.co_name, frame.f_lineno - frame.f_code.co_firstlineno))
        frame = frame.f_back
    return names


class Loud:
    def __init__(self, log):
        self.log = log

    def __del__(self):
        self.log.append(stack(4))


class Table:
    def __init__(self):
        self.acts = [self.plain, self.looks, self.frees, self.nested, self.catches, self.writes, self.adds, self.grows]
        self.log = []
        self.n = 0

    def plain(self, x):
        self.n += x
        return self.n

    def looks(self, x):
        if x % 7 == 0:
            return stack()
        return x

    def frees(self, x):
        o = Loud(self.log) if x % 5 == 0 else None
        o = x
        return o

    def nested(self, x):
        y = x * 2
        f = self.acts[x % 3]
        return f(y)

    def catches(self, x):
        try:
            return self.acts[7](None if x % 4 == 0 else x)
        except TypeError as e:
            return str(e), [(f.name, f.lineno) for f in traceback.extract_tb(e.__traceback__)]

    def writes(self, x):
        kept = sys._getframe(1) if x % 6 == 0 else None
        return kept.f_locals["i"] if kept else x

    def adds(self, x, y=2, *rest):
        return x + y + len(rest)

    def grows(self, x):
        return x + 1 << 70


def through(rounds):
    t = Table()
    out = []
    for i in range(rounds):
        mark = i * 3
        for f in t.acts:
            out.append(f(i))
        mark += 1
        out.append(mark)
    return out[-18:], t.log[-3:], t.n


def bad(x):
    if x > 3:
        raise ValueError(x)
    return x


def calls_bad(fs, x):
    y = x + 1
    return fs[1](y) + fs[0](x)


def other(x):
    return x - 1


def raising(rounds):
    out = []
    fs = [bad, other, lambda x: -x]
    for i in range(rounds):
        f = [calls_bad, lambda fs, x: fs[2](x), lambda fs, x: fs[x % 3](x)][i % 3]
        try:
            out.append(f(fs, i % 6))
        except ValueError as e:
            out.append([(s.name, s.lineno) for s in traceback.extract_tb(e.__traceback__)])
            out.append(sorted(e.__traceback__.tb_next.tb_frame.f_locals))
    return out[-12:]


def even(fs, n):
    return True if n == 0 else fs[1](fs, n - 1)


def odd(fs, n):
    return False if n == 0 else fs[0](fs, n - 1)


def bottom(fs, n):
    return len(stack(10_000)) if n == 0 else fs[n % 3](fs, n - 1)


def deep(rounds):
    out = []
    for fs in ([even, odd], [bottom, bottom, bottom]):
        for n in (5, 40, 150):
            out.append([fs[0](fs, n + k) for k in range(rounds)][-3:])
    limit = sys.getrecursionlimit()
    sys.setrecursionlimit(200)
    try:
        reached = 0
        for n in range(100, 260):
            try:
                even([even, odd], n)
                reached = n
            except RecursionError as e:
                out.append((reached, str(e)))
                break
    finally:
        sys.setrecursionlimit(limit)
    return out


def traced(x):
    return x * 2


def starts(x):
    if x == 30:
        sys.settrace(lambda frame, event, arg: EVENTS.append((frame.f_code.co_name, event)))
    elif x == 33:
        sys.settrace(None)
    return x


EVENTS = []


def watching(rounds):
    fs = [traced, starts, lambda x: x + 1]
    t = 0
    for i in range(rounds):
        for f in fs:
            t += f(i)
    return t


for rounds in (3, 60, 61):
    for f in (through, raising, deep):
        print(f.__name__, f(rounds))
print(watching(20), watching(60), [e for e in EVENTS if e[0] in ("traced", "starts", "<lambda>")])
