"""CRC-32 with a table built in Python, over the bytes of a text."""

SCALE = 9_400_000
SMALL_SCALE = 500_000


def make_table():
    table = []
    for n in range(256):
        c = n
        for _ in range(8):
            c = (c >> 1) ^ 0xEDB88320 if c & 1 else c >> 1
        table.append(c)
    return table


def crc32(data, table):
    c = 0xFFFFFFFF
    for byte in data:
        c = table[(c ^ byte) & 0xFF] ^ (c >> 8)
    return c ^ 0xFFFFFFFF


def run(scale):
    sentence = b"the quick brown fox jumps over the lazy dog 0123456789 "
    data = sentence * (scale // len(sentence))
    return crc32(data, make_table())
