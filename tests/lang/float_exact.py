# expect-compiled: no_fma, no_reassociation, kahan, dot, variance, polynomial_division
"""Places where a fused multiply-add or another order of additions would show."""


def no_fma(n):
    x = 0.1
    out = []
    for i in range(n):
        p = x * x
        e = x * x - p
        d = x * 3.3333333333333335 + -0.33333333333333337 * (1 + i * 1e-9)
        out.append(e)
        out.append(d)
        x += 0.01
    return out


def no_reassociation(values):
    a = 0.0
    b = 0.0
    for v in values:
        a = (a + v) + 1e-16
        b = a + (v + 1e-16)
    return a, b, (0.1 + 0.2) + 0.3, 0.1 + (0.2 + 0.3)


def kahan(values):
    total = 0.0
    c = 0.0
    for v in values:
        y = v - c
        t = total + y
        c = (t - total) - y
        total = t
    return total, c


def dot(a, b):
    s = 0.0
    for i in range(len(a)):
        s += a[i] * b[i]
    return s


def variance(values):
    mean = 0.0
    m2 = 0.0
    n = 0
    for v in values:
        n += 1
        d = v - mean
        mean += d / n
        m2 += d * (v - mean)
    return mean, m2 / n


def polynomial_division(x, n):
    s = 0.0
    for i in range(n):
        s = s * x / (x + i) + x / 3.0 - x * (1.0 / 3.0)
    return s


values = [((i * 7919) % 1000) / 997.0 - 0.37 for i in range(500)]
others = [((i * 104729) % 1000) / 991.0 - 0.61 for i in range(500)]
print(no_fma(50))
print(no_reassociation(values))
print(kahan([0.1] * 1000 + [1e16, 1.0, -1e16]))
print(dot(values, others), dot(values, values), dot(list(range(100)), values))
print(variance(values), variance(others))
print(polynomial_division(0.7, 100), polynomial_division(1e-5, 100))
