"""Dataclasses, frozen and not, compared, hashed, replaced and sorted."""

from dataclasses import dataclass, field, replace
from functools import total_ordering

SCALE = 73
SMALL_SCALE = 4
COUNT = 4_000


@dataclass(frozen=True)
class Point:
    x: float
    y: float

    def moved(self, dx, dy):
        return Point(self.x + dx, self.y + dy)


@dataclass
class Rectangle:
    corner: Point
    width: float
    height: float
    tags: list = field(default_factory=list)

    @property
    def area(self):
        return self.width * self.height

    def overlaps(self, other):
        return (
            self.corner.x < other.corner.x + other.width
            and other.corner.x < self.corner.x + self.width
            and self.corner.y < other.corner.y + other.height
            and other.corner.y < self.corner.y + self.height
        )


@total_ordering
@dataclass(eq=False)
class Ranked:
    rank: int
    shape: Rectangle

    def __eq__(self, other):
        return self.rank == other.rank

    def __lt__(self, other):
        return self.rank < other.rank


def survey(start):
    shapes = [Rectangle(Point(i % 211, i * 3 % 197), 2 + i % 5, 1 + i % 7) for i in range(start, start + COUNT)]
    overlapping = 0
    for a, b in zip(shapes, shapes[1:]):
        if a.overlaps(b):
            overlapping += 1
            b.tags.append("hit")
    moved = [replace(s, corner=s.corner.moved(0.5, -0.5)) for s in shapes]
    corners = {s.corner for s in moved}
    ranked = sorted(Ranked(int(s.area) * 7919 % 101, s) for s in moved[: COUNT // 4])
    area = sum(s.area for s in moved)
    return overlapping, len(corners), ranked[0].rank, ranked[-1].rank, area


def run(scale):
    results = [survey(k * 1000) for k in range(scale)]
    return results[0], results[-1], sum(r[4] for r in results)
