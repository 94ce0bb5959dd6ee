# expect-compiled: many
"""A function whose callees, all inlined, would make it too large: it is compiled with fewer of them inlined."""

CALLS = 150


def mixed(x, y):
    z = x * 3 + y
    for k in (1, 2, 3):
        z = z * k - (x ^ k) if z % (k + 1) else z + (y & k)
    if z > 10_000:
        z = z % 9973 - y * 2
    return z - (x // (y + 7)) + (z >> 3)


lines = ["def many(x, n):", "    for i in range(n):"]
lines += [f"        x = mixed(x, i + {k}) & 0xFFFF" for k in range(CALLS)]
exec("\n".join(lines + ["    return x"]))
for turn in range(30):
    many(turn, 3)  # noqa: F821
print([many(k, 20) for k in (0, 5, 1000, 2**40)])  # noqa: F821
try:
    many(1.5, 3)  # noqa: F821
except TypeError as e:
    print(e, e.__traceback__.tb_next.tb_frame.f_locals["i"])
