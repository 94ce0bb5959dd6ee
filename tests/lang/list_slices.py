# expect-compiled: take, steps, put, flips, copies
"""Slices of lists: bounds of every kind, steps, assignment, constants."""


def take(xs, a, b):
    return xs[a:b], xs[a:], xs[:b], xs[:]


def steps(xs, a, b):
    return xs[a:b:2], xs[a::-1], xs[:b:-2], xs[::3], xs[::-1], xs[a:b:1]


def put(xs, a, b, ys):
    xs = xs[:]
    xs[a:b] = ys
    xs[:a] = xs[b:]
    xs[1:3] = (7, 8)
    xs[a:] = xs
    return xs


def flips(perm):
    count = 0
    p = perm[:]
    first = p[0]
    while first:
        p[: first + 1] = p[first::-1]
        count += 1
        first = p[0]
    return count


def copies(xs):
    return xs[1:], xs[:-1], xs[1:-1], xs[-2:], xs[5:2], xs[::-1], xs[1::2], xs[:0]


class Loud:
    def __init__(self, n):
        self.n = n

    def __del__(self):
        print("gone", self.n)


xs = list(range(8))
for k in range(30):
    for a in (-20, -8, -3, -1, 0, 1, 3, 8, 20, 2**70, -(2**70), True):
        for b in (-9, -2, 0, 2, 7, 9, None):
            out = take(xs, a, b), steps(xs, a, b)
            if k % 10 == 0:
                print(out)
    for a, b, ys in ((1, 3, [9]), (0, 0, ()), (5, 2, [1, 2]), (-3, None, (4,)), (2, 6, xs)):
        out = put(xs, a, b, ys)
    print(flips([3, 1, 2, 0]), flips([4, 2, 1, 0, 3]), copies(xs), copies([]), out)

for k in range(3):
    held = [Loud(i) for i in range(4)]
    ids = [id(x) for x in held[::-1]]
    held[1:3] = [1, 2]
    print("put", k, [type(x).__name__ for x in held], len(ids))
    del held
for bad in ((xs, "a", None), (xs, 1.5, 2), (5, 1, 2)):
    for f in (take, steps):
        try:
            print(f(*bad))
        except TypeError as e:
            print(e)
for bad in (5, "ab", None, {1: 2}, iter([1, 2])):
    try:
        print(put(xs, 1, 2, bad))
    except TypeError as e:
        print(e)
