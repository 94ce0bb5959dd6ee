# expect-compiled: run, quiet
"""Functions within a loop that keep leaving compiled code, by an exception or by what is not compiled: they end up called, not inlined."""


def parse(s):
    try:
        return int(s)
    except ValueError:
        return -len(s)


def shape(e):
    match e:
        case ("num", x):
            return x
        case ("add", a, b):
            return shape(a) + shape(b)
        case [*rest]:
            return len(rest)
        case _:
            return None


def run(n):
    t = 0
    items = ["12", "x", "77", "abc", "5"]
    tree = ("add", ("num", 3), ("add", ("num", 1), ("num", 5)))
    for i in range(n):
        t += parse(items[i % 5])
        t += shape(tree) if i % 2 else shape([1, 2])
    return t


def quiet(n):
    t = 0
    for i in range(n):
        t += parse("3") * i
    return t


print(run(3000), quiet(2000), run(1500))
