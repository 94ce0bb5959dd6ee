# expect-compiled: caesar, codes, classify, chr_range, count_types, is_checks
"""ord, chr, isinstance, type()."""


def caesar(text, k):
    out = ""
    for c in text:
        o = ord(c)
        if 97 <= o <= 122:
            out += chr((o - 97 + k) % 26 + 97)
        else:
            out += c
    return out


def codes(text):
    s = 0
    for c in text:
        s = (s * 257 + ord(c)) & 0xFFFFFFFF
    return s


def classify(values):
    out = []
    for v in values:
        if isinstance(v, bool):
            out.append("bool")
        elif isinstance(v, int):
            out.append("int")
        elif isinstance(v, (float, complex)):
            out.append("number")
        elif isinstance(v, str | bytes):
            out.append("text")
        else:
            out.append(type(v).__name__)
    return out


def chr_range(lo, hi):
    out = []
    for i in range(lo, hi):
        try:
            out.append(chr(i))
        except (ValueError, OverflowError) as e:
            out.append(f"{type(e).__name__}: {e}")
    return [ascii(c) for c in out]


def count_types(values, kind):
    n = 0
    for v in values:
        if type(v) is kind:
            n += 1
        if isinstance(v, kind):
            n += 100
    return n


def is_checks(values):
    n = 0
    for v in values:
        if v is None:
            n += 1
        elif v is not True:
            n += 10
        else:
            n += 100
    return n


class Sub(int):
    pass


class Meta(type):
    def __instancecheck__(cls, x):
        return x == 3


class Odd(metaclass=Meta):
    pass


VALUES = [1, True, 1.5, None, "s", b"b", 1j, [], Sub(5), 2**70, 3, Odd]
print(caesar("hello, world", 3), caesar("", 1), caesar("zzZ☃é", -1), codes("abc"), codes("𝄞☃é\x00"))
print(classify(VALUES), chr_range(-2, 3), chr_range(125, 130), chr_range(0xD7FF, 0xD801), chr_range(0x10FFFE, 0x110001))
for kind in (int, float, bool, str, object, type(None), Sub, Odd, list):
    print(kind.__name__, count_types(VALUES, kind))
print(is_checks(VALUES), is_checks([None, True, False, 1]))
for bad in ("", "ab", 5, b"ab", None):
    try:
        print(ord(bad))
    except TypeError as e:
        print(e)
for bad in ("a", 1.5, None, 2**70, -(2**40)):
    try:
        print(chr(bad))
    except (TypeError, ValueError, OverflowError) as e:
        print(type(e).__name__, e)
try:
    count_types([1], 5)
except TypeError as e:
    print(e)
