# expect-compiled: growing, shrinking, sieve_in_place, alias, clear_in_call, store_type, replace_rows
"""Lists that change while they are iterated, indexed or aliased."""


def growing(a, limit):
    seen = 0
    for v in a:
        seen += v
        if len(a) < limit:
            a.append(v + 1)
    return seen, len(a)


def shrinking(a):
    seen = []
    for v in a:
        seen.append(v)
        if v % 2 == 0:
            a.remove(v)
    return seen, a


def sieve_in_place(n):
    flags = [True] * n
    flags[0] = flags[1] = False
    i = 2
    while i * i < n:
        if flags[i]:
            for j in range(i * i, n, i):
                flags[j] = False
        i += 1
    return sum(flags)


def alias(a, b):
    for i in range(len(a)):
        a[i] = i
        b[-1 - i] = b[i] + 100
    return a, b


def drop(a, at):
    if len(a) == at:
        del a[2:]
    return 1


def clear_in_call(a):
    s = 0
    try:
        for i in range(len(a)):
            s += a[i] * drop(a, 30 if i == 7 else -1)
    except IndexError as e:
        return s, i, str(e), a
    return s


def store_type(n):
    a = [0] * 10
    s = 0
    for i in range(n):
        a[i % 10] = i if i < 50 else i * 0.5 if i < 100 else str(i)
        v = a[(i * 3) % 10]
        if isinstance(v, str):
            v = len(v)
        s += v
    return s, a


def replace_rows(grid, n):
    s = 0
    for i in range(n):
        row = grid[i % len(grid)]
        s += row[i % 3]
        if i % 11 == 10:
            grid[i % len(grid)] = [i, i + 1, i + 2]
        if i % 17 == 16:
            grid[0] = (1.5, 2.5, 3.5)
    return s


print(growing([1], 50), growing([0.5, 1], 10), shrinking(list(range(10))), shrinking([2, 2, 4, 4, 6]))
print([sieve_in_place(n) for n in (10, 100, 1000)])
x = list(range(6))
print(alias(x, x), alias([0] * 4, [1, 2, 3, 4]), alias([0.5] * 3, [1.5, 2, 3]))
print(clear_in_call(list(range(30))), clear_in_call([1, 2, 3]), clear_in_call([0.5] * 30))
print(store_type(150), replace_rows([[1, 2, 3], [4, 5, 6]], 100))
a = [1, 2, 3]
for v in a:
    if len(a) < 20:
        a.insert(0, v)
print(a)
