# expect-compiled: by_letter, by_sum, kept, aliased, twice, wider, hashed, argument, both_ends, in_inlined, skipped, of_letters, of_letters_kept
"""Strings that grow in a local variable: the same string in place where nobody else holds it, a new one where somebody does."""

import sys
import time


def by_letter(n):
    out = ""
    for i in range(n):
        out += "abcdefgh"[i % 8]
    return out


def by_sum(n):
    out = "start"
    for i in range(n):
        out = out + str(i)
    return out


def kept(n):
    out, seen = "", []
    for i in range(n):
        out += "xyz"[i % 3]
        if i % 10 == 0:
            seen.append(out)
    return seen, out


def aliased(n):
    out = "q"
    for i in range(n):
        before = out
        out += "r"
        if len(before) != len(out) - 1 or before + "r" != out:
            return i
    return before, out


def twice(n):
    out = "ab"
    for _ in range(n):
        out += out
    return len(out), out[:5], out[-3:]


def wider(n):
    out = "a"
    for i in range(n):
        out += chr(60 + i * i * 7 % 70000)
    return len(out), hash(out), out[n // 2], out[-1]


def hashed(n):
    out, counts = "k", {}
    for i in range(n):
        out += "k"
        if i % 3:
            counts[out] = counts.get(out, 0) + i
    return len(counts), sum(counts.values()), out in counts, list(counts)[5]


def argument(text, n):
    for i in range(n):
        text += "!"
    return text


def both_ends(n):
    left = right = "-"
    for _ in range(n):
        left += "+"
        right = "+" + right
    return left == right[::-1], left, right


def extended(text):
    text += "e"
    return text


def in_inlined(n):
    word = "w"
    for i in range(n):
        longer = extended(word)
        if longer != word + "e":
            return i
        if i % 4 == 0:
            word = longer
    return word


def skipped(n):
    out = ""
    for i in range(n):
        out += "" if i % 2 else "s"
        out += "t" if i % 5 else out[:0]
    return out


def of_letters(text):
    out = ""
    for letter in text:
        out += letter
    return out


def of_letters_kept(text):
    out, seen = "", []
    for letter in text:
        seen.append(out)
        out += letter
    return seen


def fast_enough():
    """A megabyte by letters: linear, or this would take minutes."""
    begin = time.process_time()
    out = ""
    for _ in range(1_000_000):
        out += "a"
    letters = of_letters(out)
    return len(out), letters == out, time.process_time() - begin < 30


print(by_letter(100), by_sum(60))
print(kept(50))
print(aliased(200))
print(twice(12))
print(wider(300))
print(hashed(60))
start = "".join(["st", "art"])
print(argument(start, 30), start, sys.getrefcount(start))
print(both_ends(40))
print(in_inlined(30), skipped(30))
print(of_letters("letters" * 20), of_letters_kept("letters" * 4))
print(fast_enough())
