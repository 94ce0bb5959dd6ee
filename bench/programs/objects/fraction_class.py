"""An own rational number class: operators, gcd, comparison, harmonic sums."""

SCALE = 3000
SMALL_SCALE = 160


def gcd(a, b):
    while b:
        a, b = b, a % b
    return abs(a)


class Rational:
    def __init__(self, num, den=1):
        if den < 0:
            num, den = -num, -den
        g = gcd(num, den)
        self.num = num // g
        self.den = den // g

    def __add__(self, other):
        if isinstance(other, int):
            other = Rational(other)
        return Rational(self.num * other.den + other.num * self.den, self.den * other.den)

    __radd__ = __add__

    def __sub__(self, other):
        return self + other * -1

    def __mul__(self, other):
        if isinstance(other, int):
            other = Rational(other)
        return Rational(self.num * other.num, self.den * other.den)

    def __truediv__(self, other):
        return Rational(self.num * other.den, self.den * other.num)

    def __lt__(self, other):
        return self.num * other.den < other.num * self.den

    def __eq__(self, other):
        return self.num == other.num and self.den == other.den

    def __hash__(self):
        return hash((self.num, self.den))

    def __str__(self):
        return f"{self.num}/{self.den}"


def hilbert_determinant(n):
    rows = [[Rational(1, i + j + 1) for j in range(n)] for i in range(n)]
    det = Rational(1)
    for col in range(n):
        det = det * rows[col][col]
        for i in range(col + 1, n):
            factor = rows[i][col] / rows[col][col]
            for j in range(col, n):
                rows[i][j] = rows[i][j] - factor * rows[col][j]
    return det


def run(scale):
    out = []
    for k in range(scale):
        out.append(sum(Rational(1, n) for n in range(1, 12)))
        out.append(hilbert_determinant(5))
        values = {Rational(a, b) for a in range(1, 24) for b in range(1, 24 + k % 2)}
        out.append(min(values) + Rational(len(values)))
    return str(out[0]), str(out[1]), str(out[2]), len(out)
