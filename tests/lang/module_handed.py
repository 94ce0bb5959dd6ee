# expect-compiled: <module>
"""A module's namespace that somebody else hands over, read and changed in loops that carry its names."""

import sys


class Holder:
    pass


def space():
    return sys._getframe(1).__getattribute__("_".join(["f", "globals"]))


d = space()
me = sys.modules[__name__]
h = Holder()
setattr(h, "__dict__", d)
x = seen = i = k = y = e = f = 0
for i in range(300):
    x = i
    seen += d["x"]
print(seen)
for i in range(300):
    x = i
    d["x"] = x + 1
    seen += x
print(seen, d["x"])
for i in range(300):
    x = i
    seen += d.get("x", 0)
print(seen)
for i in range(300):
    x = i
    for k in list(d.items()):
        if k[0] == "x":
            seen += k[1]
print(seen)
for i in range(300):
    x = i
    for k in list(d.values()):
        if k is x:
            seen += 1
print(seen)
for i in range(300):
    x = i
    seen += list(d.values()).count(i)
print(seen)
for i in range(300):
    x = i
    seen += len(d)
    if i == 200:
        new = i
print(seen)
del new
for i in range(300):
    x = i
    if i == 150:
        new = i
    seen += "new" in d
print(seen)
for i in range(300):
    x = i
    seen += h.x
print(seen)
for i in range(300):
    x = i
    h.x = i + 2
    seen += x
print(seen)
f = abs
for i in range(300):
    f = abs if i % 2 else int
    seen += me.f(i - 20) + h.f(1 - i)
print(seen)
for i in range(300):
    x = i
    e = d | {}
    seen += e["x"]
print(seen)
for i in range(300):
    x = i
    e = {**d}
    seen += e["x"]
print(seen)
for i in range(300):
    x = i
    e = dict(d)
    seen += e["x"]
    e = d.copy()
    seen += e["x"]
print(seen)
for i in range(300):
    x = i
    seen += "%(x)d" % d == str(i)
    seen += "{x}".format_map(d) == str(i)
print(seen)
for i in range(300):
    x = i
    d.update({"x": x + 1})
    seen += x
print(seen)
for i in range(300):
    x = i
    match d:
        case {"x": y}:
            seen += y
print(seen)
for i in range(300):
    x = i
    seen += d.setdefault("x", 4)
print(seen)
for i in range(300):
    x = i
    seen += d.pop("x", 0)
print(seen)
