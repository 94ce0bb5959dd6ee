# expect-compiled: caller, locals_inside, modify, stack_of, generator_frame
"""sys._getframe, locals(), f_locals and f_lineno seen from callees."""

import inspect
import sys


def peek(depth=1):
    f = sys._getframe(depth)
    return f.f_code.co_name, f.f_lineno, dict(f.f_locals)


def caller(n):
    out = []
    x = 0.5
    for i in range(n):
        x = x * 2 + i
        if i % 3 == 2:
            out.append(peek()[:2])
            out.append(sorted(k for k in peek()[2]))
            out.append(peek()[2]["x"])
            out.append(peek()[2]["i"])
        y = x
    return out, y


def locals_inside(n):
    seen = []
    total = 0
    for i in range(n):
        total += i
        if i in (1, n - 1):
            seen.append({k: v for k, v in locals().items() if k != "seen"})
    return seen


def poke(i):
    if i == 5:
        sys._getframe(1).f_locals["s"] = 1000
    return i


def modify(n):
    s = 0
    for i in range(n):
        s += poke(i)
    return s


def stack_of(n):
    if n == 0:
        return [(f.function, f.lineno) for f in inspect.stack() if f.filename == __file__]
    r = stack_of(n - 1)
    return r


def generator_frame(n):
    def gen():
        for i in range(n):
            yield sys._getframe().f_lineno, sys._getframe(1).f_code.co_name

    out = []
    for pair in gen():
        out.append(pair)
    return out


def keep_frame(n):
    for i in range(n):
        f = sys._getframe()
    return f


print(caller(3), caller(10))
print(locals_inside(3), locals_inside(20))
print(modify(5), modify(10), modify(10))
print(stack_of(5), generator_frame(4))
for n in (1, 5, 30):
    f = keep_frame(n)
    print(f.f_locals["i"], f.f_locals["n"], f.f_lineno)


def call_eval(n):
    s = 0
    for i in range(n):
        s += eval("i * 2 + n")
        exec("s = 5")
    return s


print(call_eval(10))


def vars_after_raise(n):
    a = 1
    for i in range(n):
        a = a * 3
        b = a / (n - 2 - i)
    return b


for n in (3, 10, 50):
    try:
        vars_after_raise(n)
    except ZeroDivisionError as e:
        print(e.__traceback__.tb_next.tb_frame.f_locals)
g = 0
for g in range(50):
    if g == 40:
        print(peek(1)[:2], peek(1)[2]["g"])
