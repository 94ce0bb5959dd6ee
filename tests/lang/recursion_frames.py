# expect-compiled: count, walk, even, power, total, down
"""Functions that call themselves natively, seen from outside: frames, tracebacks, finalisers, what is written to their locals."""

import sys
import traceback
import warnings


def names(limit=None):
    frame = sys._getframe(1)
    seen = []
    while frame is not None:
        seen.append((frame.f_code.co_name, frame.f_lineno, sorted(frame.f_locals)))
        frame = frame.f_back
    return len(seen), seen[:limit]


# Code that was never reached before looks at the frames.
def count(n, look):
    if n == 0:
        if look:
            return look()
        return 0
    below = count(n - 1, look)
    return below if look else below + 1


for _ in range(300):
    count(12, None)
print(count(6, lambda: names(5)))
print(count(9, lambda: [(f.name, f.lineno, f.line) for f in traceback.extract_stack()]))
print(count(4, lambda: sys._getframe(3).f_locals["n"]))


# Python code runs at every level.
class Seen:
    def __init__(self, value):
        self.value = value

    def __eq__(self, other):
        depths.append((names()[0], sys._getframe(1).f_locals["n"]))
        return self.value == other


def walk(n, stop):
    if stop == n:
        return n
    return walk(n - 1, stop) + 1


depths = []
for _ in range(300):
    depths.clear()
    walk(5, Seen(0))
print(depths, walk(20, Seen(15)), len(depths))


# Two functions that call each other.
def even(n, out):
    if n == 0:
        if out is not None:
            out.append(names(4))
        return True
    return odd(n - 1, out)


def odd(n, out):
    if n == 0:
        return False
    return even(n - 1, out)


for _ in range(300):
    even(20, None)
out = []
print(even(20, out), even(21, None), out)


# Finalisers, at the moment at which they are due.
class Loud:
    def __init__(self, n):
        self.n = n

    def __del__(self):
        gone.append((self.n, names()[0]))


def power(base, n, make):
    held = make(n)
    if n == 0:
        return 1
    rest = power(base, n - 1, make)
    held = [held]
    del held
    return rest * base


gone = []
for _ in range(300):
    power(2, 8, int)
print(power(3, 5, Loud), gone)


class Tree:
    def __init__(self, left, right, value):
        self.left = left
        self.right = right
        self.value = value

    def total(self, fail=None):
        here = self.value
        if self.left is not None:
            here += self.left.total(fail)
        if self.right is not None:
            here += self.right.total(fail)
        if here == fail:
            raise ValueError(names(3))
        return here


def build(depth):
    return Tree(build(depth - 1), build(depth - 1), depth) if depth else None


tree = build(6)
for _ in range(60):
    tree.total()
print(tree.total())
try:
    tree.total(4)
except ValueError as e:
    print(e.args)
    print([(f.name, f.lineno) for f in traceback.extract_tb(e.__traceback__)])
    frame = e.__traceback__.tb_next.tb_frame
    print(sorted(frame.f_locals), frame.f_locals["here"], frame.f_back.f_code.co_name)

# What is kept of a frame while the function is running goes on showing it.
kept = []
print(
    count(3, lambda: kept.append(sys._getframe(2)) or 7),
    [(f.f_code.co_name, f.f_locals["n"], f.f_lineno) for f in kept],
)


# Locals written to from outside.
def write():
    frame = sys._getframe(3)
    frame.f_locals["n"] = 100
    return frame.f_locals["n"]


def down(n, act):
    if n == 0:
        return act() if act else 0
    got = down(n - 1, act)
    return (n, got) if act else got + n


for _ in range(300):
    down(9, None)
print(down(4, write))

# Warnings name the place of a caller.
with warnings.catch_warnings(record=True) as caught:
    warnings.simplefilter("always")
    count(5, lambda: warnings.warn("here", stacklevel=4))
    print([(w.lineno, str(w.message)) for w in caught])

# Too deep, and how deep exactly.
limits = []


def deepest(n):
    reached[0] = n
    return deepest(n + 1) + 1


def limited(n, reached):
    if n % 5 == 6:
        return None
    reached[0] = n
    return limited(n + 1, reached)


for limit in (120, 400):
    before = sys.getrecursionlimit()
    sys.setrecursionlimit(limit)
    for f in (deepest, lambda n: limited(n, reached)):
        for _ in range(40):
            reached = [0]
            try:
                f(0)
            except RecursionError as e:
                limits.append((reached[0], len(traceback.extract_tb(e.__traceback__))))
    sys.setrecursionlimit(before)
print(sorted(set(limits)))
