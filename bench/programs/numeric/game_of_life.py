"""Conway's game on a torus, a list of lists and nested neighbour loops."""

SCALE = 90
SMALL_SCALE = 5
SIZE = 128


def step(grid):
    height = len(grid)
    width = len(grid[0])
    new = []
    for y in range(height):
        row = []
        for x in range(width):
            alive = 0
            for dy in (-1, 0, 1):
                for dx in (-1, 0, 1):
                    if dy or dx:
                        alive += grid[(y + dy) % height][(x + dx) % width]
            if grid[y][x]:
                row.append(1 if alive in (2, 3) else 0)
            else:
                row.append(1 if alive == 3 else 0)
        new.append(row)
    return new


def run(scale):
    grid = [[1 if (x * 7 + y * 13 + x * y) % 5 < 2 else 0 for x in range(SIZE)] for y in range(SIZE)]
    for _ in range(scale):
        grid = step(grid)
    return sum(map(sum, grid)), sum(y * sum(row) for y, row in enumerate(grid))
