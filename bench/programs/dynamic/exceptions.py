"""Exceptions raised and caught in loops, with else, finally and chained causes."""

SCALE = 1_500_000
SMALL_SCALE = 82_000


class Rejected(ValueError):
    pass


def parse(token):
    try:
        return int(token)
    except ValueError:
        return None


def check(value):
    if value % 5 == 0:
        raise Rejected(value)
    return value * 2


def wrapped(value):
    try:
        return check(value)
    except Rejected as problem:
        raise RuntimeError("wrapped") from problem


def run(scale):
    tokens = [str(i) if i % 4 else f"x{i}" for i in range(97)]
    good = bad = cleaned = missing = 0
    table = {i: i * i for i in range(0, 200, 2)}
    for i in range(scale):
        value = parse(tokens[i % 97])
        if value is None:
            bad += 1
        try:
            good += wrapped(i)
        except RuntimeError as problem:
            bad += len(problem.__cause__.args)
        else:
            good -= 1
        finally:
            cleaned += 1
        try:
            good += table[i % 200]
        except KeyError:
            missing += 1
    return good, bad, cleaned, missing
