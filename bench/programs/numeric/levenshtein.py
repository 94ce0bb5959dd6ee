"""Edit distance between pairs of strings, two rolling rows."""

HEADLINE = True
SCALE = 36
SMALL_SCALE = 2
ALPHABET = "abcdefghijklmnopqrstuvwxyz"


def levenshtein(s, t):
    if len(s) < len(t):
        s, t = t, s
    previous = list(range(len(t) + 1))
    for i, a in enumerate(s, 1):
        current = [i]
        for j, b in enumerate(t, 1):
            insert = current[j - 1] + 1
            delete = previous[j] + 1
            change = previous[j - 1] + (a != b)
            current.append(min(insert, delete, change))
        previous = current
    return previous[-1]


def words(count, length):
    state = 12345
    out = []
    for _ in range(count):
        letters = []
        for _ in range(length):
            state = (state * 1103515245 + 12345) % 2147483648
            letters.append(ALPHABET[state % 26])
        out.append("".join(letters))
    return out


def run(scale):
    texts = words(scale + 1, 380)
    distances = [levenshtein(a, b) for a, b in zip(texts, texts[1:])]
    return sum(distances), min(distances)
