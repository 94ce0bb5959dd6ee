# expect-compiled: bump, seeded, swap, watched_by_const, deleted_late, adds_names, objects, through_namespace, text, loop_reads, big
"""Globals that functions change: values, refcount-visible effects, and namespaces that change under the code."""

import sys

counter = 0
total = 0.0
seed = 7
mode = "a"
left, right = 1, "r"
held = None
table = [0] * 10
limit = 5


def bump(k):
    global counter, total
    counter += 1
    total += k * 0.5
    table[k % 10] += 1
    return counter


def seeded():
    global seed
    seed = (seed * 1103515245 + 12345) % 2147483648
    return seed


def swap(i):
    global left, right
    left, right = right, left
    if i % 50 == 49:
        left = i
    return left


def limited(k):
    return k if k < limit else limit


def watched_by_const(n):
    """`limit` is a constant to `limited`, until this stores to it."""
    global limit
    t = 0
    for i in range(n):
        t += limited(i)
        if i % 100 == 99:
            limit += 1
            t += limited(1000)
    return t


def reader(n):
    t = 0
    for _ in range(n):
        t += limit
    return t


def deleted_late(n):
    global mode
    out = 0
    for i in range(n):
        mode = "b" if mode == "a" else "a"
        out += len(mode) + (mode == "a")
    return out


def adds_names(n):
    """New names move the keys of the namespace about."""
    global counter
    for i in range(n):
        counter += i
        if i % 40 == 0:
            globals()[f"made_{i}"] = i
        if i % 120 == 119:
            del globals()[f"made_{i - 119}"]
    return counter


class Noisy:
    def __init__(self, n):
        self.n = n

    def __del__(self):
        log.append((self.n, counter))


log = []


def objects(n):
    global held, counter
    for i in range(n):
        counter = i
        held = Noisy(i) if i % 3 else None
    held = None
    return len(log), log[:6], log[-2:]


def through_namespace(n):
    global counter
    counter = 0
    for i in range(n):
        counter += 1
        if i % 30 == 0:
            globals()["counter"] += 1000
        if i % 70 == 0:
            sys.modules[__name__].counter -= (
                1 if __name__ in sys.modules and globals() is vars(sys.modules[__name__]) else 0
            )
    return counter


def text(n):
    global mode
    mode = ""
    for i in range(n):
        mode = mode + "xy"[i % 2]
    return mode


def loop_reads(n):
    """Reads a global that a function called within changes."""
    t = 0
    for i in range(n):
        bump(i)
        t += counter + int(total)
    return t


def big(n):
    global counter
    counter = 1
    for i in range(n):
        counter *= 3 if i % 2 else 1
        counter = -counter
    return counter


def unbound():
    global gone
    gone += 1


for i in range(300):
    bump(i)
    seeded()
    swap(i)
print(counter, total, table, seed, left, right)
print(watched_by_const(1000), limit, reader(50), limited(3), limited(99999))
limit = 3
print(reader(50), limited(99999), watched_by_const(300))
print(deleted_late(200))
del mode
try:
    print(deleted_late(20))
except NameError as e:
    print(type(e), e)
mode = "c"
print(deleted_late(20), mode)
print(adds_names(500), sorted(k for k in globals() if k.startswith("made_"))[:5])
print(objects(100))
print(through_namespace(400))
print(text(40), sys.getrefcount(mode))
print(loop_reads(300))
print(big(200))
shared = 123456789
held = shared
for value in (1.5, "s", None, 2**70, (1, 2), [3]):
    counter = value
    try:
        print(bump(3), type(counter))
    except TypeError as e:
        print(type(e), e)
try:
    unbound()
except NameError as e:
    print(e)
namespace = {"x": 0}
exec("def step():\n    global x\n    x += 1\n    return x\nfor _ in range(300): step()\n", namespace)
print(namespace["x"])
copied = dict(namespace)
namespace["step"]()
print(copied["x"], namespace["x"])
