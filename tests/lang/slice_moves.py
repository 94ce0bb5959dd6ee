# expect-compiled: moves, flip, rotate, between, losing, kept
"""Slices of lists stored into slices of lists, the same one or another, of every shape."""

import itertools
import sys

BOUNDS = (None, -12, -4, -1, 0, 1, 3, 7, 9, 20)


def moves(lo, hi, start, stop):
    out = []
    for n in range(6, 9):
        a = [str(i) for i in range(n)]
        b = [-i for i in range(n)]
        a[lo:hi] = b[start:stop]
        a[lo:hi] = a[start:stop:-1]
        b[lo:hi] = b[start:stop:2]
        b[lo:hi] = b[start:stop:-3]
        out.append((len(a), a, len(b), b))
    return out


total = 0
for lo, hi, start, stop in itertools.product(BOUNDS, repeat=4):
    for item in moves(lo, hi, start, stop):
        total = (total * 31 + sum(len(str(x)) * (k + 1) for k, x in enumerate(item[1]))) % 1000003
        total = (total * 31 + item[0] + item[2] + sum(x * (k + 1) for k, x in enumerate(item[3]))) % 1000003
print(total)
print(moves(1, 4, 2, 5), moves(None, None, None, None), moves(-2, None, 5, 1))


def flip(p):
    count = 0
    first = p[0]
    while first:
        p[: first + 1] = p[first::-1]
        count += 1
        first = p[0]
    return count, p


for p in itertools.permutations(range(5)):
    total += flip(list(p))[0]
print(total, flip([3, 1, 4, 0, 2]))


def rotate(a, k, n):
    for i in range(n):
        a[:-k], a[-k:] = a[k:], a[:k]
        a[k:] = a[:-k]
        a[1:3] = a[2:0:-1]
    return a


print([rotate(list(range(9)), k, 30) for k in (1, 2, 4, 8)])


# Something happens between taking the slice and storing it.
def between(a, b, n):
    out = []
    for i in range(n):
        try:
            a[i : i + b[i]] = b[10 // (i - 20) :]
        except ZeroDivisionError:
            out.append("zero")
        except IndexError:
            out.append("index")
            b.append(1)
        if i % 8 == 0:
            out.append(len(a))
            del a[40:]
    return out, a[:10], len(a), len(b)


print(between(list(range(50)), [2, 0, 1] * 8, 60))


class Loud:
    def __init__(self, n):
        self.n = n

    def __del__(self):
        gone.append((self.n, len(shared)))


def losing(a, b, n):
    for i in range(n):
        a[0:2] = b[i % 3 : i % 3 + 2]
    return len(a)


gone = []
shared = list(range(8))
for _ in range(30):
    losing(shared, [1, 2, 3, 4, 5], 20)
shared[0:2] = [Loud(1), Loud(2)]
print(losing(shared, [1, 2, 3, 4, 5], 5), gone)


def kept(a, n):
    for _ in range(n):
        a[:] = a[::-1]
        a[1:] = a[:-1]
    return a


item = object()
count = sys.getrefcount(item)
held = [item, None, item, 3.5]
for _ in range(40):
    kept(held, 9)
print(held.count(item), sys.getrefcount(item) - count - held.count(item))
