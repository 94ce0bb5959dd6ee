# expect-compiled: fib, fact, ack, is_even, is_odd, hanoi, depth, hyper, permutations, tak
"""Recursion: direct, mutual, with unboxed and boxed values."""


def fib(n):
    return n if n < 2 else fib(n - 1) + fib(n - 2)


def fact(n):
    return 1 if n == 0 else n * fact(n - 1)


def ack(m, n):
    if m == 0:
        return n + 1
    if n == 0:
        return ack(m - 1, 1)
    return ack(m - 1, ack(m, n - 1))


def is_even(n):
    return True if n == 0 else is_odd(n - 1)


def is_odd(n):
    return False if n == 0 else is_even(n - 1)


def hanoi(n, a, b, c, moves):
    if n:
        hanoi(n - 1, a, c, b, moves)
        moves.append((a, b))
        hanoi(n - 1, c, b, a, moves)
    return len(moves)


def depth(tree):
    if not tree:
        return 0
    return 1 + max([depth(t) for t in tree], default=0)


def hyper(x, n):
    if n == 0:
        return 0.0
    return x + hyper(x * 0.5, n - 1)


def permutations(items):
    if len(items) <= 1:
        return [items]
    out = []
    for i in range(len(items)):
        for rest in permutations(items[:i] + items[i + 1 :]):
            out.append([items[i]] + rest)
    return out


def tak(x, y, z):
    if y >= x:
        return z
    return tak(tak(x - 1, y, z), tak(y - 1, z, x), tak(z - 1, x, y))


print([fib(i) for i in range(18)], fib(5.0), fib(True))
print([fact(i) for i in (0, 1, 5, 20, 21, 30)], fact(3.0))
print([ack(m, n) for m in range(3) for n in range(5)])
print([is_even(n) for n in range(10)], is_odd(101))
moves = []
print(hanoi(5, "A", "B", "C", moves), moves[:8])
print(depth([[], [[]], [[[]]]]), [hyper(1.0, n) for n in range(8)], hyper(1, 5))
print(permutations([1, 2, 3]), len(permutations(list("abcde"))), tak(8, 4, 2), tak(6.5, 3, 1))


def raises_below(n):
    if n == 0:
        return 1 // n
    return raises_below(n - 1) + 1


for _ in range(3):
    try:
        raises_below(5)
    except ZeroDivisionError as e:
        tb = e.__traceback__
        lines = []
        while tb:
            lines.append((tb.tb_frame.f_code.co_name, tb.tb_lineno, tb.tb_frame.f_locals.get("n")))
            tb = tb.tb_next
        print(lines)
