# expect-compiled: appends, displays, comps, filtered, nested_comp, dict_set, collatz_list, extends
"""append, list displays, comprehensions of all kinds."""


def appends(n):
    a = []
    for i in range(n):
        a.append(i * i)
        a.append(i / 2)
        a.append(None)
    return a


def displays(n):
    out = []
    for i in range(n):
        out = [i, [i, i + 1], (i, out[:1])]
    return out


def comps(n):
    return [i * 2 for i in range(n)], [x + 0.5 for x in range(n)], [str(x) for x in range(n)]


def filtered(values):
    return [v for v in values if v % 3 if v > 4]


def nested_comp(n):
    return [[i * j for j in range(n)] for i in range(n)], [i - j for i in range(n) for j in range(i) if (i + j) % 2]


def dict_set(n):
    d = {i: i * i for i in range(n)}
    s = {i % 7 for i in range(n)}
    return d, sorted(s), sum(d[k] for k in d), max(x for x in s)


def collatz_list(n):
    path = [n]
    while n != 1:
        n = 3 * n + 1 if n % 2 else n // 2
        path += [n]
    return path


def extends(n):
    a = []
    for i in range(n):
        a.extend((i, i + 1))
        a += [i] * 2
        a[len(a) :] = [-i]
        if len(a) > 20:
            a.pop()
            a.pop(0)
            del a[1]
    return a


print(appends(10), displays(6))
print(comps(5), filtered(range(20)), filtered([4.5, 6.0, 7.5]))
print(nested_comp(5), dict_set(12), collatz_list(27)[:20], extends(12))
print(
    [x for x in "abc"],
    [(a, b) for a, b in zip([1], [2])],
    [[] for _ in range(3)],
    [y for x in [[1], [2, 3]] for y in x],
)
print([[k := i, k * 2] for i in range(3)], k)
try:
    [1 // (3 - i) for i in range(5)]
except ZeroDivisionError as e:
    print(e)
x = "outer"
print([x for x in range(3)], x)
