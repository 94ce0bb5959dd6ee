# expect-compiled: lengths, numbers, spread, combined, in_place, loud, repeated
"""Builtins and operators on what nothing is known of: all kinds in one place, objects with methods of their own, and what fails."""


class Sized:
    def __init__(self, n):
        self.n = n

    def __len__(self):
        seen.append(self.n)
        return self.n

    def __int__(self):
        return self.n * 2


class Key:
    """Equal to what has the same number, and says so."""

    def __init__(self, n):
        self.n = n

    def __hash__(self):
        return self.n % 3

    def __eq__(self, other):
        seen.append((self.n, getattr(other, "n", other)))
        return isinstance(other, Key) and self.n == other.n

    def __repr__(self):
        return f"Key({self.n})"


seen = []
THINGS = [
    [1, 2],
    (3,),
    "four",
    b"12345",
    {1: 2},
    {1, 2, 3},
    range(7),
    bytearray(8),
    Sized(9),
    frozenset("ab"),
    {}.keys(),
]


def lengths(rounds):
    total = 0
    for i in range(rounds):
        thing = THINGS[i % len(THINGS)]
        total = total * 3 % 100_003 + len(thing)
    return total


def numbers(texts):
    total, failed = 0, []
    for text in texts:
        try:
            total += int(text)
        except (ValueError, TypeError) as e:
            failed.append(str(e))
    return total, failed[:4]


def three(a, b, c):
    return a * 100 + b * 10 + c


def spread(rows):
    total = 0
    for row in rows:
        total += three(*row)
        for column in zip(*rows[:2]):
            total += len(column)
    return total


def combined(rounds):
    found = []
    for i in range(rounds):
        a, b = {i, i + 1, i + 2, "x"}, {i + 1, i + 5, "x", (i, 1)}
        found.append((len(a & b), len(a | b), len(a - b), len(a ^ b), sorted(map(str, b - a))[0]))
    return found[-1], len(found)


def in_place(rounds):
    all_of = set()
    kept = all_of
    for i in range(rounds):
        all_of |= {i, i // 2}
        all_of -= {i - 5}
        all_of ^= {3, i}
        all_of &= set(range(i + 10))
    return sorted(all_of), kept is all_of


def loud(rounds):
    total = 0
    for i in range(rounds):
        a, b = {Key(i), Key(i + 1)}, {Key(i + 1), Key(i + 3)}
        total += len(a & b) * 10 + len(a | b)
    return total


def repeated(rounds):
    total, kinds = 0, set()
    for i in range(rounds):
        for made in ("ab" * i, i * "ü", (1, "x") * i, i * (i,), b"ab" * i, "z" * -i, "y" * True):
            kinds.add(type(made).__name__)
            for item in made[-2:]:
                total = total * 31 % 100_003 + (item if isinstance(item, int) else ord(item))
    return total, sorted(kinds)


def too_long(text, times):
    made = ""
    for i in range(40):
        made = text * (times if i == 30 else i)
    return len(made)


def failing(thing):
    total = 0
    for _ in range(50):
        total += len(thing)
    return total


print(lengths(400), seen[:3], len(seen))
seen.clear()
print(numbers(["12", "x", b"7", 3.9, True, Sized(4), None, "1_0"] * 20))
print(spread([[1, 2, 3], (4, 5, 6), [7, 8, 9]] * 30))
print(combined(60))
print(in_place(60))
print(loud(40), seen[:6], len(seen))
print(repeated(40))
for times in (3, 0, -5, 2**70, 2**62, 1.5):
    try:
        print(too_long("four", times))
    except (TypeError, OverflowError, MemoryError) as e:
        print(type(e).__name__, e)
for wrong in (5, None, Sized(-1), Sized(2.5)):
    try:
        print(failing(wrong))
    except (TypeError, ValueError) as e:
        print(type(e).__name__, e, e.__traceback__.tb_next.tb_lineno)
try:
    print(spread([[1, 2], [3, 4]]))
except TypeError as e:
    print(e)
