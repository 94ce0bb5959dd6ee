"""A matrix class with __getitem__, __setitem__ and __matmul__."""

SCALE = 95
SMALL_SCALE = 36


class Matrix:
    def __init__(self, rows, cols, values=None):
        self.rows = rows
        self.cols = cols
        self.values = values if values is not None else [0.0] * (rows * cols)

    @classmethod
    def identity(cls, n):
        m = cls(n, n)
        for i in range(n):
            m[i, i] = 1.0
        return m

    def __getitem__(self, at):
        i, j = at
        return self.values[i * self.cols + j]

    def __setitem__(self, at, value):
        i, j = at
        self.values[i * self.cols + j] = value

    def __matmul__(self, other):
        out = Matrix(self.rows, other.cols)
        for i in range(self.rows):
            for j in range(other.cols):
                total = 0.0
                for k in range(self.cols):
                    total += self[i, k] * other[k, j]
                out[i, j] = total
        return out

    def __add__(self, other):
        return Matrix(self.rows, self.cols, [a + b for a, b in zip(self.values, other.values)])

    def transposed(self):
        out = Matrix(self.cols, self.rows)
        for i in range(self.rows):
            for j in range(self.cols):
                out[j, i] = self[i, j]
        return out


def run(scale):
    m = Matrix(scale, scale)
    for i in range(scale):
        for j in range(scale):
            m[i, j] = ((i * 3 + j * 5) % 11) / (11.0 * scale)
    power = Matrix.identity(scale)
    total = power
    for _ in range(6):
        power = power @ m
        total = total + power.transposed()
    return total[0, 0], total[scale // 2, 1], sum(total.values)
