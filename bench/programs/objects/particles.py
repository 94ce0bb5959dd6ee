"""Particles bouncing in a box: attributes, methods, a property."""

SCALE = 2200
SMALL_SCALE = 120


class Particle:
    def __init__(self, x, y, vx, vy, mass):
        self.x = x
        self.y = y
        self.vx = vx
        self.vy = vy
        self.mass = mass
        self.bounces = 0

    def move(self, dt):
        self.vy -= 9.81 * dt
        self.x += self.vx * dt
        self.y += self.vy * dt

    def bounce(self, width, height):
        if self.x < 0.0 or self.x > width:
            self.vx = -self.vx
            self.x = min(max(self.x, 0.0), width)
            self.bounces += 1
        if self.y < 0.0 or self.y > height:
            self.vy = -self.vy * 0.99
            self.y = min(max(self.y, 0.0), height)
            self.bounces += 1

    @property
    def energy(self):
        return 0.5 * self.mass * (self.vx**2 + self.vy**2) + self.mass * 9.81 * self.y


class Box:
    def __init__(self, width, height):
        self.width = width
        self.height = height
        self.particles = []

    def step(self, dt):
        for p in self.particles:
            p.move(dt)
            p.bounce(self.width, self.height)

    def energy(self):
        return sum(p.energy for p in self.particles)


def run(scale):
    box = Box(10.0, 8.0)
    for i in range(2000):
        box.particles.append(Particle(i % 100 / 10, i % 73 / 10, (i % 9 - 4) / 2, (i % 7 - 3) / 3, 1 + i % 3))
    history = []
    for step in range(scale):
        box.step(0.004)
        if step % 10 == 0:
            history.append(box.energy())
    return history[-1], sum(p.bounces for p in box.particles)
