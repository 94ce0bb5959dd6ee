"""All shortest paths; 10**9 stands for "no road"."""

SCALE = 270
SMALL_SCALE = 100
NO_ROAD = 10**9


def run(scale):
    n = scale
    dist = [[NO_ROAD] * n for _ in range(n)]
    for i in range(n):
        dist[i][i] = 0
        for k in range(1, 6):
            j = (i * 7 + k * k * 13) % n
            w = (i * 31 + k * 17) % 97 + 1
            if w < dist[i][j]:
                dist[i][j] = w
    for k in range(n):
        row_k = dist[k]
        for i in range(n):
            row_i = dist[i]
            d_ik = row_i[k]
            for j in range(n):
                d = d_ik + row_k[j]
                if d < row_i[j]:
                    row_i[j] = d
    longest = 0
    total = 0
    for row in dist:
        for d in row:
            if d < NO_ROAD:
                total += d
                if d > longest:
                    longest = d
    return longest, total
