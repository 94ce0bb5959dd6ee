# expect-compiled: popcount, xorshift32, xorshift64, lcg, crc, rotate, reverse_bits, masks
"""Bit tricks that must neither wrap nor lose bits."""


def popcount(n):
    c = 0
    while n:
        n &= n - 1
        c += 1
    return c


def xorshift32(x, n):
    for _ in range(n):
        x ^= (x << 13) & 0xFFFFFFFF
        x ^= x >> 17
        x ^= (x << 5) & 0xFFFFFFFF
    return x


def xorshift64(x, n):
    mask = (1 << 64) - 1
    for _ in range(n):
        x ^= (x << 13) & mask
        x ^= x >> 7
        x ^= (x << 17) & mask
    return x


def lcg(seed, n):
    for _ in range(n):
        seed = (seed * 6364136223846793005 + 1442695040888963407) & 0xFFFFFFFFFFFFFFFF
    return seed


def crc(data):
    value = 0xFFFFFFFF
    for byte in data:
        value ^= byte
        for _ in range(8):
            if value & 1:
                value = (value >> 1) ^ 0xEDB88320
            else:
                value >>= 1
    return value ^ 0xFFFFFFFF


def rotate(x, k):
    return ((x << k) | (x >> (32 - k))) & 0xFFFFFFFF


def reverse_bits(x, width):
    r = 0
    for i in range(width):
        if x >> i & 1:
            r |= 1 << (width - 1 - i)
    return r


def masks(values):
    out = []
    for v in values:
        out.append(v & 0xFF)
        out.append(v & -256)
        out.append(v | -1)
        out.append(v ^ -1)
        out.append(~v & 0x7FFFFFFFFFFFFFFF)
    return out


print([popcount(n) for n in (0, 1, 255, 2**31 - 1, 2**32, 2**63 - 1, 2**63, 2**100 - 1)])
print(xorshift32(2463534242, 1000), xorshift64(88172645463325252, 300))
print(lcg(1, 10), lcg(42, 500))
print(crc(b"123456789"), crc(bytearray(range(256))), crc(list(b"whip")))
print([rotate(0x12345678, k) for k in range(33)])
print([reverse_bits(n, w) for n, w in ((1, 8), (6, 16), (2**40 + 1, 64), (2**63, 64), (5, 100))])
print(masks([0, 1, -1, 255, 256, -256, 2**31, -(2**31), 2**62, -(2**62), 2**63, -(2**63), 2**64]))
