# expect-compiled: after, inside, nested
"""A loop in a try statement is entered in the middle; what raises behind the statement is not its handler's."""


def note(*what):
    print("note", *what)


def after(x, y, n):
    total = 0.0
    try:
        for k in range(n):
            total += k * 0.5
    except TypeError:
        note("caught", total)
    note(n, total)
    return x - y


def inside(xs, n):
    out = 0
    try:
        for k in range(n):
            out += xs[k]
    except TypeError as e:
        note("caught", e)
    note(out)
    return xs[0] + xs[-1]


def nested(x, n):
    out = 0
    for turn in range(3):
        try:
            try:
                for k in range(n):
                    out += k & 3
            finally:
                note("finally", turn)
            out += x
        except ZeroDivisionError:
            note("zero")
        out = out // (turn + 1)
        note(out)
    return out - x


def tell(f, *args):
    try:
        print(f(*args))
    except Exception as e:
        lines = []
        tb = e.__traceback__
        while tb:
            lines.append(tb.tb_lineno)
            tb = tb.tb_next
        print(type(e).__name__, e, lines)


for turn in range(6):
    tell(after, 1.5, 2, 40)
    tell(after, "text", 2.0, 40)
    tell(inside, [1] * 40, 40)
    tell(inside, [1] * 39 + ["text"], 40)
    tell(inside, ["text"] + [1] * 39, 40)
    tell(nested, 3, 30)
    tell(nested, "text", 30)
