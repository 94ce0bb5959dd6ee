# expect-compiled: order, effects_then_error, stores, short, augmented
"""Operands are evaluated left to right, and effects before an error stay."""

log = []


def t(name, value=1):
    log.append(name)
    return value


def order(n):
    s = 0
    for i in range(n):
        s += t("a", i) + t("b", 2) * t("c", 3) - t("d", 4) ** t("e", 2)
        s += max(t("f", i), t("g", 1)) if t("h", i % 2) else [t("i"), t("j")][t("k", 0)]
    return s


def effects_then_error(a, n):
    for i in range(n):
        a[0] += 1
        a[1] = a[1] * 2 + i
        a[i] = a[0] // (n - 2 - i)
    return a


def stores(a, n):
    for i in range(n):
        a[t("index", i % 3)] = t("value", i)
        (a[t("x", 0)], a[t("y", 1)]) = (t("r", 5), t("s", 6))
    return a


def short(n):
    hits = 0
    for i in range(n):
        if t("p", i % 2) and t("q", i % 3) or t("r", i % 5):
            hits += 1
    return hits


def augmented(d, n):
    for i in range(n):
        d[t("k", i % 2)] += t("v", i)
    return d


print(order(4), "".join(log))
log.clear()
for n in (3, 6):
    a = [0] * 10
    try:
        print(effects_then_error(a, n))
    except ZeroDivisionError:
        print(a)
print(stores([0, 0, 0], 4), log)
log.clear()
print(short(12), "".join(log))
log.clear()
print(augmented({0: 0, 1: 0.5}, 6), augmented([1, 2], 4), log)
try:
    augmented({0: 0}, 4)
except KeyError as e:
    print(repr(e), log[-3:])


def raises_halfway(n):
    out = []
    for i in range(n):
        try:
            out.append(t("first", i) + t("second", "x" if i == 5 else 2) + t("third", 3))
        except TypeError:
            out.append(log[-1])
    return out


print(raises_halfway(9))
