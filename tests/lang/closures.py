# expect-compiled: add, bump, scale, inner, apply_all, step, get_total
"""Closures, cells read and written, nonlocal, late binding."""


def adder(k):
    def add(x):
        return x + k

    return add


def counter():
    n = 0

    def bump(by=1):
        nonlocal n
        n += by
        return n

    return bump


def scaled(values, k):
    def scale(v):
        return v * k + len(values)

    return [scale(v) for v in values]


def outer(n):
    total = 0
    hits = []

    def inner(i):
        nonlocal total
        total += i
        if total % 3 == 0:
            hits.append(total)
        return total

    for i in range(n):
        inner(i)
    return total, hits


def apply_all(fs, x):
    for f in fs:
        x = f(x)
    return x


def account(start):
    balance = start

    def step(x):
        nonlocal balance
        balance = balance * 1.5 + x
        return balance

    def get_total():
        return balance

    return step, get_total


print([adder(3)(i) for i in range(5)], adder(0.5)(1), adder("b")("a"))
c = counter()
d = counter()
print([c() for _ in range(6)], [d(2.5) for _ in range(4)], c(2**63), c())
print(scaled([1, 2, 3], 2), scaled([1.5], 2**65), outer(20))
late = []
for i in range(4):
    late.append(lambda x: x * 10 + i)
print(
    apply_all(late, 1),
    apply_all([lambda x, i=i: x * 10 + i for i in range(4)], 1),
    apply_all([adder(i) for i in range(10)], 0.0),
)
step, get_total = account(1)
print([(step(i), get_total()) for i in range(6)])


def unbound():
    def early():
        return later

    out = []
    for i in range(4):
        try:
            out.append(early())
        except NameError as e:
            out.append(str(e))
        if i == 1:
            later = 5
        if i == 2:
            del later
    return out


print(unbound())
step.__closure__[0].cell_contents = 100
print(step(1), get_total())


def in_loop(n):
    k = 1

    def double():
        nonlocal k
        k *= 2

    seen = []
    for i in range(n):
        double()
        seen.append(k)
        k += i
    return seen


print(in_loop(10), in_loop(70)[-1])
