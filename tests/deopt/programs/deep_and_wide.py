# expect-compiled: deep, mutual_a, mutual_b
"""Exceptions through many levels of compiled calls, caught at every height."""

import sys


def deep(n, at, kind):
    if n == at:
        if kind == "zero":
            return 1 // (n - at)
        if kind == "type":
            return n + "x"
        if kind == "frame":
            return len(list(iter_frames()))
    try:
        r = deep(n + 1, at, kind)
    except TypeError as e:
        if n % 10 == 0:
            raise ValueError(n) from e
        raise
    finally:
        seen.append(n)
    return r + 1


def iter_frames():
    f = sys._getframe()
    while f:
        yield f.f_lineno
        f = f.f_back


def mutual_a(n):
    x = n * 0.5
    if n == 0:
        return x / n
    return mutual_b(n - 1) + x


def mutual_b(n):
    y = [n]
    if n == 0:
        return y[n + 1]
    return mutual_a(n - 1) + y[0]


seen = []
for at in (1, 5, 37, 60):
    for kind in ("zero", "type", "frame"):
        seen.clear()
        try:
            print(at, kind, deep(0, at, kind))
        except (ZeroDivisionError, ValueError, TypeError) as e:
            depth = 0
            tb = e.__traceback__
            while tb:
                depth += 1
                tb = tb.tb_next
            print(at, kind, repr(e), depth, repr(e.__cause__), seen[:3], len(seen))
for n in (0, 1, 2, 3, 10, 11, 50, 51):
    try:
        mutual_a(n)
    except (ZeroDivisionError, IndexError) as e:
        tb = e.__traceback__
        frames = []
        while tb:
            frames.append(
                (
                    tb.tb_frame.f_code.co_name,
                    tb.tb_lineno,
                    tb.tb_frame.f_locals.get("n") if tb.tb_next is None else None,
                )
            )
            tb = tb.tb_next
        print(n, repr(e), len(frames), frames[-2:])


def recursion_in_loop(n):
    hits = 0
    for i in range(n):
        try:
            endless(i)
        except RecursionError:
            hits += 1
    return hits


def endless(i):
    return endless(i + 1) + 1


print(recursion_in_loop(4))


class Node:
    def __init__(self, depth):
        self.child = Node(depth - 1) if depth else None

    def total(self):
        return 1 + (self.child.total() if self.child else 0)

    def __eq__(self, other):
        return self.child == other.child


print(Node(200).total(), Node(100) == Node(100))
try:
    print(Node(5000).total())
except RecursionError as e:
    print(e)
