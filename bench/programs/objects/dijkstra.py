"""Shortest paths by Dijkstra's algorithm with heapq over a graph of objects and dicts."""

import heapq

HEADLINE = True
SCALE = 15
SMALL_SCALE = 1
NODES = 12_000


class Graph:
    def __init__(self):
        self.edges = {}

    def add_edge(self, a, b, weight):
        self.edges.setdefault(a, []).append((b, weight))
        self.edges.setdefault(b, []).append((a, weight))

    def neighbours(self, node):
        return self.edges.get(node, [])


def shortest_paths(graph, source):
    distance = {source: 0}
    done = set()
    queue = [(0, source)]
    while queue:
        d, node = heapq.heappop(queue)
        if node in done:
            continue
        done.add(node)
        for other, weight in graph.neighbours(node):
            candidate = d + weight
            if other not in distance or candidate < distance[other]:
                distance[other] = candidate
                heapq.heappush(queue, (candidate, other))
    return distance


def run(scale):
    graph = Graph()
    for i in range(NODES):
        graph.add_edge(i, (i + 1) % NODES, 10 + i % 7)
        graph.add_edge(i, (i * 7 + 3) % NODES, 25 + i % 31)
        graph.add_edge(i, (i * i + 11) % NODES, 60 + i % 13)
    result = []
    for k in range(scale):
        distance = shortest_paths(graph, k * 1013 % NODES)
        result.append((len(distance), max(distance.values()), sum(distance.values())))
    return result
