"""A* over a grid of node objects compared by their own __lt__."""

import heapq

SCALE = 380
SMALL_SCALE = 87


class Node:
    __slots__ = ("closed", "cost", "estimate", "parent", "wall", "x", "y")

    def __init__(self, x, y, wall):
        self.x = x
        self.y = y
        self.wall = wall
        self.cost = float("inf")
        self.estimate = 0.0
        self.parent = None
        self.closed = False

    def __lt__(self, other):
        return self.cost + self.estimate < other.cost + other.estimate


class Grid:
    def __init__(self, size):
        self.size = size
        self.cells = [[Node(x, y, (x * 7 + y * 3) % 11 == 0 and x % 5 != 1) for x in range(size)] for y in range(size)]

    def around(self, node):
        for dx, dy in ((1, 0), (-1, 0), (0, 1), (0, -1)):
            x = node.x + dx
            y = node.y + dy
            if 0 <= x < self.size and 0 <= y < self.size:
                cell = self.cells[y][x]
                if not cell.wall:
                    yield cell


def search(grid, start, goal):
    start.cost = 0
    heap = [start]
    visited = 0
    while heap:
        node = heapq.heappop(heap)
        if node.closed:
            continue
        node.closed = True
        visited += 1
        if node is goal:
            break
        for other in grid.around(node):
            cost = node.cost + 1 + (other.x * other.y) % 3
            if cost < other.cost:
                other.cost = cost
                other.parent = node
                other.estimate = abs(other.x - goal.x) + abs(other.y - goal.y)
                heapq.heappush(heap, other)
    return visited


def run(scale):
    results = []
    for k in range(4):
        grid = Grid(scale)
        goal = grid.cells[scale - 2 - k][scale - 2]
        goal.wall = False
        visited = search(grid, grid.cells[0][1], goal)
        steps = 0
        node = goal
        while node.parent is not None:
            steps += 1
            node = node.parent
        results.append((visited, steps, goal.cost))
    return results
