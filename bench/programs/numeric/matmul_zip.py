"""Integer matrix product in the zip-and-sum style."""

SCALE = 250
SMALL_SCALE = 93


def matmul(a, b):
    columns = list(zip(*b))
    return [[sum(x * y for x, y in zip(row, col)) for col in columns] for row in a]


def run(scale):
    a = [[(i * j) % 11 - 5 for j in range(scale)] for i in range(scale)]
    b = [[(i + 2 * j) % 13 - 6 for j in range(scale)] for i in range(scale)]
    c = matmul(a, b)
    return sum(map(sum, c)), c[1][2], max(map(max, c))
