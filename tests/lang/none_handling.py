# expect-compiled: find, chain, optional, tree_sum, default_none, count
"""None as a value, a default, a missing result."""


def find(items, x):
    for i in range(len(items)):
        if items[i] == x:
            return i


def chain(items, xs):
    out = 0
    for x in xs:
        at = find(items, x)
        if at is None:
            out -= 1
        else:
            out += at
    return out


def optional(values):
    best = None
    for v in values:
        if v is None:
            continue
        if best is None or v > best:
            best = v
    return best


def tree_sum(node):
    if node is None:
        return 0
    left, value, right = node
    return tree_sum(left) + value + tree_sum(right)


def default_none(a, b=None):
    return a if b is None else a + b


def count(values):
    n = 0
    for v in values:
        n += v is None
        n += 10 * (v == None)  # noqa: E711
        n += 100 if not v else 0
    return n


print(chain([1, 2.5, "x"], [1, 2, 2.5, "x", None]), [find([None, 1], None), find([], 1)])
print(optional([None, 1, 3, None, 2]), optional([]), optional([None]), optional([None, 0.5, 2**70]))
tree = None
for i in range(9):
    tree = (tree, i, None) if i % 2 else (None, i * 0.5, tree)
print(tree_sum(tree), tree_sum(None))
print([default_none(i) for i in range(3)], default_none(1, 2), default_none(1.5, 0), default_none("a", "b"))
print(count([None, 0, "", 1, None]))
for f in (
    lambda: None + 1,
    lambda: None < 1,
    lambda: -None,
    lambda: None[0],
    lambda: len(None),
    lambda: [1][None],
    lambda: 1 + default_none(None),
):
    for _ in range(3):
        try:
            f()
        except TypeError as e:
            print(e)
