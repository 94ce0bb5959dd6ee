# expect-compiled: small, either, depth, fails, nested, keyword, even, odd
"""Small functions called from interpreted code often enough for their trial: some calls run compiled, some interpreted."""

import sys
import threading


def small(a, b):
    c = a * 3 + b
    d = c - a * b
    e = d + c - 7
    f = e * 2 - d + a
    return f % 1000 + e - c


def either(x):
    if x % 3:
        y = x + 1
        z = y * x - y
        w = z - x * 2 + y
    else:
        y = x - 1
        z = y * 2 - x
        w = z * 3 + y - x
    return w + y - z


class Tree:
    def __init__(self, left, right):
        self.left = left
        self.right = right

    def depth(self):
        a = self.left.depth() if self.left is not None else 0
        b = self.right.depth() if self.right is not None else 0
        c = a if a > b else b
        return c + 1


def grow(n):
    return Tree(grow(n - 1), grow(n - 2)) if n > 0 else Tree(None, None)


def fails(n):
    a = n * 2 + 1
    b = a - n + 4
    c = b * a - n * 3
    d = c - b + a * n
    if d % 7 == 3:
        raise ValueError(d)
    return d + c - b


def nested(n):
    a = small(n, n + 1) + n
    b = either(a) - n
    c = a * 2 - b + n
    return c + a - b * 2 + n


def keyword(a, b=5, c=7):
    d = a * b - c
    e = d + a - b * c
    f = e * 2 + d - a
    return d - e + f * 3 - b


def even(n):
    a = n + 1
    b = a * 2 - n
    return (b, a) if n < 1 else odd(n - 1)


def odd(n):
    a = n - 1
    b = a * 3 + n
    return (a, b) if n < 1 else even(n - 1)


def drive(n):
    total = 0
    tree = grow(6)
    failures = 0
    for i in range(n):
        total += small(i, 3)
        total += either(i)
        total += nested(i % 50)
        total += keyword(i) + keyword(i, c=2) + keyword(b=i, a=3)
        try:
            total += fails(i)
        except ValueError as e:
            failures += e.args[0]
            assert e.__traceback__.tb_next.tb_frame.f_code.co_name == "fails"
        if i % 50 == 0:
            total += tree.depth()
            total += sum(even(i % 9)) + sum(odd(i % 7))
    return total, failures


exec_globals = {"drive": drive, "run": None}
exec("def run(n):\n    return drive(n)\n", exec_globals)
print([exec_globals["run"](n) for n in (10, 300, 1500)])
print(list(map(small, range(5), range(5))), sorted(range(12), key=either))
results = []
threads = [threading.Thread(target=lambda: results.append(drive(700))) for _ in range(3)]
for t in threads:
    t.start()
for t in threads:
    t.join()
print(results)

# Other kinds of arguments, and other code for the same function, in the middle of it all.
for i in range(600):
    small(i / 2, 1)
    if i == 300:
        either.__code__ = (lambda x: x * 2).__code__
print(small(2.5, 1), either(4), drive(100))
held = object()
before = sys.getrefcount(held)


def holds(o, n):
    a = n * 2 - 1
    b = a + n * 3
    c = b - a * 2
    d = c + b - n
    return (o, a, b, c, d)


for i in range(2000):
    assert holds(held, i)[0] is held
print(sys.getrefcount(held) - before)
