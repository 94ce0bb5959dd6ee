"""The same placements by bit masks in one recursive function."""

SCALE = 13
SMALL_SCALE = 11


def solve(all_ones, columns, left, right):
    if columns == all_ones:
        return 1
    count = 0
    free = all_ones & ~(columns | left | right)
    while free:
        bit = free & -free
        free ^= bit
        count += solve(all_ones, columns | bit, (left | bit) << 1, (right | bit) >> 1)
    return count


def run(scale):
    return [solve((1 << n) - 1, 0, 0, 0) for n in range(1, scale + 1)]
