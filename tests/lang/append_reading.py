# expect-compiled: doubled, pairs, prefix, same, maybe, rows, drained, running
"""Lists that grow while others, or they themselves, are read."""


def doubled(a):
    out = []
    for i in range(len(a)):
        out.append(a[i] * 2)
    return out


def pairs(a, b):
    out = []
    for i in range(len(a)):
        out.append(a[i] + b[i])
        out.append(a[-1])
    return out


def prefix(a, out):
    """`out` may be `a`."""
    s = 0
    for i in range(6):
        s += a[i]
        out.append(s)
        if len(a) > 40:
            break
    return s, len(a), len(out)


def same(a, n):
    b = a
    for i in range(n):
        b.append(a[i] + a[-1])
    return a[-3:], len(b)


def maybe(a, out):
    n = 0
    for x in a:
        if x % 3 == 0:
            out.append(x + 1)
        n += len(a)
        if n > 5000:
            break
    return n, len(out)


def rows(table, out):
    for i in range(len(table)):
        row = table[i]
        for j in range(len(row)):
            out.append(row[j] * i)
            table[0][0] += 1
    return out


def drained(a, b):
    """One grows, one shrinks."""
    while a:
        b.append(a.pop())
        b.append(len(a))
    return b


def running(values, width):
    out = []
    total = 0.0
    for i in range(len(values)):
        total += values[i]
        if i >= width:
            total -= values[i - width]
        out.append(total / width)
    return out


def main():
    a = [1, 2, 3, 4, 5, 6, 7, 8]
    print(doubled(a), doubled([x * 0.5 for x in a]), pairs(a, a), pairs(a, [2.5] * 8))
    for _ in range(4):
        out = []
        print(prefix(a, out), out, prefix(out, out), out)
        print(same([1, 2, 3], 9), same([0.5], 5))
    b = [3, 1, 6]
    print(maybe(list(range(20)), []), maybe(b, b), len(b), maybe([3, 5], b))
    t = [[1, 2], [3], [4, 5, 6]]
    print(rows(t, []), t, rows(t[1:], t[0]), t)
    print(rows([t[2], t[2]], t[1]), t)
    print(drained(list(range(9)), [0]), running([1.0, 2.0, 4.5, 3.0] * 3, 3))
    try:
        pairs(a, a[:3])
    except IndexError as e:
        print(e)


for _ in range(5):
    main()
