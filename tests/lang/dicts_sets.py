# expect-compiled: histogram, two_sum, dijkstra, memo, unique, union_find, items_loop
"""Dicts and sets in hot loops, with heapq and collections."""

import heapq
from collections import defaultdict, deque


def histogram(values):
    d = {}
    for v in values:
        if v in d:
            d[v] += 1
        else:
            d[v] = 1
    return d


def two_sum(values, target):
    seen = {}
    for i, v in enumerate(values):
        if target - v in seen:
            return seen[target - v], i
        seen[v] = i
    return None


def dijkstra(graph, start):
    dist = {start: 0}
    heap = [(0, start)]
    while heap:
        d, u = heapq.heappop(heap)
        if d > dist[u]:
            continue
        for v, w in graph[u]:
            nd = d + w
            if nd < dist.get(v, float("inf")):
                dist[v] = nd
                heapq.heappush(heap, (nd, v))
    return dist


def memo(n, table):
    if n in table:
        return table[n]
    table[n] = r = memo(n - 1, table) + memo(n - 2, table)
    return r


def unique(values):
    s = set()
    out = []
    for v in values:
        if v not in s:
            s.add(v)
            out.append(v)
    return out


def union_find(n, edges):
    parent = list(range(n))
    for a, b in edges:
        while parent[a] != a:
            parent[a] = parent[parent[a]]
            a = parent[a]
        while parent[b] != b:
            parent[b] = parent[parent[b]]
            b = parent[b]
        parent[a] = b
    return parent


def items_loop(d, n):
    s = 0
    for _ in range(n):
        for k, v in d.items():
            s += k * v
        for k in d:
            s -= d[k]
        for v in d.values():
            s += v / 2
    return s


print(histogram([1, 2, 1, 2.0, "a", True, None, "a", 2**70, 0.5]))
print(two_sum([3, 8, 1.5, 6, 4], 10), two_sum([1, 2], 100), two_sum([2**62, 2**62], 2**63))
graph = defaultdict(list)
for i in range(30):
    graph[i].append(((i * 7 + 3) % 30, i % 5 + 1))
    graph[i].append(((i * 11 + 1) % 30, i % 7 + 0.5))
print(sorted(dijkstra(graph, 0).items()))
print(memo(80, {0: 0, 1: 1}), memo(20, {0: 0.5, 1: 1}), unique([3, 1, 3.0, True, "x", None, "x"]))
print(union_find(10, [(1, 2), (3, 4), (2, 3), (9, 0)]), items_loop({1: 2, 3: 4.5}, 20))
q = deque([1])
seen = []
while q:
    x = q.popleft()
    seen.append(x)
    if x < 40:
        q.append(x * 2)
        q.append(x * 3)
print(seen)
d = {1: 1}
for bad in (lambda: d[9], lambda: d[[]], lambda: [d.update({k + 10: 1}) for k in d]):
    try:
        bad()
    except (KeyError, TypeError, RuntimeError) as e:
        print(type(e).__name__, e)


def changed_while_iterated(kind, what):
    d = {0: 0} if kind < 3 else {0}
    if kind == 4:
        d = [0]
    it = (d, d.values(), d.items())[kind] if kind < 3 else d
    seen = []
    try:
        for i in it:
            if what == "again":
                if kind < 3:
                    del d[0]
                    d[0] = 0
                elif kind == 3:
                    d.remove(0)
                    d.add(0)
            elif kind < 3:
                d[len(d)] = 0
            elif kind == 3:
                d.add(len(d))
            seen.append(i)
            if len(seen) > 3:
                break
    except RuntimeError as e:
        seen.append(repr(e))
    return seen


def replaced_in_place():
    d = {}
    d[0] = 0
    n = 0
    for i in d:
        del d[0]
        d[0] = 0
        n += 1
    return n


for _ in range(30):
    out = [changed_while_iterated(k, w) for k in range(5) for w in ("again", "more")]
    try:
        out.append(replaced_in_place())
    except RuntimeError as e:
        out.append((repr(e), e.__traceback__.tb_next.tb_lineno))
print(out)
