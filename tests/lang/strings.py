# expect-compiled: index_all, compare, concat, levenshtein, palindrome, count_words, runs, tokenise, bounds
"""String indexing, comparison, concatenation, and text programs."""


def index_all(s):
    out = []
    for i in range(-len(s), len(s)):
        out.append(s[i])
    return "".join(out)


def compare(a, b):
    return a == b, a != b, a < b, a <= b, a > b, a >= b, a in b, a is a


def concat(n):
    s = ""
    t = "é"
    for i in range(n):
        s += "ab"[i % 2]
        t = t + s[-1] + str(i)
        s = s + "☃" if i == 7 else s
    return s, t


def levenshtein(a, b):
    previous = list(range(len(b) + 1))
    for i in range(len(a)):
        current = [i + 1]
        for j in range(len(b)):
            cost = 0 if a[i] == b[j] else 1
            current.append(min(previous[j + 1] + 1, current[j] + 1, previous[j] + cost))
        previous = current
    return previous[-1]


def palindrome(s):
    i = 0
    j = len(s) - 1
    while i < j:
        if s[i] != s[j]:
            return False
        i += 1
        j -= 1
    return True


def count_words(text):
    counts = {}
    word = ""
    for c in text:
        if "a" <= c <= "z":
            word += c
        elif word:
            counts[word] = counts.get(word, 0) + 1
            word = ""
    return counts


def runs(s):
    out = []
    i = 0
    while i < len(s):
        j = i
        while j < len(s) and s[j] == s[i]:
            j += 1
        out.append((s[i], j - i))
        i = j
    return out


def tokenise(text):
    out = []
    i = 0
    n = len(text)
    while i < n:
        c = text[i]
        if c.isdigit():
            v = 0
            while i < n and text[i].isdigit():
                v = v * 10 + ord(text[i]) - 48
                i += 1
            out.append(v)
        elif c == " ":
            i += 1
        else:
            out.append(c)
            i += 1
    return out


def bounds(s):
    out = []
    for i in (0, len(s), -len(s) - 1, 2**63, True, "0", 1.0, None):
        try:
            out.append(s[i])
        except (IndexError, TypeError) as e:
            out.append(f"{type(e).__name__}: {e}")
    return out


print(index_all("hello"), index_all("héllo☃𝄞"), index_all(""))
WORDS = ["", "a", "b", "ab", "abc", "é", "☃", "𝄞", "ab\x00", "B"]
for a in WORDS:
    print([compare(a, b) for b in WORDS])
print(concat(12), concat(0))
print(
    [levenshtein(a, b) for a, b in (("kitten", "sitting"), ("", "abc"), ("naïve", "naive"), ("x" * 20, "y" * 15 + "x"))]
)
print([palindrome(s) for s in ("", "a", "ab", "racecar", "été", "abca")])
print(count_words("the cat the dog. a cat! "), runs("aaabccd"), runs(""), runs("☃☃é"))
print(tokenise("12+(34 * 5) - 678901234567890123456789"), bounds("ab"), bounds("☃é"))
s = "abc"
for f in (
    lambda: s + 1,
    lambda: 1 + s,
    lambda: s - s,
    lambda: s < 1,
    lambda: s[0:2] + s[-1:] + s[::-1],
    lambda: s * 3 + 2 * s + s * -1,
    lambda: -s,
    lambda: "%s-%d" % (s, 5),
):
    try:
        print(f())
    except TypeError as e:
        print(e)
x = "shared"
y = x
x += "!"
print(x, y)
words = []
for i in range(30):
    words.append(f"{i:03d}|{i / 7:.3f}|{i!r:>4}|{i % 3 == 0}")
print(words[-3:], "".join(words)[:60])
