"""Word frequencies, n-grams and an inverted index over generated text."""

SCALE = 62_000
SMALL_SCALE = 3300
SYLLABLES = "ka lo mi ren tu shi va do pel ar in os".split()


def make_text(lines):
    state = 1
    out = []
    for _ in range(lines):
        words = []
        for _ in range(8):
            word = ""
            for _ in range(1 + state % 3):
                state = (state * 16807) % 2147483647
                word += SYLLABLES[state % 12]
            words.append(word)
        out.append(" ".join(words).capitalize() + ".")
    return out


def run(scale):
    lines = make_text(scale)
    counts = {}
    pairs = {}
    index = {}
    for number, line in enumerate(lines):
        previous = None
        for word in line.lower().rstrip(".").split(" "):
            counts[word] = counts.get(word, 0) + 1
            if previous is not None:
                pair = (previous, word)
                if pair in pairs:
                    pairs[pair] += 1
                else:
                    pairs[pair] = 1
            index.setdefault(word, set()).add(number)
            previous = word
    top = sorted(counts.items(), key=lambda item: (-item[1], item[0]))[:5]
    common = max(pairs.items(), key=lambda item: (item[1], item[0]))
    both = len(index[top[0][0]] & index[top[1][0]])
    letters = {}
    for word, count in counts.items():
        for ch in word:
            letters[ch] = letters.get(ch, 0) + count
    return top, common, both, sorted(letters.items())
