# expect-compiled: raises_at, catches_inside, finally_loop, custom, reraise, nested_try, from_callee, with_loop, outer_catch
"""Exceptions in the middle of hot loops, caught inside and outside."""


def raises_at(n, at):
    s = 0
    for i in range(n):
        if i == at:
            raise ValueError(f"at {i} with {s}")
        s += i
    return s


def catches_inside(values):
    out = []
    for v in values:
        try:
            out.append(100 // v)
        except ZeroDivisionError:
            out.append("zero")
        except TypeError as e:
            out.append(str(e))
        else:
            out.append("ok")
    return out


def finally_loop(n, at):
    log = []
    for i in range(n):
        try:
            if i == at:
                break
            if i % 2:
                continue
            log.append(i)
        finally:
            log.append(-i)
    return log


class Custom(Exception):
    def __init__(self, i):
        super().__init__(i)
        self.i = i


def custom(n):
    caught = 0
    for i in range(n):
        try:
            if i % 3 == 0:
                raise Custom(i * 0.5)
        except Custom as e:
            caught += e.i
    return caught


def reraise(n):
    for i in range(n):
        try:
            [1, 2, 3][i]
        except IndexError as e:
            raise KeyError(i) from e


def nested_try(n):
    out = []
    for i in range(n):
        try:
            try:
                out.append(1 / (i - 3))
            except ZeroDivisionError:
                out.append("inner")
                {}[i]
            finally:
                out.append("f")
        except KeyError as e:
            out.append(repr(e) + repr(e.__context__))
    return out


def thrower(i):
    if i % 4 == 3:
        raise LookupError(i)
    return i


def from_callee(n):
    s = 0
    for i in range(n):
        try:
            s += thrower(i)
        except LookupError as e:
            s += e.args[0] * 1000
    return s


class Manager:
    def __init__(self, log, swallow):
        self.log = log
        self.swallow = swallow

    def __enter__(self):
        self.log.append("in")
        return self

    def __exit__(self, kind, value, tb):
        self.log.append(kind and kind.__name__)
        return self.swallow


def with_loop(n, swallow):
    log = []
    for i in range(n):
        with Manager(log, swallow):
            if i == 2:
                1 // 0
            log.append(i)
    return log


def outer_catch(n):
    s = 0
    i = -1
    try:
        for i in range(n):
            s += 10 // (n - 5 - i)
    except ZeroDivisionError as e:
        return i, s, str(e)
    return s


for at in (-1, 0, 5, 99):
    try:
        print(raises_at(100, at))
    except ValueError as e:
        print(e)
print(catches_inside([1, 0, 2, "x", 0.0, 2.5, None, -7, True, 2**70]), catches_inside([0] * 5))
print(finally_loop(8, 5), finally_loop(3, 10), custom(20), from_callee(20))
for _ in range(3):
    try:
        reraise(10)
    except KeyError as e:
        print(repr(e), repr(e.__cause__), repr(e.__context__))
print(nested_try(6), with_loop(5, True))
try:
    with_loop(5, False)
except ZeroDivisionError as e:
    print(e)
print([outer_catch(n) for n in (3, 5, 6, 20, 50)])


def stop_inside(n):
    def gen():
        yield 1
        raise RuntimeError("from generator")

    out = []
    for _ in range(n):
        try:
            for v in gen():
                out.append(v)
        except RuntimeError as e:
            out.append(str(e))
    return out


print(stop_inside(4))
try:
    for i in range(30):
        if i == 20:
            raise Custom(i)
except* Custom as group:
    print(group.exceptions[0].i)
