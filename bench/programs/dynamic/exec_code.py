"""Code made at run time: eval of formulas, exec of cells, generated functions and classes."""

SCALE = 8100
SMALL_SCALE = 430

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
def step_{k}(x):
    y = x * {k} + 1
    while y > 50:
        y = y // 2
    return y
"""


def run(scale):
    namespace = {"results": []}
    checks = 0.0
    formula = compile("a * x ** 2 + b * x + c", "<formula>", "eval")
    for i in range(scale):
        exec(CELL.format(n=300, k=i % 7 + 2), namespace)
        if i % 20 == 0:
            exec(FUNCTION.format(k=i % 9 + 1), namespace)
        step = namespace[f"step_{i // 20 * 20 % 9 + 1}"]
        for x in range(60):
            checks += step(x)
            checks += eval(formula, {"a": 1.5, "b": i, "c": -2, "x": x})
        made = type(f"Made{i % 5}", (), {"double": lambda self, v: v * 2})
        checks += made().double(i)
    return checks, sum(namespace["results"]), len(namespace["results"])
