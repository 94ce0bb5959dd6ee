# expect-compiled: ends, entered_late, strides, changing_steps, joined, backwards, left_over, sieve, strided
"""Ranges by known steps: where they end, left in the middle, entered in the middle with other steps, near the ends of 64 bits."""

TOP = 2**63 - 1
LOW = -(2**63)


def ends(n):
    out = []
    for i in range(TOP - n, TOP):
        out.append(i)
    for i in range(TOP - 2 * n, TOP, 2):
        out.append(i)
    for i in range(TOP - 3 * n, TOP - 1, 3):
        out.append(i)
    for i in range(LOW + n, LOW, -1):
        out.append(i)
    for i in range(LOW + 2 * n, LOW, -2):
        out.append(i)
    for i in range(LOW, LOW + n):
        out.append(i)
    for i in range(n, -n):
        out.append(i)
    for i in range(-n, n, -2):
        out.append(i)
    return out


def entered_late(a, rounds, step):
    """Inner loops are hot first; how they step differs from call to call."""
    total = 0
    for r in range(rounds):
        for i in range(len(a) - 1, -1, -1):
            total += a[i] * (i + r)
        for i in range(r % 3, len(a), step):
            total -= a[i]
    return total


def strides(a, n):
    """Indices that a step takes past the end only by the stop."""
    s = 0.0
    for i in range(0, n - 1, 2):
        s += a[i] * a[i + 1]
    for i in range(1, n, 2):
        s -= a[i]
    for i in range(n - 1, 0, -2):
        s += a[i] / (i + 1)
    for i in range(n - 3, -1, -3):
        s += a[i + 2]
    return s


def changing_steps(n, steps):
    out = []
    for step in steps:
        count = 0
        for i in range(0, n, step) if step > 0 else range(n, 0, step):
            count += i % 7
        out.append(count)
    return out


def sieve(n):
    """Steps that are not known are nearly always positive."""
    flags = [True] * (n + 1)
    for i in range(2, n + 1):
        if flags[i]:
            for j in range(i * i, n + 1, i):
                flags[j] = False
    return [i for i in range(2, n + 1) if flags[i]]


def strided(a, steps):
    out = []
    for step in steps:
        s = 0
        try:
            for i in range(1, len(a), step):
                s = s * 3 + a[i]
            for i in range(len(a) - 1, 0, -step):
                s = s * 5 - a[i]
            for k, i in enumerate(range(-3, 4, step)):
                s += k * a[i]
            for i in range(TOP - 5, TOP, step):
                s ^= i
        except (ValueError, IndexError) as e:
            s = str(e)
        out.append(s)
    return out


def joined(n):
    out = 0
    for k in range(n):
        r = range(k) if k % 3 else range(k, 0, -1) if k % 2 else range(0, k, 2)
        for i in r:
            out = (out * 31 + i) % 1000003
    return out


def backwards(n):
    out = []
    for i in reversed(range(n)):
        out.append(i)
    for i in reversed(range(2, n, 3)):
        out.append(i)
    for i in reversed(range(n, 2, -2)):
        out.append(i)
    for i in reversed(range(n, 2)):
        out.append(i)
    for i in reversed(range(LOW, LOW + 3)):
        out.append(i)
    for i in reversed(range(TOP, TOP - 3, -1)):
        out.append(i)
    return out


def left_over(n, stop):
    """What a loop leaves of its iterator."""
    out = []
    for step in 1, -1:
        it = iter(range(n)) if step == 1 else iter(range(n, 0, -1))
        for i in it:
            if i == stop:
                break
        out.append((list(it), it.__length_hint__(), it.__reduce__()))
    return out


def short_lists(a, n):
    """The bound holds only until the loop leaves by itself."""
    s = 0
    for i in range(n):
        if i == len(a):
            break
        s += a[i]
    return s


def counted(n):
    """Both a range and something else end it."""
    s = 0
    for i, (j, x) in enumerate(zip(range(5, n, 2), [1.5] * n)):
        s += i * j * x
    for j, k in zip(range(n), range(n, 0, -1)):
        s += j * k
    return s


def main():
    for n in (0, 1, 5, 40):
        print(sum(ends(n)), len(ends(n)), ends(n)[:3], ends(n)[-3:])
    a = list(range(37))
    for step in (1, 2, 2, 1, 3, 5, 1, 2, 37, 40, 1):
        print(entered_late(a, 12, step))
    for n in (0, 1, 2, 3, 30, 31):
        print(strides([x * 0.5 for x in range(31)], n))
    try:
        strides([1.0, 2.0, 3.0], 9)
    except IndexError as e:
        print(e)
    print(changing_steps(50, [1, 2, 3, -1, -2, 1, 7, 100, -100, 1, 2, 2, 2]))
    print(joined(40))
    print(sieve(200), sieve(1))
    a = list(range(50))
    print(strided(a, [1, 2, 3, 1, 7, 50, 2**40, TOP]))
    print(strided(a, [1, -1, 2, -2, 0, 5, -7, LOW, 3, 3, 3]))
    print(strided([1, 2], [2, 1, 9]))
    for n in (0, 3, 20):
        print(backwards(n))
    for stop in (3, 0, 9, 50):
        print(left_over(10, stop))
    for n in (5, 30, 60, 5, 60):
        print(short_lists(a, n), counted(n))


for _ in range(3):
    main()
