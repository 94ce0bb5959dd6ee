"""Building and taking apart strings: +=, join, format, slices, reversal, Caesar."""

SCALE = 48_000
SMALL_SCALE = 2500


def caesar(text, shift):
    out = ""
    for ch in text:
        if "a" <= ch <= "z":
            out += chr((ord(ch) - 97 + shift) % 26 + 97)
        else:
            out += ch
    return out


def is_palindrome(s):
    i, j = 0, len(s) - 1
    while i < j:
        if s[i] != s[j]:
            return False
        i += 1
        j -= 1
    return True


def run_length(text):
    parts = []
    i = 0
    while i < len(text):
        j = i
        while j < len(text) and text[j] == text[i]:
            j += 1
        parts.append(f"{j - i}{text[i]}")
        i = j
    return "".join(parts)


def run(scale):
    sentence = "aabbbcd, never odd or even; step on no pets... zzzz "
    total = 0
    palindromes = 0
    last = ""
    for i in range(scale):
        secret = caesar(sentence, i % 26)
        last = run_length(secret)
        total += len(last)
        for word in secret.split():
            if is_palindrome(word):
                palindromes += 1
        if is_palindrome(sentence + sentence[::-1]):
            palindromes += 1
        label = "%05d|%s|%-8.3f" % (i, secret[i % 20 : i % 20 + 3].upper(), i / 7)
        total += label.count("1")
    return total, palindromes, last
