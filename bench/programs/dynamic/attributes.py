"""getattr, setattr, __getattr__, properties, descriptors and class attributes."""

SCALE = 730_000
SMALL_SCALE = 39_000


class Clamped:
    def __set_name__(self, owner, name):
        self.slot = "_" + name

    def __get__(self, instance, owner):
        return self if instance is None else getattr(instance, self.slot)

    def __set__(self, instance, value):
        setattr(instance, self.slot, min(max(value, 0), 255))


class Pixel:
    red = Clamped()
    green = Clamped()
    blue = Clamped()
    made = 0

    def __init__(self, red, green, blue):
        self.red = red
        self.green = green
        self.blue = blue
        Pixel.made += 1

    @property
    def grey(self):
        return (self.red + self.green + self.blue) // 3


class Proxy:
    def __init__(self, target):
        self._target = target
        self.reads = 0

    def __getattr__(self, name):
        self.__dict__["reads"] += 1
        return getattr(self._target, name)


def run(scale):
    Pixel.made = 0
    names = ("red", "green", "blue")
    total = 0
    pixel = Pixel(0, 0, 0)
    proxy = Proxy(pixel)
    for i in range(scale):
        name = names[i % 3]
        setattr(pixel, name, getattr(pixel, name) + i % 17 - 7)
        total += proxy.grey
        if hasattr(pixel, "alpha"):
            total += 1
        if i % 10 == 0:
            pixel = Pixel(i % 300, -5, i % 128)
            proxy._target = pixel
        total += vars(pixel)["_green"]
    return total, proxy.reads, Pixel.made
