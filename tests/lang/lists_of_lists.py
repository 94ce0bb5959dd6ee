# expect-compiled: matmul, transpose, trace, gauss, ragged, floyd, jacobi
"""Matrices as lists of lists; rows of other lengths and types on the way."""


def matmul(a, b):
    n = len(a)
    m = len(b[0])
    k = len(b)
    out = [[0.0] * m for _ in range(n)]
    for i in range(n):
        for j in range(m):
            s = 0.0
            for x in range(k):
                s += a[i][x] * b[x][j]
            out[i][j] = s
    return out


def transpose(a):
    return [[row[i] for row in a] for i in range(len(a[0]))]


def trace(a):
    t = 0
    for i in range(len(a)):
        t += a[i][i] - a[-1 - i][i]
    return t


def gauss(a, b):
    n = len(a)
    for i in range(n):
        p = i
        for r in range(i + 1, n):
            if abs(a[r][i]) > abs(a[p][i]):
                p = r
        a[i], a[p] = a[p], a[i]
        b[i], b[p] = b[p], b[i]
        for r in range(i + 1, n):
            f = a[r][i] / a[i][i]
            for c in range(i, n):
                a[r][c] -= f * a[i][c]
            b[r] -= f * b[i]
    x = [0.0] * n
    for i in range(n - 1, -1, -1):
        s = b[i]
        for c in range(i + 1, n):
            s -= a[i][c] * x[c]
        x[i] = s / a[i][i]
    return x


def ragged(rows):
    s = 0
    for i in range(len(rows)):
        for j in range(len(rows[i])):
            rows[i][j] += i * j
            s += rows[i][j]
    return s


def floyd(d):
    n = len(d)
    for k in range(n):
        for i in range(n):
            for j in range(n):
                if d[i][k] + d[k][j] < d[i][j]:
                    d[i][j] = d[i][k] + d[k][j]
    return d


def jacobi(u, steps):
    n = len(u)
    for _ in range(steps):
        v = [row[:] for row in u]
        for i in range(1, n - 1):
            for j in range(1, n - 1):
                v[i][j] = 0.25 * (u[i - 1][j] + u[i + 1][j] + u[i][j - 1] + u[i][j + 1])
        u = v
    return u


def matrix(n, seed):
    return [[((i * 7 + j * 13 + seed) % 11) - 4.5 for j in range(n)] for i in range(n)]


print(matmul(matrix(6, 1), matrix(6, 2)))
print(matmul([[1, 2], [3, 4]], [[5, 6], [7, 8]]), matmul([(1, 2.5)], ([True], [2**70])))
print(transpose([[1, 2, 3], [4, 5, 6]]), trace(matrix(5, 3)), trace([[1, 2], [3, 2**64]]))
print(gauss(matrix(5, 7), [1.0, 2.0, 3.0, 4.0, 5.0]))
try:
    print(gauss([[0.0, 0.0], [0.0, 0.0]], [1.0, 2.0]))
except ZeroDivisionError as e:
    print(e)
print(ragged([[1], [2, 3, 4], [], [1.5, 2.5], [2**63 - 1] * 3]))
INF = float("inf")
print(floyd([[0, 3, INF, 7], [8, 0, 2, INF], [5, INF, 0, 1], [2, INF, INF, 0]]))
print(jacobi([[float(i == 0) * 100 for _ in range(8)] for i in range(8)], 10))
same = [0] * 3
print(ragged([same, same, same]), same)
