# `zip(*rows)` goes through as many iterators as there are rows: few are taken apart, many are not.
# expect-compiled: columns, narrow


def columns(rows):
    return [sum(col) / len(rows) for col in zip(*rows)]


def narrow(a, b, c):
    t = 0
    for x, y, z in zip(a, b, c):
        t += x * y - z
    return t


def transposed(rows):
    out = []
    for col in zip(*rows):
        out.append(list(col))
    return out


for n in (1, 2, 5, 16, 17, 40, 3000):
    rows = [[i * j % 11 for j in range(30)] for i in range(n)]
    print(n, columns(rows), sum(map(sum, transposed(rows))))
    print(narrow(*([r[0] for r in rows],) * 3))
print(transposed([[1, 2, 3], [4, 5]]), columns([]), transposed([range(3), "abc", [None, 1.5, ()]]))
