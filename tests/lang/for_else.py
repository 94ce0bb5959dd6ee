# expect-compiled: primes, find, inner_break, last_value, continue_else
"""for with else, break out of one level, the loop variable afterwards."""


def primes(n):
    out = []
    for i in range(2, n):
        for p in out:
            if p * p > i:
                out.append(i)
                break
            if i % p == 0:
                break
        else:
            out.append(i)
    return out


def find(seq, x):
    for i, v in enumerate(seq):
        if v == x:
            return i
    else:
        return -1


def inner_break(n):
    pairs = []
    for i in range(n):
        for j in range(n):
            if j > i:
                break
            if (i + j) % 3 == 0:
                continue
            pairs.append(i * 10 + j)
        else:
            pairs.append(-i)
    return pairs


def last_value(n):
    i = "unset"
    for i in range(n):
        pass
    return i


def continue_else(values):
    total = 0
    for v in values:
        if v < 0:
            continue
        if v > 100:
            total = -1
            break
        total += v
    else:
        total *= 2
    return total


print(primes(200))
print([find([3, 1, 4, 1, 5, 9.0], x) for x in (3, 1, 9, 7, 4.0)], find("hello", "l"), find((), 0))
print(inner_break(8))
print([last_value(n) for n in (0, 1, 10, -3)])
print(continue_else([1, 2, -3, 4]), continue_else([1, 200, 3]), continue_else([]), continue_else([0.5, -1.0, 2]))
