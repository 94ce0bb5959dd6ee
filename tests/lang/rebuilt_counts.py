# expect-compiled: counted, compared, kept, zipped
"""Exits where the count of an `enumerate` is somewhere else as well: both are the same int, and it lives."""


class Session:
    def __init__(self, items):
        # So many attributes that the instance has a dict of its own: attribute loads leave again and again.
        for i in range(40):
            setattr(self, f"x{i}", i)
        self.items = items


def counted(session):
    wrong = 0
    for i, _ in enumerate(session.items, 1000):
        if not i + 1 < len(session.items) + 100_000:
            wrong += 1
    return wrong


def compared(session):
    last, same = None, 0
    for i, item in enumerate(session.items, 5000):
        here = i
        j = i + 1
        same += (item + session.x3 + here - i) * (last is None or last + 1 == i) + (j - i) * (session.x39 + j - here)
        last = here
    return same, last


def kept(session):
    seen = []
    for i, _ in enumerate(session.items, 2**40):
        seen.append(i)
        if session.x7 != 7 or i + 1 != seen[-1] + session.x1:
            seen.append(None)
    return len(seen), seen[0], seen[-1], sum(seen)


def zipped(session):
    out = []
    for i, (a, b) in enumerate(zip(session.items, reversed(session.items)), 300):
        out.append((i, a + b - session.x2, i + 1))
        if len(out) > session.x9:
            del out[: session.x8]
    return out


for n in (30, 300, 3000):
    s = Session(list(range(n)))
    print(counted(s), compared(s), kept(s), zipped(s)[-3:])
