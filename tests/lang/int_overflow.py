# expect-compiled: grow_add, grow_sub, grow_mul, grow_shift, there_and_back, square_sum, negate_min
"""Loops whose integers leave 64 bits in the middle, and some that come back."""


def grow_add(start, step, n):
    total = start
    for _ in range(n):
        total += step
    return total


def grow_sub(start, step, n):
    total = start
    i = 0
    while i < n:
        total = total - step
        i += 1
    return total


def grow_mul(base, n):
    out = []
    product = 1
    for _ in range(n):
        product *= base
        out.append(product)
    return out


def grow_shift(n):
    x = 1
    seen = []
    for _ in range(n):
        x = x << 1 | 1
        seen.append(x)
    return seen


def there_and_back(n):
    x = 1
    trace = []
    for i in range(n):
        if i % 80 < 40:
            x = x * 4
        else:
            x = x // 4
        trace.append(x)
    return trace


def square_sum(n, scale):
    s = 0
    for i in range(n):
        v = i * scale
        s += v * v
    return s


def negate_min(values):
    out = []
    for v in values:
        out.append((-v, abs(v), v - 1, v + 1, v * -1, v // -1, v % -1))
    return out


for edge in (1 << 30, 1 << 31, 1 << 32, 1 << 60, 1 << 62, 1 << 63, 1 << 64):
    print(edge, grow_add(edge - 20, 1, 40), grow_add(edge - 5, 3, 100), grow_add(-edge + 20, -1, 40))
    print(edge, grow_sub(edge - 20, -1, 40), grow_sub(-edge + 20, 1, 40), grow_sub(0, edge // 8, 30))
for b in (2, 3, -2, 7, 10, 1 << 15, 1 << 30, -(1 << 31), (1 << 32) - 1, 3037000499, 3037000500):
    print(b, grow_mul(b, 25))
print(grow_shift(130))
print(there_and_back(400))
for scale in (1, 1000, 1 << 20, 1 << 28, 1 << 33):
    print(scale, square_sum(300, scale))
MIN = -(1 << 63)
print(negate_min([1, 2, 3, MIN + 1, MIN, MIN - 1, -MIN - 1, -MIN, 0, -(1 << 62), 1 << 62, 1 << 30, -(1 << 30)]))
