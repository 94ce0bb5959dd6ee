# expect-compiled: none
"""The same source compiled and run again and again: short loops, functions and classes; then a long one of the same kind."""

CELL = """
total = 0
for i in range({n}):
    if i % {k} == 0:
        total += i * {k}
    else:
        total -= 1
results.append(total)
"""

FUNCTION = """
def step(x, *more, k={k}):
    y = x * {k} + 1
    while y > 50:
        y = y // 2
    return y, more, k

class Made:
    kind = {k}
    for power in range(3):
        kind *= {k}
"""


def run(rounds):
    space = {"results": []}
    seen = []
    for i in range(rounds):
        exec(CELL.format(n=i % 30 + 2, k=i % 7 + 2), space)
        exec(FUNCTION.format(k=i % 9 + 1), space)
        for x in range(5):
            seen.append(space["step"](x * 100, x))
        seen.append((space["Made"].kind, space["Made"].power))
        del seen[:-9]
        if i % 40 == 39:
            exec(CELL.format(n=20_000, k=3), space)
            for x in range(500):
                space["step"](x)
    return seen, sum(space["results"]), len(space["results"])


print(run(5))
print(run(200))

# Everything at the same place, but not the same code.
space = {"results": []}
for i in range(120):
    exec(CELL.format(n=i, k=2) + f"name{i % 3} = i\n", space)
print(sum(space["results"]), space["name0"], space["name1"], space["name2"])
