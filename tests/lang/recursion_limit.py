# expect-compiled: guarded, count
"""RecursionError comes at the same depth as on the plain interpreter."""

import sys


def down(n):
    return down(n + 1)


def up(n):
    global deepest
    deepest = n
    return 1 + up(n + 1)


def ping(n):
    global deepest
    deepest = n
    return pong(n + 1)


def pong(n):
    global deepest
    deepest = n
    return ping(n + 1)


def guarded(n):
    try:
        return guarded(n + 1)
    except RecursionError:
        return n


deepest = 0
for _ in range(4):
    for f in (down, up, ping):
        deepest = 0
        try:
            f(0)
        except RecursionError as e:
            print(f.__name__, deepest, e)
    print("guarded", guarded(0))
for limit in (200, 500, 3000, 1000):
    sys.setrecursionlimit(limit)
    for f in (up, pong):
        deepest = 0
        try:
            f(0)
        except RecursionError as e:
            print(limit, f.__name__, deepest, e)
    print(limit, guarded(0))


def count(n):
    return 0 if n == 0 else 1 + count(n - 1)


print([count(n) for n in (10, 100, 900)])
sys.setrecursionlimit(20000)
print(count(9000))
