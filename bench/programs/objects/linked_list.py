"""A singly linked list with iteration, reversal and merge sort."""

SCALE = 12
SMALL_SCALE = 1
LENGTH = 30_000


class Cell:
    def __init__(self, value, rest=None):
        self.value = value
        self.rest = rest


class Chain:
    def __init__(self, values=()):
        self.head = None
        self.size = 0
        for v in values:
            self.push(v)

    def push(self, value):
        self.head = Cell(value, self.head)
        self.size += 1

    def __iter__(self):
        cell = self.head
        while cell is not None:
            yield cell.value
            cell = cell.rest

    def __len__(self):
        return self.size

    def reverse(self):
        previous = None
        cell = self.head
        while cell is not None:
            cell.rest, previous, cell = previous, cell, cell.rest
        self.head = previous

    def sort(self):
        self.head = merge_sort(self.head, self.size)


def merge(a, b):
    front = tail = Cell(None)
    while a is not None and b is not None:
        if a.value <= b.value:
            tail.rest = a
            a = a.rest
        else:
            tail.rest = b
            b = b.rest
        tail = tail.rest
    tail.rest = a if a is not None else b
    return front.rest


def merge_sort(head, size):
    if size <= 1:
        if head is not None:
            head.rest = None
        return head
    half = size // 2
    middle = head
    for _ in range(half):
        middle = middle.rest
    right = merge_sort(middle, size - half)
    return merge(merge_sort(head, half), right)


def run(scale):
    longest = 0
    for k in range(scale):
        chain = Chain((i * 7919 + k) % 100_003 for i in range(LENGTH))
        for _ in range(8):
            chain.reverse()
        chain.sort()
        values = list(chain)
        for a, b in zip(values, values[1:]):
            longest = max(longest, b - a)
    return len(chain), values[:4], values[-1], longest, sum(chain)
