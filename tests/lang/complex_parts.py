# expect-compiled: arithmetic, mixed, powers, compares, parts, iterate, pass_on, cases, twiddle, in_lists, closest, carried
"""Complex numbers kept as two floats: every operator on every kind of part, and every way out."""

import cmath
import math
import warnings

inf, nan = math.inf, math.nan
PARTS = [0.0, -0.0, 1.0, -1.5, 2.5, 1e-320, -1e308, inf, -inf, nan]
NUMBERS = [complex(a, b) for a in PARTS for b in PARTS]
REALS = [
    0,
    -0.0,
    1,
    0.0,
    -2,
    2.5,
    True,
    False,
    1 << 53,
    (1 << 53) + 1,
    -(1 << 62),
    (1 << 63) - 1,
    1 << 70,
    10**400,
    inf,
    -inf,
    nan,
    1e-320,
]


def tell(f, *args):
    try:
        return repr(f(*args))
    except (ArithmeticError, ValueError, TypeError) as e:
        return f"{type(e).__name__}: {e}"


def arithmetic(a, b):
    s = a + b
    d = a - b
    p = a * b
    return s, d, p, -p, s * d + p, -a


def quotient(a, b):
    return a / b


def mixed(z, x):
    return z + x, x + z, z - x, x - z, z * x, x * z


def over(z, x):
    return z / x


def under(z, x):
    return x / z


def powers(z):
    return z**2, z**3, z**5, z**0, z**1, z**2.0


def inverse_powers(z):
    return z**-1, z**-2, z**-3.0


def odd_powers(z, w):
    return z**w, z**0.5, z**101


def compares(a, b):
    return a == b, a != b, a == a, bool(a), not b, a == 1.5, 2 != b, (1 if a else 2)


def order(a, b):
    return a < b


def parts(z):
    return z.real, z.imag, z.conjugate(), abs(z), (z * z.conjugate()).real, isinstance(z, complex), complex(z)


def iterate(c, n):
    z = 0j
    for k in range(n):
        if abs(z) > 2:
            return k, z
        z = z * z + c
    return n, z


def pass_on(n):
    seen = []
    z = 1 + 0j
    keep = {}
    for k in range(n):
        z = z * (0.6 + 0.8j) + k
        seen.append(z)
        keep[k] = z
        w = (z, k)
        if k % 5 == 0:
            seen.append(str(w))
            seen.append(f"{z:.3f}")
    return seen, keep[n - 1] is seen[-1] or keep[n - 1] == z, z


def cases(xs):
    out = []
    z = 1j
    for x in xs:
        if x:
            z = z * 1j
            kind = z
        else:
            z = 2.0
            kind = 5
        out.append((z, kind))
    return out


def twiddle(n):
    out = []
    for k in range(n):
        w = cmath.exp(-2j * cmath.pi * k / n)
        r = cmath.rect(1.0, 2 * math.pi * k / n)
        out.append((w, r, cmath.phase(w), cmath.sqrt(w - r), w.conjugate() * r))
    return out


def in_lists(n):
    xs = [complex(k, -k) for k in range(n)]
    for k in range(n):
        xs[k] = xs[k] * xs[n - 1 - k] / (k + 1)
    total = 0
    for x in xs:
        total += x
    return xs, total, sum(xs)


def closest(zs, limit):
    out = []
    for z in zs:
        out.append(
            (abs(z) < 2.5, abs(z) <= 2.5, abs(z) > 2.5, 2.5 >= abs(z), abs(z) == 2.5, abs(z) != 2.5, abs(z) < limit)
        )
    return out


def carried(z, n):
    # The numbers enter the loop unboxed, leave it at an exit, and come back.
    w = z
    for k in range(n):
        w = w * w + 0.25
        if k == n - 3:
            w = w + (1 << 65)
            w = w - (1 << 65)
        z = w - z
    return w, z


class Half(complex):
    def __mul__(self, other):
        return "half"

    __rmul__ = __mul__


def subclass(z, n):
    out = []
    for k in range(n):
        out.append(z * (Half(1, 2) if k == n - 2 else 2j))
    return out


def recurse(z, n):
    if n == 0:
        return z
    return recurse(z * 1j, n - 1) + recurse(z / 2, n - 1)


def module(f, *args):
    return f(*args)


def specials(f, zs):
    out = []
    for z in zs:
        try:
            out.append(f(z))
        except (ValueError, OverflowError) as e:
            out.append(str(e))
    return out


def exps(zs):
    out = []
    for z in zs:
        try:
            out.append(cmath.exp(z))
        except (ValueError, OverflowError) as e:
            out.append(str(e))
    return out


def rects(zs):
    out = []
    for z in zs:
        try:
            out.append(cmath.rect(z.real, z.imag))
        except (ValueError, OverflowError) as e:
            out.append(str(e))
    return out


def phases(zs):
    return [cmath.phase(z) for z in zs]


def made(xs):
    out = []
    for x in xs:
        out.append(tell(lambda: complex(x)))
        try:
            out.append(complex(x, 2))
            out.append(complex(1.5, x))
        except OverflowError as e:
            out.append(str(e))
    return out


for a in NUMBERS:
    for b in NUMBERS[::7]:
        print(a, b, tell(arithmetic, a, b), tell(quotient, a, b), tell(compares, a, b))
    for x in REALS:
        print(a, x, tell(mixed, a, x), tell(over, a, x), tell(under, a, x), tell(compares, a, x))
    print(
        tell(powers, a), tell(inverse_powers, a), tell(odd_powers, a, 2), tell(odd_powers, a, 1.5 - 1j), tell(parts, a)
    )
    print(tell(iterate, a, 30), tell(carried, a, 8), tell(recurse, a, 5), tell(order, a, a))
for k in range(40):
    print(iterate(complex(k / 20 - 1.5, k / 40), 200))
for k in range(3):
    print(pass_on(30), cases([1, 1, 0, 1, 0][k:]), twiddle(9), in_lists(12), subclass(1 + 1j, 9))
ZS = [
    1.5 + 2j,
    -1.5 + 2j,
    2.5j,
    math.nextafter(2.5, 3) * 1j,
    math.nextafter(2.5, 2) * 1j,
    1e200 + 1e200j,
    complex(nan, 1),
    complex(-inf, nan),
]
ZS += [complex(1.5, math.nextafter(2, 1)), complex(1.5, math.nextafter(2, 3)), 1e-200j, 0j, 1e-320 + 1e-320j]
for k in range(3):
    print(closest(ZS, 2.5), closest(NUMBERS[: 5 + k], k), tell(closest, [complex(1.7e308, 1.7e308)] * 3, 2.5))
    print(exps(NUMBERS), exps([complex(x, 1) for x in (699, 700, 701, 709, 710, 711, -745)]))
    print(rects(NUMBERS), phases(NUMBERS), made(REALS))
    for f in (cmath.sqrt, cmath.log, cmath.sin, cmath.cosh, cmath.atan, cmath.exp):
        print(specials(f, NUMBERS))


def sums(n):
    z = 0
    for k in range(n):
        z += complex(k, 1)
        z -= k
        z *= 1j
        z /= 2
    return z


print(sums(5), sums(50), sums(0))

warnings.simplefilter("always")


def warned(z, n):
    out = []
    for k in range(n):
        out.append(complex(k, z))
        out.append(min(1.5, z.real))
        out.append(max(z.imag, complex(z, 2.0).imag))
    return out


print(warned(1j, 9), warned(2 + 1j, 9))

total = 0j
step = 0.5 + 0.5j


def rebind():
    global total
    total = total + 1000


for k in range(60):
    total += step * k
    if k % 20 == 7:
        rebind()
    step = step * 1j
print(total, step)
letter = "a"


def relabel():
    global letter, flag
    letter = "xyz"
    flag = "set"


flag = None
for k in range(60):
    letter = "abc"[k % 3]
    flag = None
    if k % 20 == 7:
        relabel()
    if len(letter) > 1 or flag:
        print(k, letter, flag)
