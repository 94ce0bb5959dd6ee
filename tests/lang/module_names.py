# expect-compiled: <module>
"""Names of a module in its own code: carried in some loops, in the dict in others, looked at from everywhere."""


def show(*names):
    return [(n, globals().get(n, "unbound")) for n in names]


class Looks:
    def __add__(self, other):
        return total + other

    def __len__(self):
        globals()["total"] = total + 100
        return 2


# A loop that computes in a loop that shows.
total = 0
for turn in range(60):
    part = 0
    for i in range(40):
        part += i * turn
        total += i
    if turn % 20 == 0:
        print(show("turn", "part", "i", "total"))
print(total, part, i, turn)

# The first store of a name that nobody had yet: the order of the dict's keys, and what is seen of it.
for turn in range(30):
    for i in range(20):
        if i == 7 and turn == 25:
            late = i
        if turn == 26:
            later = late + i
    if turn > 24:
        print(show("late", "later"))
print([k for k in globals() if k in ("late", "later", "turn", "first")])

# Somebody else stores the name, or reads it, while it is computed with.
total = 1
for i in range(300):
    total += i
    if i % 100 == 50:
        if Looks():
            total += 1
        print(total, Looks() + 5)

# Names that go.
for turn in range(40):
    for i in range(10):
        gone = i
    if turn % 10 == 9:
        del gone
        print(show("gone"))
try:
    for i in range(500):
        if i > 300:
            del total
        total += i
except NameError as e:
    print(type(e), e, i)
total = 0

# New names from elsewhere, while it runs.
for turn in range(50):
    for i in range(20):
        total += i
    if turn % 10 == 5:
        globals()[f"made_{turn}"] = turn
        total += made_5  # noqa: F821
print(total, made_45)  # noqa: F821

# The same code in many namespaces.
code = compile(
    """
n = 0
found = []
for i in range(start, start + 200):
    for j in range(3):
        n += i * j
    if i % 50 == 0:
        found.append(n)
""",
    "<again>",
    "exec",
)
for start in range(12):
    space = {"start": start if start % 3 else float(start) if start == 9 else start}
    try:
        exec(code, space)
        print(space["n"], space["found"], list(space)[1:])
    except TypeError as e:
        print(e)
kept = [{"start": n} for n in range(6)]
for again in range(3):
    for space in kept:
        exec(code, space)
print([space["n"] for space in kept])
