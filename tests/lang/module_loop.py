# expect-compiled: <module>
"""Loops at module level, where every name lives in a dict."""

total = 0
for i in range(1000):
    total += i * i
print(total, i)

x = y = 0.0
n = 0
while x * x + y * y < 4 and n < 200:
    x, y = x * x - y * y - 0.74, 2 * x * y + 0.1
    n += 1
print(x, y, n)

big = 1
for i in range(100):
    big = big * 3 + 1
print(big)

seen = []
for a in [1, 2.5, "x", None, 2**70]:
    for b in (a, 1):
        seen.append(b)
print(seen)

grid = [[i * j for j in range(5)] for i in range(5)]
s = 0
for row in grid:
    for v in row:
        if v % 2:
            continue
        if v > 12:
            break
        s += v
    else:
        s += 1000
print(s, row, v)

i = 100
while i:
    i -= 1
    if i == 3:
        del total
        break
else:
    print("never")
try:
    print(total)
except NameError as e:
    print(e)

count = 0
for name in ("i", "s", "nothing"):
    count += name in globals()
print(count)


class Body:
    acc = 0
    items = []
    for k in range(50):
        acc += k * 2
        items.append(acc)
    del k


print(Body.acc, len(Body.items), hasattr(Body, "k"))
try:
    for i in range(50):
        q = 100 // (40 - i)
except ZeroDivisionError as e:
    print(i, q, e, e.__traceback__.tb_lineno)
