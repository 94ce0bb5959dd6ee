"""32-bit FNV-1a and a 32-bit mixing hash over bytes."""

SCALE = 2_200_000
SMALL_SCALE = 120_000


def fnv1a(data):
    h = 0x811C9DC5
    for byte in data:
        h ^= byte
        h = (h * 0x01000193) & 0xFFFFFFFF
    return h


def mix(data):
    h = 0
    for byte in data:
        h = (h + byte) & 0xFFFFFFFF
        h = (h + (h << 10)) & 0xFFFFFFFF
        h ^= h >> 6
    h = (h + (h << 3)) & 0xFFFFFFFF
    h ^= h >> 11
    return (h + (h << 15)) & 0xFFFFFFFF


def run(scale):
    data = bytes(i * 37 % 251 for i in range(scale))
    return fnv1a(data), mix(data), fnv1a(data[::-1])
