# expect-compiled: <module>
"""Names of a module that nothing gets hold of the namespace of: carried in some loops, in the dict in others."""

import gc
import sys


def show(*values):
    return values


class Loud:
    def __init__(self, name):
        self.name = name

    def __del__(self):
        print("gone", self.name, "total", total)


class Looks:
    def __add__(self, other):
        return total + other

    def __len__(self):
        global total
        total += 100
        return 2


# A loop that computes in a loop that shows.
total = 0
for turn in range(60):
    part = 0
    for i in range(40):
        part += i * turn
        total += i
    if turn % 20 == 0:
        print(show(turn, part, i, total))
print(total, part, i, turn)

# Two such loops in a row, with else and break.
for turn in range(40):
    for i in range(30):
        first = i * 2
        if first > turn + 20:
            break
    else:
        first = -1
    while i:
        i -= 1
        second = first + i
    if turn % 16 == 0:
        print(show(first, second, i))

# The first store of a name that nobody had yet: the order of the dict's keys, and what is seen of it.
for turn in range(30):
    for i in range(20):
        if i == 7 and turn == 25:
            late = i
        if turn == 26:
            later = late + i
    if turn > 25:
        print(show(late, later))

# Somebody else stores the name, or reads it, while it is computed with.
total = 1
for i in range(300):
    total += i
    if i % 100 == 50:
        if Looks():
            total += 1
        print(total, Looks() + 5)


def bump(by):
    global total, bumped
    total += by
    bumped = by
    return total


total = 0
for i in range(400):
    total += 1
    last = bump(i)
    total -= 1
print(total, last, bumped)

for turn in range(30):
    for i in range(30):
        total = total + bump(1) % 3
    bumped += turn
print(total, bumped)

# Objects whose going is heard.
total = 0
thing = Loud("first")
for i in range(200):
    total += i
    if i == 150:
        thing = i
print("after", thing)
thing = Loud("second")
for i in range(200):
    total += i
    thing = total
print("after", thing)
for i in range(100):
    thing = Loud(i) if i > 96 else i
    total += 1
del thing
gc.collect()

# Types that change, inside and out.
for turn in range(60):
    value = turn
    if turn > 30:
        value = turn / 4
    if turn > 50:
        value = str(turn)
    for i in range(25):
        if turn <= 50:
            value += i
    if turn % 19 == 0 or turn > 56:
        print(show(value))
big = 1
for turn in range(5):
    for i in range(30):
        big = big * 5 + i
    print(big)

# Names that go.
for turn in range(40):
    for i in range(10):
        gone = i
    if turn % 10 == 9:
        del gone
        print(turn)
try:
    for i in range(500):
        if i > 300:
            del total
        total += i
except NameError as e:
    print(type(e), e, i)
total = 0

# An exception out of a carrying loop.
total = 0
for start in (5, 0):
    try:
        for i in range(300, -1, -1):
            total += 1000 // (i - start)
            reached = i
    except ZeroDivisionError:
        print("stopped", show(total, reached, i))

# The module itself as an object, its attributes read and set while the names are computed with.
me = sys.modules[__name__]
x = seen = 0
for i in range(300):
    x = i
    seen += me.x
print(seen)
for i in range(300):
    x = i
    me.x = x + 1
    seen += x
print(seen, me.x)
for i in range(300):
    x = i * 2
    seen += getattr(me, "x") + me.i
print(seen)
