# expect-compiled: int_div, int_floor, int_mod, int_divmod, float_div, float_floor, float_mod, mixed_div, neg_pow, in_place
"""ZeroDivisionError from each operator, with the right words and line."""


def int_div(a, b):
    return a / b


def int_floor(a, b):
    return a // b


def int_mod(a, b):
    return a % b


def int_divmod(a, b):
    return divmod(a, b)


def float_div(a, b):
    return float(a) / b


def float_floor(a, b):
    return float(a) // b


def float_mod(a, b):
    return a % float(b)


def mixed_div(a, b):
    return a / b + a // b


def neg_pow(a, b):
    return b**-a


def in_place(a, b):
    a += 1
    a /= b
    a //= b
    a %= b
    return a


for f in (int_div, int_floor, int_mod, int_divmod, float_div, float_floor, float_mod, mixed_div, neg_pow, in_place):
    for a, b in (
        (7, 2),
        (7, 3),
        (9, 2),
        (8, 3),
        (1, 0),
        (7, 0.0),
        (2.5, 0),
        (2.5, -0.0),
        (0, 0),
        (True, False),
        (2**70, 0),
        (3, 2),
    ):
        try:
            print(f.__name__, f(a, b))
        except ZeroDivisionError as e:
            print(f.__name__, a, b, e, e.__traceback__.tb_next.tb_lineno)


def hot(n):
    s = 0
    for i in range(n):
        s += 1000 // (n - 3 - i)
        s %= 77 - i // 2 + 1
    return s


for n in (2, 3, 4, 10, 100, 400):
    try:
        print(hot(n))
    except ZeroDivisionError as e:
        tb = e.__traceback__.tb_next
        print(n, e, tb.tb_lineno, tb.tb_frame.f_locals)
