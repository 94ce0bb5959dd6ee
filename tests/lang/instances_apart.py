# expect-compiled: carried, aliased, nested, branches, escapes, circles, derived, slotted, raised, looked_at, changed, late, deleted, identity, mixed_fields, objects, unfinished, turned, swapped, kept_in, rebuilt, wide_fields, conditional, viewed, checked, disguised, told
"""Instances that nobody else sees: carried by loops, named by several locals, made where they escape."""

import sys
import weakref


class Vec:
    def __init__(self, x, y):
        self.x = x
        self.y = y

    def __add__(self, other):
        return Vec(self.x + other.x, self.y + other.y)

    def __mul__(self, k):
        return Vec(self.x * k, self.y * k)

    def dot(self, other):
        return self.x * other.x + self.y * other.y

    @property
    def square(self):
        return self.dot(self)

    def move(self, x, y):
        self.x += x
        self.y += y
        return self

    @classmethod
    def unit(cls):
        return cls(1.0, 0.0)


class Slotted:
    __slots__ = ("a", "b", "__weakref__")
    KIND = "slotted"

    def __init__(self, a, b=2):
        self.a = a
        self.b = b


class Base:
    def __init__(self, name):
        self.name = name
        self.count = 0

    def tick(self):
        self.count += 1
        return self.count


class Derived(Base):
    def __init__(self, name, step):
        super().__init__(name)
        self.step = step

    def tick(self):
        self.count += self.step
        return super().tick()


class Loud:
    gone = []

    def __init__(self, n):
        self.n = n

    def __del__(self):
        Loud.gone.append(self.n)


class Holder:
    def __init__(self, held):
        self.held = held
        self.other = None


class Checked(Vec):
    def __add__(self, other):
        if isinstance(other, Vec):
            return Checked(self.x + other.x, self.y + other.y)
        if not isinstance(other, (int, float)):
            return NotImplemented
        return Checked(self.x + other, self.y + other)


class Disguised:
    def __init__(self, n):
        self.n = n

    @property
    def __class__(self):
        return Vec


class Asked(type):
    def __instancecheck__(cls, o):
        return "yes" in type(o).__name__.lower()


class Any(metaclass=Asked):
    pass


class YesMan:
    def __init__(self, n):
        self.n = n


class Picky:
    def __init__(self, n):
        self.before = n
        if n % 50 == 49:
            raise ValueError(f"{self.before} does not do")
        self.after = n * 2


def carried(n):
    at, by = Vec(0.0, 0.0), Vec(0.5, -0.25)
    total = 0.0
    for i in range(n):
        at = at + by * i
        total += (at + by).dot(by) + at.square
    return at.x, at.y, total


def aliased(n):
    out = []
    for i in range(n):
        a = Vec(i, i + 1)
        b = a
        b.x = 10 * i
        a.move(1, 2).y += 5
        c = [a, b] if i % 40 == 39 else None
        if c:
            c[0].x = -1
            out.append((b.x, c[0] is c[1], c[0] is a))
        out.append((a.x, a.y, b.x, b.y, a is b))
    return out[-12:]


def nested(n):
    s = 0
    for i in range(n):
        h = Holder(Vec(i, 1))
        h.held.x += 3
        v = h.held
        v.y = h.held.x
        s += h.held.y + (h.held is v)
        h.other = Holder(v)
        h.other.held.x = 7
        s += v.x
    return s


def branches(n):
    s = Vec(0, 0)
    for i in range(n):
        if i % 3 == 0:
            s = Vec(s.x + 1, s.y)
        elif i % 3 == 1:
            t = s
            t.y += 2
        else:
            s = s * 1
    return s.x, s.y


def escapes(n):
    kept = []
    last = None
    for i in range(n):
        v = Vec(i, -i)
        w = v
        if i % 25 == 0:
            kept.append(v)
            w.x = 100
        v.y -= 1
        last = w
    return [(k.x, k.y) for k in kept], last.x, last.y, len(kept)


def circles(n):
    s = 0
    for i in range(n):
        a, b = Holder(i), Holder(i + 1)
        a.other = b
        b.other = a
        a.held += 1
        s += a.other.other.held + b.other.held
        c = Holder(0)
        c.other = c
        c.held = 5
        s += c.other.other.held
    return s


def derived(n):
    s = 0
    for i in range(n):
        d = Derived("d", i % 5)
        s += d.tick() + d.tick() + d.count + len(d.name)
    return s


def slotted(n):
    s = 0
    for i in range(n):
        p = Slotted(i)
        q = Slotted(a=p.a, b=i % 7)
        p.b = q.b + 1
        s += p.a + p.b * q.b + len(p.KIND)
    return s


def raised(n):
    out = []
    for i in range(n):
        v = Vec(i, 0)
        try:
            p = Picky(i)
            v.y = p.after // (i % 60)
        except ValueError as e:
            out.append((str(e), v.x, v.y))
        except ZeroDivisionError as e:
            t = e.__traceback__
            f = t.tb_frame.f_locals
            out.append((f["v"].x, f["v"] is v, f["p"].after, t.tb_lineno - t.tb_frame.f_code.co_firstlineno))
            del t, f
    return out


def peek(name, x):
    """Changes a local of its caller by the back door."""
    seen = sys._getframe(1).f_locals[name]
    seen.x += x
    return seen


def looked_at(n):
    s = 0
    for i in range(n):
        v = Vec(i, 0)
        w = v
        if i % 30 == 7:
            s += peek("v", 1000) is w
        s += w.x
    return s


def changed(n):
    """The class changes while instances are apart."""
    s = 0
    for i in range(n):
        v = Slotted(i)
        if i == n // 2:
            Slotted.KIND = "changed now"
        s += len(v.KIND) + v.b
    Slotted.KIND = "slotted"
    return s


def late(n):
    """An attribute that only some instances get, and one that comes from elsewhere."""
    s = 0
    for i in range(n):
        v = Vec(i, 1)
        if i % 10 == 3:
            v.z = i
        try:
            s += v.z
        except AttributeError:
            s += 1
        v.__dict__["w"] = 2
        s += v.w
    return s


def deleted(n):
    s = 0
    for i in range(n):
        v = Vec(i, 1)
        if i % 20 == 19:
            del v.x
        s += getattr(v, "x", -1) + hasattr(v, "x")
    return s


def identity(n):
    s = 0
    for i in range(n):
        a, b = Vec(1, 2), Vec(1, 2)
        c = a if i % 2 else b
        s += (a is b) + 2 * (a is a) + 4 * (c is a) + 8 * (a is not None) + 16 * (a == b) + 32 * (a == a) + 64 * bool(a)
    return s


def mixed_fields(n):
    v = Vec(0, "")
    out = 0
    for i in range(n):
        v = Vec(v.x + (i if i < n // 2 else 0.5), "y" * (i % 3))
        out += len(v.y)
    return v.x, out


def objects(n):
    """Attributes that are objects with lives of their own."""
    Loud.gone.clear()
    order = []
    for i in range(n):
        h = Holder(Loud(i))
        g = h
        g.other = Loud(-i)
        if i % 2:
            h.held = None
        order.append(len(Loud.gone))
    del h, g
    return order[-3:], Loud.gone[-6:], len(Loud.gone)


def unfinished(n):
    """Left in the middle of `__init__`, with the instance in both frames."""
    made = []
    for i in range(n):
        h = Holder(Vec(i, 1 << 62))
        h.held.y += i
        made.append(h.held.y)
    return made[-3:]


def turned(n):
    v = Vec(1, 1)
    for i in range(n):
        v = v + v if i % 61 else Vec(i, 3)
        if i == n - 5:
            v = Slotted(v.x, v.y)
            v = Vec(v.a, v.b)
    return v.x, v.y


def swapped(n):
    a, b = Vec(1, 2), Vec(3, 4)
    for i in range(n):
        a, b = b, a
        a.x += i
        if i % 7 == 0:
            a = b
        elif i % 7 == 1:
            b = Vec(a.y, a.x)
    return a.x, a.y, b.x, b.y, a is b


def kept_in(n):
    d, s = {}, set()
    for i in range(n):
        v = Vec(i, i)
        d[i % 5] = v
        t = (v, i)
        v.y = -1
        s.add(v if i % 50 == 0 else i)
        assert t[0] is v and d[i % 5] is v
    return sorted((k, v.x, v.y) for k, v in d.items()), len(s)


def rebuilt(n):
    refs = []
    for i in range(n):
        p = Slotted(i)
        if i % 33 == 0:
            refs.append(weakref.ref(p))
        p.b += 1
        refs = [r for r in refs if r() is not None]
    return len(refs), p.b, refs[-1]() is p if refs else None


def wide_fields(n):
    v = Vec(1, 1j)
    for i in range(n):
        v = Vec(v.x * 6364136223846793005 % (1 << 64), v.y * 1j + i)
    return v.x, v.y


def checked(n):
    a, out = Checked(0, 0.5), 0
    for i in range(n):
        a = a + (Vec(i, 1) if i % 3 else i)
        out += (
            isinstance(a, Vec)
            + 2 * isinstance(a, Slotted)
            + 4 * isinstance(Vec(1, 1), Checked)
            + 8 * isinstance(i, Vec)
        )
        if i % 40 == 39:
            try:
                a + "no"
            except TypeError as e:
                out += len(str(e))
    return a.x, a.y, out


def disguised(n):
    out = 0
    for i in range(n):
        d = Disguised(i)
        out += isinstance(d, Vec) + 2 * isinstance(d, Disguised) + 4 * isinstance(d, Slotted)
    return out


def told(n):
    out = 0
    for i in range(n):
        y, v = YesMan(i), Vec(i, i)
        out += isinstance(y, Any) + 2 * isinstance(v, Any) + 4 * isinstance(y, YesMan)
    return out


def conditional(n, flag):
    best = None
    for i in range(n):
        v = Vec((i * 7919) % 1009, i)
        if best is None or v.x > best.x:
            best = v
        if flag and i == n // 2:
            best = None
    return best.x, best.y


def viewed(n):
    s = 0
    for i in range(n):
        v = Vec.unit()
        v.x += i
        if i % 45 == 44:
            names = sorted(locals())
            s += len(names) + (locals()["v"] is v)
        s += v.x
    return s


for _ in range(4):
    print(carried(300))
    print(aliased(200))
    print(nested(200), branches(300), escapes(120), circles(200))
    print(derived(200), slotted(200))
    print(raised(200))
    print(looked_at(200), changed(200), late(150), deleted(150), identity(200))
    print(mixed_fields(200), objects(150), unfinished(200))
    print(turned(300), swapped(300), kept_in(150), rebuilt(150))
    print(wide_fields(150), conditional(300, False), conditional(300, True), viewed(200))
    print(checked(200), disguised(150), told(150))
