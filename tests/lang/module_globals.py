# expect-compiled: <module>, reader, writer, loop_over_global
"""Globals that change while loops run: from the loop, from callees, through the dict."""

K = 3
STEP = 1
ITEMS = [1, 2, 3]


def reader(n):
    s = 0
    for i in range(n):
        s += K * i
    return s


def writer(n):
    global K
    for i in range(n):
        K = K + STEP
        if i == n // 2:
            poke()
    return K


def poke():
    global STEP
    STEP = 0.5
    globals()["K"] = 1000


def loop_over_global():
    s = 0
    for v in ITEMS:
        s += v
        swap()
    return s


def swap():
    global ITEMS
    ITEMS = ITEMS + [len(ITEMS)]


print(reader(10), reader(10), reader(10))
K = 4
print(reader(10))
K = 2.5
print(reader(10))
K = 10**20
print(reader(10))
K = "ab"
try:
    print(reader(10))
except TypeError as e:
    print(e)
K = 1
print(writer(10), K, STEP, writer(4), K)
print(loop_over_global(), ITEMS, loop_over_global())
globals()["K"] = 7
print(reader(5))
del K
try:
    reader(5)
except NameError as e:
    print(e)
K = 1

limit = 10
i = 0
while i < limit:
    i += 1
    if i == 5:
        limit = 15
    if i == 8:
        globals()["i"] = 11
    if i == 13:
        exec("limit = 13.5")
print(i, limit)

acc = 0


def bump():
    global acc
    acc += 100


for j in range(20):
    acc += j
    if j % 5 == 0:
        bump()
print(acc)
names = globals()
for j in range(10):
    names["v%d" % j] = j
    acc += names["v%d" % (j // 2)]
print(acc, v3 + v9)  # noqa: F821
