"""What a method is called on is known before its code is left for the first time."""

import json

from face_support import output

PROGRAM = """
import json, whipsnake

class Shape:
    def __init__(self, size):
        self.size = size
    def measure(self):
        return self.area() + self.size
class Square(Shape):
    def area(self):
        return self.size * self.size
class Double(Shape):
    def area(self):
        return self.size * 2
class Unit(Shape):
    def area(self):
        return 1

def weigh(shape, by):
    return shape.measure() * by

def total(shapes):
    t = 0
    for shape in shapes:
        t += shape.area()
    return t

shapes = [kind(n) for n in range(1, 11) for kind in (Square, Double, Unit)]
t = 0
for turn in range(40):
    for shape in shapes:
        t += weigh(shape, 2)
for turn in range(40):
    t += total(shapes)
entries = [e for e in whipsnake.compiled() if e["name"] in ("Shape.measure", "weigh", "total")]
print(json.dumps([t, [[e["name"], e["entries"], [x["reason"] for x in e["exits"]]] for e in entries]]))
"""


def test_several_classes_do_not_end_what_is_compiled():
    t, entries = json.loads(output(PROGRAM, WHIPSNAKE="1", WHIPSNAKE_THRESHOLD="60", WHIPSNAKE_SYNC="1"))
    assert t == sum((n * n + n + 2 * n + n + 1 + n) * 2 * 40 + (n * n + 2 * n + 1) * 40 for n in range(1, 11))
    names = [name for name, _, _ in entries]
    assert sorted(names) == sorted(set(names)), f"compiled again: {entries}"
    assert {"weigh", "total"} <= set(names)
    assert not any("callee" in exits for _, _, exits in entries), entries
