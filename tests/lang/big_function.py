# expect-compiled: wide, long_body, deep_expression, many_args
"""Many locals, long bodies with EXTENDED_ARG, deep expression stacks."""

WIDE = "def wide(n):\n" + "".join(f"    v{i} = n + {i}\n" for i in range(300))
WIDE += "    for i in range(n):\n" + "".join(f"        v{i} = v{i} + v{(i * 7 + 1) % 300} % 10\n" for i in range(300))
WIDE += "    return " + " + ".join(f"v{i}" for i in range(0, 300, 7)) + "\n"
LONG = "def long_body(n):\n    s = 0\n    k = 0.5\n    for i in range(n):\n"
for c in range(400):
    LONG += f"        s = (s * 3 + i + {c}) % 1000003\n"
    if c % 50 == 0:
        LONG += f"        if s % 97 == {c % 97}:\n            continue\n        k += {c} * 0.25\n"
LONG += "    return s, k\n"
DEEP = "def deep_expression(a, b):\n    return " + "(a + " * 60 + "b" + " * 2 - a)" * 60 + "\n"
MANY = (
    "def many_args("
    + ", ".join(f"a{i}" for i in range(120))
    + "):\n    return "
    + " - ".join(f"a{i}" for i in range(120))
    + "\n"
)
CONSTS = (
    "def consts(x):\n    t = 0\n" + "".join(f"    t += x * {i + 1000} - {i}.5\n" for i in range(300)) + "    return t\n"
)
for source in (WIDE, LONG, DEEP, MANY, CONSTS):
    exec(source)
print([wide(n) for n in (0, 1, 3, 10, 50)])  # noqa: F821
print([long_body(n) for n in (0, 1, 5, 60)])  # noqa: F821
print([deep_expression(a, b) for a, b in ((1, 2), (0, 0), (0.5, 1), (3, -1), (1, 2**40))])  # noqa: F821
for k in range(5):
    print(many_args(*range(k, k + 120)), many_args(*[v / 2 for v in range(120)]))  # noqa: F821
print([consts(x) for x in (0, 1, 2.5, -3, 2**60)])  # noqa: F821
NESTED = "def nested():\n    n = 0\n"
for d in range(15):
    NESTED += "    " * (d + 1) + f"for i{d} in range({1 + (d % 3 == 0)}):\n"
NESTED += "    " * 16 + "n += " + " + ".join(f"i{d}" for d in range(15)) + "\n    return n\n"
exec(NESTED)
print([nested() for _ in range(4)])  # noqa: F821
