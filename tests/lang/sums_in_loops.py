# expect-compiled: mixture, best_path, table
"""Builtins over generators in long functions, where many kinds of locals meet: what they gather keeps its type."""

import math


def mixture(xs, k, rounds):
    ws = [1 / k] * k
    ms = [min(xs) + (max(xs) - min(xs)) * (i + 0.5) / k for i in range(k)]
    ss = [1.0] * k
    for _ in range(rounds):
        resp = []
        for x in xs:
            ps = [w * math.exp(-((x - m) ** 2) / (2 * s * s)) / s for w, m, s in zip(ws, ms, ss)]
            t = sum(ps) or 1e-300
            resp.append([p / t for p in ps])
        for j in range(k):
            nj = sum(r[j] for r in resp)
            ws[j] = nj / len(xs)
            ms[j] = sum(r[j] * x for r, x in zip(resp, xs)) / nj
            ss[j] = math.sqrt(sum(r[j] * (x - ms[j]) ** 2 for r, x in zip(resp, xs)) / nj) or 1e-6
            low, high = min(r[j] for r in resp), max(r[j] for r in resp)
            count = sum(1 for r in resp if r[j] > 0.5)
            mixed = sum(i if i % 2 else r[j] for i, r in enumerate(resp))
            ss[j] += (high - low + count + mixed) * 1e-9
    return ws, ms, ss


def best_path(obs, trans):
    n = len(trans)
    v = [0.0] * n
    back = []
    for o in obs:
        nv, ptr = [], []
        for j in range(n):
            best, arg = max((v[i] + trans[i][j], i) for i in range(n))
            nv.append(best + o * 0.1)
            ptr.append(arg)
        v = nv
        back.append(ptr)
    return v, [sum(p) for p in back][-5:]


def table(rows):
    out = []
    for row in rows:
        total = sum(x for x in row)
        squares = sum(x * x for x in row if x)
        top = max((x for x in row), default=0)
        if total > 10:
            other = sum(abs(x) for x in row)
            out.append((total, other))
        elif total < 0:
            flag = any(x < -5 for x in row)
            out.append((squares, flag, min(x for x in row)))
        else:
            name = str(total)
            out.append((name, sum(x > 0 for x in row), top))
    return out


xs = [((i * 37) % 101) / 20 + (3 if i % 3 == 0 else 0) for i in range(60)]
for _ in range(3):
    print(mixture(xs, 3, 6))
    print(best_path([i * i % 3 for i in range(50)], [[0.6, 0.3, 0.1], [0.2, 0.5, 0.3], [0.3, 0.3, 0.4]]))
    print(table([[i - 3, i * 0.5, -i] for i in range(12)] + [[1, 2, 3], [2.5], [True, 2], [-0.0], [10**20, 1]]))
print(mixture([float(x) for x in range(12)], 2, 3), mixture(list(range(12)), 2, 3))
