# expect-compiled: power, table, squares, cubes, pow3
"""Integer powers: zero, negative and huge exponents, three-argument pow."""


def power(a, b):
    return a**b


def table(n):
    out = []
    for i in range(-n, n + 1):
        for j in range(-3, 8):
            try:
                out.append(i**j)
            except ZeroDivisionError as e:
                out.append(str(e))
    return out


def squares(n):
    s = 0
    for i in range(n):
        s += i**2
    return s


def cubes(values):
    return [v**3 for v in values]


def pow3(values, e, m):
    out = []
    for v in values:
        try:
            out.append(pow(v, e, m))
        except (ValueError, ZeroDivisionError) as err:
            out.append(f"{type(err).__name__}: {err}")
    return out


for a in (0, 1, -1, 2, -2, 3, 10, 2**31, 2**32, -(2**63), True, False):
    print(a, [power(a, b) for b in (0, 1, 2, 3, 31, 62, 63, 64, 65)])
print(table(5))
print(squares(1000), cubes([0, 1, -2, 2**20, 2**21, 2097151, 2097152, -(2**21), 2**40]))
print(pow3(range(-5, 6), 3, 7), pow3(range(-5, 6), -1, 7), pow3(range(4), 2, 0), pow3(range(4), 10**20, -13))
print(power(2, -1), power(-2, -3), power(10, -2), power(2, 0.5), power(4, -0.5), power(2**1000, 2) % 1000007)
try:
    power(0, -1)
except ZeroDivisionError as e:
    print(e)
print(power(-8, 1 / 3))
