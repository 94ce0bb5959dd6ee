# expect-compiled: ops, julia, dft, mixed
"""complex values, boxed, mixed with int and float."""

import cmath


def ops(a, b):
    out = [a + b, a - b, a * b, -a, +a, abs(a), a == b, a != b, a.real, b.imag, a.conjugate()]
    try:
        out.append(a / b)
        out.append(a**b)
    except ZeroDivisionError as e:
        out.append(str(e))
    except OverflowError as e:
        out.append(str(e))
    return out


def julia(n, c):
    counts = []
    for i in range(n):
        z = complex(i / n * 3 - 1.5, 0.25)
        k = 0
        while abs(z) < 2 and k < 50:
            z = z * z + c
            k += 1
        counts.append(k)
    return counts


def dft(xs):
    n = len(xs)
    out = []
    for k in range(n):
        s = 0
        for j in range(n):
            s += xs[j] * cmath.exp(-2j * cmath.pi * k * j / n)
        out.append(s)
    return out


def mixed(n):
    z = 1
    trail = []
    for i in range(n):
        z = z * (1 + 0.5j) if i % 4 == 3 else z + i
        if i == 10:
            z = z.real
        trail.append(z)
    return trail


VALUES = [0j, 1 + 2j, -0.5j, complex("-0.0+0j"), 3, 2.5, complex("inf"), complex("nan"), 1e200 + 1e200j, True]
for a in VALUES:
    for b in VALUES:
        print(a, b, ops(a, b))
print(julia(30, -0.8 + 0.156j), mixed(16))
print(dft([1, 2.5, 0, -1j]))
for bad in (lambda: 1j < 2j, lambda: 1j // 1, lambda: 1j % 2, lambda: int(1j), lambda: float(1j), lambda: [1][0j]):
    try:
        bad()
    except TypeError as e:
        print(e)


NAN = float("nan")


def not_a_number(n):
    found = []
    for _ in range(n):
        z = complex(NAN, NAN)
        w = [z]
        found.append((z in w, w == [z], same_number(z) is z, z == z))
    return found


def same_number(z):
    return z


for _ in range(3):
    print(set(not_a_number(10)))
