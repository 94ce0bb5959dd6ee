# expect-compiled: handler_loop, finally_order, exc_info_loop
"""sys.exception(), __context__, nested handlers and finally in hot loops."""

import sys


def handler_loop(n):
    out = []
    for i in range(n):
        try:
            if i % 3 == 1:
                raise ValueError(i)
            1 // (i % 2)
        except ValueError as e:
            out.append((repr(e), repr(sys.exception())))
            try:
                {}[i]
            except KeyError as k:
                out.append((repr(k.__context__), repr(sys.exception())))
            out.append(repr(sys.exception()))
        except ZeroDivisionError:
            out.append(sys.exc_info()[0].__name__)
        out.append(sys.exception())
    return out


def context_loop(n):
    def inside():
        return repr(sys.exception())

    out = []
    for i in range(n):
        try:
            raise KeyError(i)
        except KeyError:
            for j in range(4):
                out.append(inside())
                try:
                    j // (j - 2)
                except ZeroDivisionError as z:
                    out.append(repr(z.__context__))
            continue
        finally:
            out.append(sys.exception())
    return out


def finally_order(n):
    out = []
    for i in range(n):
        for j in range(3):
            try:
                try:
                    if j == 1:
                        break
                    if i == 2:
                        raise IndexError(i)
                finally:
                    out.append((i, j, "f"))
            except IndexError:
                out.append("caught")
                continue
            else:
                out.append("else")
        else:
            out.append("for-else")
    return out


def exc_info_loop(n):
    try:
        raise RuntimeError("outer")
    except RuntimeError:
        for i in range(n):
            a = i * 2
        return a, repr(sys.exception())


def generator(n):
    for i in range(n):
        try:
            yield i
        except ValueError as e:
            yield repr(e), repr(sys.exception())


print(handler_loop(8))
print(context_loop(3))
print(finally_order(4))
print(exc_info_loop(50), sys.exception())
g = generator(10)
print([next(g) for _ in range(4)], g.throw(ValueError("x")), [next(g) for _ in range(3)], sys.exception())


def groups(n):
    out = []
    for i in range(n):
        try:
            raise ExceptionGroup("g", [ValueError(i), TypeError(i)])
        except* ValueError as e:
            out.append(repr(e.exceptions))
        except* TypeError as e:
            out.append(len(e.exceptions))
    return out


print(groups(4))


def add_note(n):
    for i in range(n):
        try:
            1 / (n - 1 - i)
        except ZeroDivisionError as e:
            e.add_note(f"at {i}")
            raise


try:
    add_note(20)
except ZeroDivisionError as e:
    print(e.__notes__, e.__traceback__.tb_lineno, e.__traceback__.tb_next.tb_lineno)
