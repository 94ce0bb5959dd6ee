# expect-compiled: covariance
# background-compiles: covariance
"""A function that runs once, with a loop that is short but for the generators that it consumes: they have it compiled."""

import time


def covariance(rows, columns):
    n = len(rows)
    table = []
    for i in range(columns):
        line = []
        for j in range(columns):
            line.append(sum(r[i] * r[j] for r in rows) / (n - 1))
            if not i and j < 5:
                # The compiler works in the background.
                time.sleep(0.05)
        table.append(line)
    return table


rows = [[((i * (7 * j + 3)) % 113) / 113 for j in range(8)] for i in range(3000)]
for line in covariance(rows, 8):
    print(line)
