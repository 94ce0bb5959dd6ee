# expect-compiled: signs, opposite, xorshift, splitmix, pcg, fnv, murmur, operators, shifts, modpow, masks, fib, factorials, growing, lists, passes, rng, entered, compares, floats, bitboard, divides
"""Ints beyond 64 bits: every operator at the edges of one and two words, and every way they travel."""

M = (1 << 64) - 1
EDGES = [0, 1, -1, 2, 3, -7, 255, 1 << 31]
for k in (31, 32, 62, 63, 64, 65, 89, 90, 119, 120, 126, 127, 128, 200):
    EDGES += [1 << k, (1 << k) - 1, (1 << k) + 1, -(1 << k), -(1 << k) - 1, -(1 << k) + 1]
EDGES += [0x9E3779B97F4A7C15, 6364136223846793005, -0x9E3779B97F4A7C15, True, False]


def tell(f, *args):
    try:
        return f(*args)
    except (ArithmeticError, ValueError, TypeError, IndexError, MemoryError) as e:
        return f"{type(e).__name__}: {e}"


def xorshift(x, n):
    for _ in range(n):
        x ^= (x << 13) & M
        x ^= x >> 7
        x ^= (x << 17) & M
    return x


def splitmix(x, n):
    s = 0
    for _ in range(n):
        x = (x + 0x9E3779B97F4A7C15) & M
        z = x
        z = ((z ^ (z >> 30)) * 0xBF58476D1CE4E5B9) & M
        z = ((z ^ (z >> 27)) * 0x94D049BB133111EB) & M
        s ^= z ^ (z >> 31)
    return s, x


def pcg(st, n):
    out = []
    for _ in range(n):
        old = st
        st = (old * 6364136223846793005 + 1442695040888963407) % 2**64
        xs = (((old >> 18) ^ old) >> 27) & 0xFFFFFFFF
        rot = old >> 59
        out.append(((xs >> rot) | (xs << ((-rot) & 31))) & 0xFFFFFFFF)
    return out


def fnv(data):
    h = 0xCBF29CE484222325
    for b in data:
        h = ((h ^ b) * 1099511628211) & M
    return h


def murmur(n, h):
    for k in range(n):
        k = k * 0xFF51AFD7ED558CCD & M
        k ^= k >> 33
        h ^= k
        h = ((h << 27 | h >> 37) & M) * 5 + 0x52DCE729 & M
    return h


def operators(a, b):
    return (
        a + b,
        a - b,
        a * b,
        a & b,
        a | b,
        a ^ b,
        ~a,
        -a,
        not a,
        (a + b) * 3 - b,
        (a * b) & M,
        (a - b) & M,
        (a * b) >> 64,
    )


def divides(a, b):
    return (
        a // b,
        a % b,
        (a * b) % 1000000007,
        (a + b) // 7,
        (a ^ b) % -(1 << 40),
        a % (1 << 64),
        a // (1 << 64),
        a * a % b,
    )


def shifts(a, n):
    return (
        a >> n,
        a << n,
        (a << n) & M,
        (a << n) >> n,
        a >> 1,
        a << 1,
        a >> 63,
        a >> 64,
        a >> 65,
        a << 63,
        a << 64,
        a << 70,
        a >> 127,
    )


def compares(a, b):
    return (
        a < b,
        a <= b,
        a == b,
        a != b,
        a > b,
        a >= b,
        a * 2 < b,
        a + 1 == b,
        (a & M) < (b & M),
        (a & M) >= b,
        bool(a ^ b),
    )


def floats(a, b):
    return (
        float(a),
        a / b,
        a / 2**64,
        a / 2**53,
        (a & M) / 2**64,
        a * 0.5,
        1.5 + (a & M),
        (a & M) * 5.421010862427522e-20,
        a < 1e19,
    )


def modpow(b, e, m):
    acc = 1
    b %= m
    while e:
        if e & 1:
            acc = acc * b % m
        b = b * b % m
        e >>= 1
    return acc


def masks(xs):
    total = 0
    for x in xs:
        total += (x & M) + (x & 0xFFFF) + ((x >> 3) & ((1 << 70) - 1)) + (x | 1) - (x & -x)
    return total


def fib(n):
    a, b = 0, 1
    for _ in range(n):
        a, b = b, a + b
    return a


def factorials(n):
    out = []
    r = 1
    for k in range(1, n):
        r *= k
        out.append(r)
    return out


def growing(x, n):
    seen = []
    for k in range(n):
        x = x * 3 + k
        if k % 4 == 0:
            seen.append(x)
        if x > 1 << 100:
            x = x >> 90
        if k % 11 == 10:
            x = -x
    return seen, x


def lists(xs, n):
    acc = 0
    for k in range(n):
        acc ^= xs[k % len(xs)]
        xs[k % len(xs)] = (xs[k % len(xs)] * 5 + k) & M
        acc = acc * 3 & M
    return acc, xs


def helper(h, x):
    h ^= x & M
    return (h * 0x100000001B3) & M


def passes(n):
    h = 0xCBF29CE484222325
    keep = {}
    for k in range(n):
        h = helper(h, k)
        keep[h] = (h, k)
        if h % 5 == 0:
            keep[str(h)] = [h, h >> 60]
    return h, len(keep), sorted(keep, key=str)[:3], max(keep[h]), [xx for xx in range(10)][h % 10]


class Rng:
    def __init__(self, seed):
        self.state = seed

    def next(self):
        self.state = (self.state * 6364136223846793005 + 1442695040888963407) & M
        return self.state >> 33


def rng(seed, n):
    r = Rng(seed)
    total = 0
    for _ in range(n):
        total += r.next() % 6
    return total, r.state


def entered(x, n):
    for k in range(n):
        if k == n - 2:
            x = tell(int, "9" * 40) if x & 1 else "text"
        elif k == n - 1:
            return x
        else:
            x = (x * 77 + 5) & M
    return x


def bitboard(n):
    board = 0
    count = 0
    for k in range(n):
        board |= 1 << (k * 7 % 64)
        if board >> (k & 63) & 1:
            count += 1
        low = board & -board
        if low == 1 << 63:
            count += 100
        board ^= low if k % 3 == 0 else 0
    return board, count


def counts(n):
    a, b = (1 << 63) - n // 2, (1 << 64) - n // 2
    for _ in range(n):
        a += 1
        b += 1
    for _ in range(n):
        a -= 1
    c, d = -(1 << 127) + n // 2, (1 << 127) - n // 2
    for _ in range(n):
        c -= 1
        d += 1
    return a, b, c, d


for x in EDGES:
    print(x, tell(xorshift, x, 12), tell(splitmix, x, 5), tell(pcg, x, 4), tell(murmur, 5, x), tell(growing, x, 30))
    for y in EDGES[::3]:
        print(y, tell(operators, x, y), tell(divides, x, y), tell(compares, x, y), tell(floats, x, y))
    for n in (0, 1, 31, 63, 64, 65, 126, 127, 128, -1):
        print(n, tell(shifts, x, n))
for a, b in zip(EDGES, reversed(EDGES)):
    print(tell(operators, a, b), tell(compares, b, a), tell(floats, b, a))
for turn in range(4):
    print(xorshift(88172645463325252, 500), xorshift(-5, 50), xorshift(1 << 70, 50), fnv(bytes(range(256))))
    print(
        [
            tell(modpow, b, e, m)
            for b in (2, 3, -5, 1 << 61)
            for e in (65537, (1 << 61) - 2)
            for m in ((1 << 61) - 1, (1 << 63) - 25, M, 1 << 64, (1 << 89) - 1, 0, -7)
        ]
    )
    print(masks(EDGES), masks(EDGES[:8]), fib(40), fib(100), fib(190), fib(400), factorials(40 + turn))
    print(lists([3, 5 << 62, -1, 1 << 80], 60), lists([1, 2, 3], 60), passes(40), rng(1 << 63, 90), rng(7, 90))
    print([entered(x, 30) for x in (1, 2, 1 << 63, -3)], bitboard(300), counts(60))


def signs(a, b):
    return a ^ b < 0, a & b < 0, a | b < 0, a + b < 0, a - b < 0, a * b < 0, a >> 3 < 0, -a < 0, ~a < 0


def opposite(a, b):
    found = a ^ b < 0
    a, b = abs(a), abs(b)
    return found, a < b


beyond = [
    s * (1 << k) + d for k in (0, 62, 63, 64, 90, 120, 127, 128, 129, 150, 1000) for d in (-1, 1) for s in (1, -1)
]
for a in beyond:
    print("".join(str(int(x)) for b in beyond[::3] for x in (*signs(a, b), *opposite(b, a))))

seed = 12345
for k in range(200):
    seed = (seed * 6364136223846793005 + 1) & M
    if k % 50 == 49:
        print(seed, seed >> 40, seed / 2**64)
