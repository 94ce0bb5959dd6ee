# expect-compiled: deleted, late_bind, loop_var, branches, cond_del, name_error
"""Unbound and deleted locals, missing globals."""


def deleted(n, at):
    x = 1
    out = 0
    for i in range(n):
        out += x
        if i == at:
            del x
    return out


def late_bind(n, at):
    out = []
    for i in range(n):
        if i >= at:
            value = i
        out.append(value)
    return out


def loop_var(n):
    for i in range(n):
        pass
    return i


def branches(flag, n):
    for _ in range(n):
        if flag == 1:
            a = 5
        elif flag == 2:
            b = 6
    return a if flag == 1 else b if flag == 2 else a + b


def cond_del(n):
    out = []
    for i in range(n):
        y = i
        if i % 3 == 2:
            del y
        try:
            out.append(y)
        except UnboundLocalError as e:
            out.append(str(e))
    return out


def name_error(n, at):
    s = 0
    for i in range(n):
        s += i
        if i == at:
            s += undefined_name  # noqa: F821
    return s


def exc_var(n):
    out = []
    for i in range(n):
        try:
            1 // (i % 2)
        except ZeroDivisionError as e:
            out.append(str(e))
        try:
            out.append(e)  # noqa: F821
        except UnboundLocalError as err:
            out.append(str(err))
    return out


CASES = [
    (deleted, (10, 20)), (deleted, (10, 9)), (deleted, (10, 8)), (deleted, (10, 0)), (late_bind, (10, 0)), (late_bind, (10, 3)), (loop_var, (5,)), (loop_var, (0,)),
    (branches, (1, 5)), (branches, (2, 5)), (branches, (3, 5)), (branches, (1, 0)), (cond_del, (10,)), (name_error, (10, 20)), (name_error, (10, 5)), (exc_var, (4,)),
]  # fmt: skip
for turn in range(3):
    for f, args in CASES:
        try:
            print(f.__name__, f(*args))
        except NameError as e:
            print(f.__name__, type(e).__name__, e, e.__traceback__.tb_next.tb_lineno)
