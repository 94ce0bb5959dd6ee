# expect-compiled: attributes, inner, fails, behind, counts, tries
"""Loops that mostly go through the interpreter's own machinery: their first turns are run by turns by the interpreter and by compiled code."""

import sys


class Plain:
    pass


class Watched:
    def __init__(self):
        self.seen = []

    def __setattr__(self, name, value):
        object.__setattr__(self, name, value)
        if name != "seen":
            frame = sys._getframe(1)
            self.seen.append((frame.f_code.co_name, frame.f_locals.get("i"), value))
            del self.seen[:-3]


def attributes(o, n):
    i = 0
    while i < n:
        i += 1
        setattr(o, "x", i)
        o.y = getattr(o, "x") * 2
    return o.x, o.y


def inner(rows, o):
    total = 0
    for row in rows:
        for name in row:
            total += getattr(o, name, 1)
            if total > 10**9:
                break
        setattr(o, "total", total)
    return total, o.total


def fails(o, n, at):
    for i in range(n):
        setattr(o, "i", i)
        if getattr(o, "i") == at:
            raise ValueError(f"at {i}")
    return n


def behind(o, n):
    """What comes behind a loop is left to the interpreter, in whatever way the loop ends."""
    out = []
    for i in range(n):
        setattr(o, "z", i)
        if i == n - 3:
            break
    else:
        out.append("else")
    out.append(o.z)
    for k in range(n):
        if k % 2:
            continue
        out.append(getattr(o, "z") + k)
    try:
        for k in range(n):
            setattr(o, "z", k)
            if k == 5:
                return sum(out), o.z
    finally:
        out.append(k)
    return sum(out)


def counts(words):
    found = {}
    for w in words:
        found[w] = found.get(w, 0) + 1
        if w not in found:
            found.setdefault(w, []).append(w)
    return sorted(found.items(), key=str)[:3], len(found)


def tries(things):
    good = bad = 0
    for t in things:
        try:
            good += len(getattr(t, "text", t))
        except TypeError:
            bad += 1
    return good, bad


def stepping(o):
    for i in range(40):
        setattr(o, "s", i)
        yield o.s


def depth(o, n):
    """The loop of one call runs within the loop of another."""
    total = 0
    for i in range(3):
        setattr(o, "d", n)
        total += o.d + (depth(o, n - 1) if n else i)
    return total


def main():
    o, w = Plain(), Watched()
    for k in range(200):
        r = attributes(o, 200), inner([["x", "y", "q"]] * 20, o), behind(o, 30)
    print(r)
    for k in range(100):
        r = attributes(w, 100)
    print(r, w.seen)
    for k in range(60):
        try:
            r = fails(o, 100, 150 if k % 3 else k)
        except ValueError as e:
            r = e, e.__traceback__.tb_next.tb_frame.f_locals["i"], e.__traceback__.tb_next.tb_lineno
    print(r)
    for k in range(60):
        r = counts([str(i % 17) for i in range(200)]), tries(["ab", 3, o, (1, 2)] * 40)
    print(r)
    print([sum(stepping(o)) for _ in range(200)][-1], depth(o, 6))


main()
