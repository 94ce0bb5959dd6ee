"""A vector class with operators, used to trace rays against spheres."""

import math

SCALE = 410
SMALL_SCALE = 94


class Vec:
    __slots__ = ("x", "y", "z")

    def __init__(self, x, y, z):
        self.x = x
        self.y = y
        self.z = z

    def __add__(self, o):
        return Vec(self.x + o.x, self.y + o.y, self.z + o.z)

    def __sub__(self, o):
        return Vec(self.x - o.x, self.y - o.y, self.z - o.z)

    def __mul__(self, k):
        return Vec(self.x * k, self.y * k, self.z * k)

    def __neg__(self):
        return Vec(-self.x, -self.y, -self.z)

    def dot(self, o):
        return self.x * o.x + self.y * o.y + self.z * o.z

    def unit(self):
        return self * (1.0 / math.sqrt(self.dot(self)))


class Sphere:
    def __init__(self, centre, radius, colour):
        self.centre = centre
        self.radius = radius
        self.colour = colour

    def hit(self, origin, direction):
        oc = origin - self.centre
        b = oc.dot(direction)
        c = oc.dot(oc) - self.radius * self.radius
        d = b * b - c
        if d < 0.0:
            return None
        t = -b - math.sqrt(d)
        return t if t > 1e-6 else None


def shade(spheres, origin, direction, light, depth):
    nearest = None
    best = float("inf")
    for sphere in spheres:
        t = sphere.hit(origin, direction)
        if t is not None and t < best:
            best = t
            nearest = sphere
    if nearest is None:
        return 0.1 + 0.2 * max(direction.y, 0.0)
    point = origin + direction * best
    normal = (point - nearest.centre).unit()
    value = nearest.colour * max(normal.dot(light), 0.05)
    if depth > 0:
        mirror = direction - normal * (2.0 * direction.dot(normal))
        value += 0.3 * shade(spheres, point, mirror, light, depth - 1)
    return value


def run(scale):
    spheres = [
        Sphere(Vec(0.0, 0.0, 5.0), 1.0, 0.9),
        Sphere(Vec(1.5, 0.5, 4.0), 0.5, 0.7),
        Sphere(Vec(-1.2, -0.4, 4.5), 0.8, 0.5),
        Sphere(Vec(0.0, -101.0, 5.0), 100.0, 0.4),
    ]
    light = Vec(0.5, 1.0, -0.7).unit()
    eye = Vec(0.0, 0.0, 0.0)
    total = 0.0
    for row in range(scale):
        for col in range(scale):
            direction = Vec(col / scale - 0.5, 0.5 - row / scale, 1.0).unit()
            total += shade(spheres, eye, direction, light, 2)
    return total
