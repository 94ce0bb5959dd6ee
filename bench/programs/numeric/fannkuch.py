"""Pancake flips over all permutations of 1..n, counting the worst case."""

SCALE = 5
SMALL_SCALE = 1


def flips(perm):
    count = 0
    p = perm[:]
    first = p[0]
    while first:
        p[: first + 1] = p[first::-1]
        count += 1
        first = p[0]
    return count


def worst_case(n):
    perm = list(range(n))
    counter = [0] * n
    worst = flips(perm)
    checksum = worst
    sign = 1
    i = 0
    while i < n:
        if counter[i] < i:
            k = counter[i] if i % 2 else 0
            perm[k], perm[i] = perm[i], perm[k]
            sign = -sign
            f = flips(perm)
            checksum += sign * f
            if f > worst:
                worst = f
            counter[i] += 1
            i = 0
        else:
            counter[i] = 0
            i += 1
    return checksum, worst


def run(scale):
    return [worst_case(8 + k % 2) for k in range(scale)]
