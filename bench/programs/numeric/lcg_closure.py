"""Random walk with a 64-bit generator kept in a closure (products exceed 64 bits)."""

SCALE = 3_700_000
SMALL_SCALE = 200_000
MASK = (1 << 64) - 1


def generator(seed):
    state = seed

    def draw():
        nonlocal state
        state = (state * 6364136223846793005 + 1442695040888963407) & MASK
        return state >> 33

    return draw


def run(scale):
    draw = generator(42)
    x = y = 0
    furthest = 0
    for _ in range(scale):
        direction = draw() & 3
        if direction == 0:
            x += 1
        elif direction == 1:
            x -= 1
        elif direction == 2:
            y += 1
        else:
            y -= 1
        d = x * x + y * y
        if d > furthest:
            furthest = d
    return x, y, furthest
