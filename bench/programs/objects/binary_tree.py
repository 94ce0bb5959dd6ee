"""Allocation of many small trees, and a search tree with insertion and walk."""

SCALE = 18
SMALL_SCALE = 13


class Tree:
    __slots__ = ("left", "right")

    def __init__(self, left, right):
        self.left = left
        self.right = right

    def count(self):
        if self.left is None:
            return 1
        return 1 + self.left.count() + self.right.count()


def grow(depth):
    if depth == 0:
        return Tree(None, None)
    return Tree(grow(depth - 1), grow(depth - 1))


class SearchTree:
    class Node:
        def __init__(self, key, value):
            self.key = key
            self.value = value
            self.left = None
            self.right = None

    def __init__(self):
        self.root = None

    def __setitem__(self, key, value):
        if self.root is None:
            self.root = self.Node(key, value)
            return
        node = self.root
        while True:
            if key == node.key:
                node.value = value
                return
            side = "left" if key < node.key else "right"
            child = getattr(node, side)
            if child is None:
                setattr(node, side, self.Node(key, value))
                return
            node = child

    def __iter__(self):
        yield from self.walk(self.root)

    def walk(self, node):
        if node is not None:
            yield from self.walk(node.left)
            yield node.key, node.value
            yield from self.walk(node.right)


def run(scale):
    total = 0
    for depth in range(4, scale + 1, 2):
        for _ in range(1 << (scale - depth)):
            total += grow(depth).count()
    tree = SearchTree()
    for i in range(1 << (scale - 1)):
        tree[(i * 7919) % 65_537] = i
    order = 0
    for n, (key, value) in enumerate(tree):
        order = (order + n * key + value) % 1_000_007
    return total, order
