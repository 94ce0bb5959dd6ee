from numba import njit


@njit
def search(scale):
    best = 0
    best_start = 1
    total = 0
    for start in range(1, scale):
        n = start
        steps = 0
        while n != 1:
            if n % 2 == 0:
                n //= 2
            else:
                n = 3 * n + 1
            steps += 1
        total += steps
        if steps > best:
            best = steps
            best_start = start
    return best_start, best, total


def run(scale):
    return search(scale)
