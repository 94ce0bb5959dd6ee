"""A flock of birds: attribute-heavy pairs of objects, many small float methods."""

SCALE = 31
SMALL_SCALE = 2


class Bird:
    def __init__(self, x, y, dx, dy):
        self.x = x
        self.y = y
        self.dx = dx
        self.dy = dy

    def near(self, other, radius):
        return (self.x - other.x) ** 2 + (self.y - other.y) ** 2 < radius * radius

    def steer(self, flock):
        mx = my = sx = sy = 0.0
        count = 0
        for other in flock:
            if other is not self and self.near(other, 12.0):
                mx += other.dx
                my += other.dy
                if self.near(other, 3.0):
                    sx += self.x - other.x
                    sy += self.y - other.y
                count += 1
        if count:
            self.dx += 0.05 * (mx / count - self.dx) + 0.02 * sx
            self.dy += 0.05 * (my / count - self.dy) + 0.02 * sy

    def fly(self):
        speed = (self.dx**2 + self.dy**2) ** 0.5
        if speed > 2.0:
            self.dx *= 2.0 / speed
            self.dy *= 2.0 / speed
        self.x = (self.x + self.dx) % 100.0
        self.y = (self.y + self.dy) % 100.0


def run(scale):
    flock = [Bird(i * 37 % 100 + 0.5, i * 61 % 100 + 0.25, (i % 7 - 3) / 3, (i % 5 - 2) / 2) for i in range(400)]
    for _ in range(scale):
        for bird in flock:
            bird.steer(flock)
        for bird in flock:
            bird.fly()
    return sum(b.x for b in flock), sum(b.y for b in flock), flock[7].dx
