# expect-compiled: tak, parity, fact, ack, tree, swapped
# Functions that call themselves: what they return, how deep they go, and what changes under way.

import sys


def tak(x, y, z):
    if y >= x:
        return z
    return tak(tak(x - 1, y, z), tak(y - 1, z, x), tak(z - 1, x, y))


for args in ((12, 6, 0), (12.0, 6.0, 0.0), (10, 5.0, 0), (3, 9, 2**70), (12, 6, 0), (4, 8, -(2**63)), (7, 3, 2)) * 3:
    print(tak(*args))


def parity(n, acc):
    if n == 0:
        return acc
    return parity(n - 1, not acc)


for n in (10, 11, 100, 101):
    print(parity(n, True), parity(n, 0), parity(n, None))


def fact(n):
    if n < 2:
        return 1
    return n * fact(n - 1)


for n in (5, 20, 21, 25, 5, 20, 30) * 3:
    print(fact(n))


def ack(m, n):
    if m == 0:
        return n + 1
    if n == 0:
        return ack(m - 1, 1)
    return ack(m - 1, ack(m, n - 1))


for _ in range(3):
    print(ack(2, 9), ack(1, 100))
sys.setrecursionlimit(400)
for _ in range(3):
    try:
        print(ack(2, 300))
    except RecursionError as e:
        print(type(e).__name__, e)
sys.setrecursionlimit(1000)


def tree(depth, values):
    if depth == 0:
        return values[0]
    return tree(depth - 1, values) + tree(depth - 1, values)


for values in ([1], [0.5], [1], ["a"], [2**61], [1]) * 3:
    print(tree(4, values))
    try:
        print(tree(3, []))
    except IndexError as e:
        depth = 0
        tb = e.__traceback__
        while tb:
            depth += 1
            tb = tb.tb_next
        print(e, depth)


# Another function takes the name while the first is at work.
def swapped(n, at, items):
    if n == 0:
        return 0
    items[n % 3] = n
    if n == at:
        change(items)
    return swapped(n - 1, at, items) + n


def change(items):
    global swapped
    items.append(swapped)
    swapped = lambda n, at, items: -1000 * n  # noqa: E731


for at in (-1, 5, -1, 3, -1, -1, 20) * 3:
    items = [0, 0, 0]
    print(swapped(20, at, items), items[:3], len(items))
    if len(items) > 3:
        swapped = items.pop()
