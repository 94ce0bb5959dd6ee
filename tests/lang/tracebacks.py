# expect-compiled: level3, level2, level1, loop_line, chained, index_line
"""Tracebacks of exceptions from compiled code: every line, every name."""

import traceback

# fmt: off


def level3(x):
    y = x * 2
    if y > 10:
        return y // (y - 12)
    return y


def level2(x):
    a = level3(x)
    return (
        a
        + level3(x + 1)
    )


def level1(n):
    total = 0
    for i in range(n):
        total += level2(i)
    return total


def loop_line(values):
    s = 0
    for v in values:
        s += v
        s = (s
             * 2
             - v.bit_length()
             )
    return s


def chained(n):
    for i in range(n):
        try:
            loop_line([1, 2, 2.5])
        except AttributeError as e:
            if i == 4:
                raise RuntimeError("second") from e


def index_line(a):
    i = 0
    while True:
        a[i] = a[i] + a[
            i + 1
        ]
        i += 1


for f, arg in ((level1, 3), (level1, 4), (level1, 5), (level1, 6), (level1, 7), (loop_line, [1, 2, 3]), (loop_line, [1, "a"]), (loop_line, 7), (chained, 8), (index_line, [1, 2, 3]), (index_line, [1, None])):
    try:
        print(f(arg))
    except Exception:
        print(traceback.format_exc())


def walk(n):
    if n == 0:
        raise LookupError("bottom")
    for i in range(n):
        walk(n - 1)


try:
    walk(6)
except LookupError as e:
    for frame in traceback.extract_tb(e.__traceback__):
        print(frame.name, frame.lineno, frame.colno, frame.end_colno, frame.line)
