"""Count placements of n queens by backtracking over lists of flags."""

SCALE = 12
SMALL_SCALE = 10


def place(row, n, columns, diag, anti):
    if row == n:
        return 1
    found = 0
    for col in range(n):
        if columns[col] or diag[row + col] or anti[row - col + n - 1]:
            continue
        columns[col] = diag[row + col] = anti[row - col + n - 1] = True
        found += place(row + 1, n, columns, diag, anti)
        columns[col] = diag[row + col] = anti[row - col + n - 1] = False
    return found


def run(scale):
    return [place(0, n, [False] * n, [False] * (2 * n), [False] * (2 * n)) for n in range(4, scale + 1)]
