# expect-compiled: walk, ping, outer, spoilt, keyed, climb, looks, told, rebound, swapped, visited, kinds_of, elsewhere, cellular, deaths
"""Compiled functions that call others by their native entry: what they are given, what they give, and who may look meanwhile."""

import sys
import traceback


def middle(a, b):
    # Long enough to be called instead of inlined, wherever that is decided by size.
    t = 0
    for i in range(3):
        if a > i:
            t += b
        elif a < -i:
            t -= b
        else:
            t += 1
        if t > 1000000:
            t -= 1000000
        if t < -1000000:
            t += 1000000
    for i in range(3):
        if a > i:
            t += b
        elif a < -i:
            t -= b
        else:
            t += 1
        if t > 1000000:
            t -= 1000000
        if t < -1000000:
            t += 1000000
    return t


def outer(n):
    t = 0
    for i in range(n):
        t += middle(i % 7 - 3, i)
    return t


# ---- functions that call each other


def ping(n, acc):
    if n == 0:
        return acc
    return pong(n - 1, acc + n)


def pong(n, acc):
    if n == 0:
        return -acc
    return pang(n - 1, acc * 3 % 1000003)


def pang(n, acc):
    if n <= 0:
        return acc / 2
    return ping(n - 1, acc ^ 5)


# ---- methods of many classes


class Node:
    def __init__(self, *parts):
        self.parts = parts


class Leaf(Node):
    def __init__(self, v):
        self.v = v

    def visit(self, env):
        return self.v + env


class Minus(Leaf):
    def visit(self, env):
        return env - self.v


class Plus(Node):
    def visit(self, env):
        return self.parts[0].visit(env) + self.parts[1].visit(env)


class Times(Node):
    def visit(self, env):
        return self.parts[0].visit(env) * self.parts[1].visit(env) % 1009


class Let(Node):
    def visit(self, env):
        return self.parts[1].visit(self.parts[0].visit(env))


class Half(Node):
    def visit(self, env):
        return self.parts[0].visit(env) / 2


class Fails(Node):
    def visit(self, env):
        if env > 40:
            raise KeyError(env)
        return env


def tree(depth, k=1):
    if depth == 0:
        return [Leaf, Minus, Leaf, Fails][k % 4](k)
    kind = [Plus, Times, Let, Half, Plus][(k + depth) % 5]
    return kind(tree(depth - 1, 2 * k), tree(depth - 1, 2 * k + 1))


def walk(root, n):
    t = 0
    failed = 0
    for i in range(n):
        try:
            t += root.visit(i % 50)
        except KeyError as e:
            failed += 1
            t += e.args[0]
    return round(t, 6), failed


# ---- what does not fit


def kinds_of(values):
    out = []
    for v in values:
        try:
            out.append(middle(v, 2))
        except TypeError as e:
            out.append(str(e))
    return out


def keyed(n, first=2, second=5, third="x"):
    if n > 0:
        return keyed2(n - 1) + first
    return second


def keyed2(n, first=3, second=7):
    if n > 0:
        return keyed(n - 1, second) + first
    return len("abc") + second


# ---- exceptions and those who look


def deep(n):
    if n == 0:
        raise ValueError("at the bottom")
    return deeper(n - 1) + 1


def deeper(n):
    try:
        return deep(n) + 1
    except IndexError:
        return 0


def spoilt(n):
    seen = []
    for i in range(n):
        try:
            deep(i % 5)
        except ValueError as e:
            lines = [(f.name, f.lineno - deep.__code__.co_firstlineno) for f in traceback.extract_tb(e.__traceback__)]
            if lines[1:] not in seen:
                seen.append(lines[1:])
    return seen


def stack():
    f = sys._getframe(1)
    names = []
    while f is not None and f.f_code.co_name != "looks":
        names.append((f.f_code.co_name, f.f_locals.get("n"), f.f_locals.get("local")))
        f = f.f_back
    return names


def look_even(n):
    local = n * 1.5  # noqa: F841
    if n == 0:
        return stack()
    return look_odd(n - 1)


def look_odd(n):
    local = str(n)  # noqa: F841
    if n == 0:
        return stack()
    r = look_even(n - 1)
    return r


def looks(n):
    last = None
    for i in range(n):
        last = look_even(i % 6)
    return last


def climb(n):
    """As deep as it goes, and once more."""
    reached = []
    for _ in range(n):
        try:
            up(0)
        except RecursionError as e:
            reached.append((str(e), deepest[0]))
    return reached


deepest = [0]


def up(k):
    deepest[0] = k
    return down(k + 1) + 1


def down(k):
    deepest[0] = k
    return up(k + 1) + 1


# ---- what changes meanwhile


def first_form(k):
    if k % 50 == 49:
        globals()["target"] = second_form if target is first_form else first_form
    return bounce(k, 1)


def second_form(k):
    if k % 50 == 49:
        globals()["target"] = second_form if target is first_form else first_form
    return bounce(k, 2)


target = first_form


def bounce(k, by):
    if k <= 0:
        return by
    return target(k - 1) + by


def rebound(n):
    t = 0
    for i in range(n):
        t += target(i % 60)
    return t


def plain(a, b):
    return middle(a, b) + 1


def other(a, b):
    return middle(b, a) - 1


def swapped(n):
    t = 0
    for i in range(n):
        if i % 200 == 150:
            plain.__code__, other.__code__ = other.__code__, plain.__code__
        t += plain(i % 5, i) + other(i % 3, 1)
    return t


class Told:
    """Somebody begins to watch in the middle."""

    def __init__(self):
        self.events = []

    def trace(self, frame, event, arg):
        if event in ("call", "return"):
            self.events.append((event, frame.f_code.co_name))
        return self.trace


def watched(n, told):
    if n == 0:
        sys.settrace(told.trace)
        return 0
    return watched_too(n - 1, told) + 1


def watched_too(n, told):
    if n == 0:
        return 5
    r = watched(n - 1, told)
    return r + middle(n, 1)


def told(n):
    seen = []
    for i in range(n):
        t = Told()
        try:
            r = watched(4, t)
        finally:
            sys.settrace(None)
        if (r, t.events) not in seen:
            seen.append((r, t.events))
    return seen


# ---- the same code elsewhere

SOURCE = """
def scale(x):
    if x > limit:
        return other(x - 1) + factor
    return factor

def other(x):
    if x > limit:
        return scale(x - 1) + limit
    return limit
"""


def elsewhere(n):
    code = compile(SOURCE, "<elsewhere>", "exec")
    spaces = []
    for k in range(3):
        space = {"limit": k, "factor": k * 10}
        exec(code, space)
        spaces.append(space)
    t = []
    for i in range(n):
        s = spaces[i % 3]
        t.append(s["scale"](i % 9))
    return sum(t), t[-9:]


def cellular(n):
    def make(k):
        total = [0]

        def even(i):
            total[0] += k
            if i == 0:
                return total[0]
            return odd(i - 1)

        def odd(i):
            if i == 0:
                return -total[0]
            return even(i - 1)

        return even

    a, b = make(1), make(1000)
    t = 0
    for i in range(n):
        t += a(i % 7) + b(i % 5)
    return t


class Mortal:
    def __init__(self, log, n):
        self.log = log
        self.n = n

    def __del__(self):
        self.log.append(("dies", self.n))


def takes(m, log, n):
    log.append(("takes", n))
    if n > 0:
        return gives(m, log, n - 1)
    return None


def gives(m, log, n):
    if n > 0:
        return takes(Mortal(log, n), log, n - 1)
    return m


def deaths(n):
    log = []
    for i in range(n):
        del log[:]
        m = takes(Mortal(log, 100), log, 1 + i % 4)
        log.append("back")
        m = None  # noqa: F841
        log.append("gone")
    return log


def visited(n):
    calls = [len, abs, middle_of_two, Leaf(3).visit, Minus(4).visit, tree(3).visit]
    t = 0
    for i in range(n):
        f = calls[i % 6]
        t += f([1, 2]) if f is len else f(5)
    return round(t, 6)


def middle_of_two(x, y=9):
    return middle(x, y) + middle(y, x)


def main():
    print(outer(3000))
    print([ping(k % 12, k) for k in range(400)][-14:])
    root = tree(6)
    print(walk(root, 300))
    print(kinds_of([1, -2, 3.5, True, 10**30, 2**62, "s", None, -(2**63)] * 60)[-9:])
    print([keyed(k % 8) for k in range(300)][-8:])
    print(spoilt(300))
    print(looks(300))
    old = sys.getrecursionlimit()
    sys.setrecursionlimit(220)
    try:
        print(climb(30)[-1])
    finally:
        sys.setrecursionlimit(old)
    print(rebound(1200))
    print(swapped(1000))
    print(told(60))
    print(elsewhere(900))
    print(cellular(600))
    print(deaths(200))
    print(visited(1200))


main()
