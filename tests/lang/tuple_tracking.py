# expect-compiled: literals, kept
"""gc.is_tracked of tuples that compiled code makes, at once and after a collection."""

import gc


def tracked(t):
    return gc.is_tracked(t)


def literals(i):
    x, y, z = 1.5 + i, "a", []
    return [
        tracked(t)
        for t in (
            (i,),
            (i, x),
            (i, 10**10, y * 100),
            (object(),),
            (x, object(), None),
            ((i, x), y, (2, i)),
            (i, (None, True, x, ()), int),
            (object(), ()),
            ([],),
            ({}, i),
            (x, y, z),
            (tracked, x),
        )
    ]


def kept(i):
    x = i / 2
    a, b = (i, x), (x, [i])
    c = (a, i)
    d = (b, c)
    first = [gc.is_tracked(t) for t in (a, b, c, d)]
    gc.collect()
    return first, [gc.is_tracked(t) for t in (a, b, c, d)], [gc.is_tracked(t) for t in (a, b, c, d)]


def left(i, n):
    pair = (i, i * 2.5)
    both = (pair, i)
    for k in range(n):
        i += k
    return tracked(pair), tracked(both), i


for i in range(30):
    r = literals(i), kept(i), left(i, 40)
    if i % 10 == 0:
        print(*r)
