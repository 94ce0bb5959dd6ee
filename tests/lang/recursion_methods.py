# expect-compiled: total, depth, insert, spread, count_true
"""Methods that call themselves on other objects, and the truth of objects of all kinds."""

import sys
import traceback


class Node:
    def __init__(self, value):
        self.left = self.right = None
        self.value = value

    def insert(self, value):
        if value < self.value:
            if self.left:
                self.left.insert(value)
            else:
                self.left = Node(value)
        elif self.right is None:
            self.right = type(self)(value)
        else:
            self.right.insert(value)

    def total(self, scale=1):
        t = self.value * scale
        if self.left is not None:
            t += self.left.total(scale)
        if self.right is not None:
            t += self.right.total(scale)
        return t

    def depth(self):
        left = self.left.depth() if self.left else 0
        right = self.right.depth() if self.right else 0
        return 1 + max(left, right)

    def spread(self, by, level):
        if level == 0:
            return by / self.value
        return self.spread(by + 0.5, level - 1) + level


class Leaf(Node):
    def total(self, scale=1):
        return -self.value * scale


root = Node(50)
for n in range(200):
    root.insert(n * 37 % 101)
print(root.total(), root.total(2), root.total(0.5), root.depth())
print(root.total(2**70))
for n in range(60):
    root.spread(1.0, 8)
print(root.spread(1, 5), root.spread(2.5, 30))

# Another class further down, with a method of its own.
node = root
while node.left:
    node = node.left
node.left = Leaf(7)
print(root.total(), root.depth())

# An exception many calls deep: the traceback has a line for each.
zero = Node(0)
for _ in range(3):
    try:
        zero.spread(1.0, 3)
    except ZeroDivisionError:
        print(traceback.format_exc())
node.left.left = "no node"
try:
    root.depth()
except AttributeError as e:
    print(e, len(traceback.extract_tb(e.__traceback__)))
node.left = None

# Too deep.
limit = sys.getrecursionlimit()
sys.setrecursionlimit(300)
try:
    root.spread(1.0, 1000)
except RecursionError as e:
    print(e, len(traceback.extract_tb(e.__traceback__)))
finally:
    sys.setrecursionlimit(limit)


# The method is replaced while it runs.
def another(self, by, level):
    return by


class Switch(Node):
    def spread(self, by, level):
        if level == 2 and by > 90:
            Switch.spread = another
        if level == 0:
            return by
        return self.spread(by + 1, level - 1) + level


s = Switch(3)
for n in range(100):
    last = s.spread(n, 5)
print(last, s.spread(1, 5))


class Never:
    def __bool__(self):
        return False


class Empty:
    def __init__(self, n):
        self.n = n

    def __len__(self):
        return self.n


class Raises:
    def __bool__(self):
        raise ValueError("undecided")


class Wrong:
    def __bool__(self):
        return 2


def count_true(items):
    n = 0
    for x in items:
        if x:
            n += 1
        if not x:
            n += 1000
    return n


plain = [
    None,
    Node(1),
    0,
    1,
    0.0,
    2.5,
    "",
    "a",
    [],
    [1],
    {},
    {1: 2},
    set(),
    {3},
    (),
    (1,),
    b"",
    b"x",
    range(0),
    range(3),
    0j,
    1j,
]
for _ in range(30):
    print(count_true(plain), end=" ")
print(
    count_true(
        [Node, len, sys, Ellipsis, NotImplemented.__class__, slice(1), memoryview(b""), memoryview(b"1"), iter([])]
    )
)
for _ in range(30):
    print(count_true([Never(), Empty(0), Empty(2), Node(2)]), end=" ")
print()
for odd in (Raises(), Wrong(), Empty(-1)):
    try:
        count_true([1, None, odd])
    except (ValueError, TypeError) as e:
        print(type(e).__name__, e)
