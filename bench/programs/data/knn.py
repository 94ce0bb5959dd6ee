"""k nearest neighbours with sorted distances and a vote."""

from collections import Counter

SCALE = 330
SMALL_SCALE = 17
TRAINING = 3_000


def distance(a, b):
    return sum((x - y) ** 2 for x, y in zip(a, b)) ** 0.5


def classify(query, rows, labels, k):
    ranked = sorted((distance(query, row), label) for row, label in zip(rows, labels))
    votes = Counter(label for _, label in ranked[:k])
    return max(sorted(votes), key=votes.get)


def run(scale):
    rows = [[(i * p) % 101 / 101 for p in (7, 13, 29, 43)] for i in range(TRAINING)]
    labels = ["low" if sum(r) < 1.6 else "mid" if sum(r) < 2.2 else "high" for r in rows]
    answers = []
    for i in range(scale):
        query = [(i * p + 11) % 97 / 97 for p in (5, 17, 31, 47)]
        answers.append(classify(query, rows, labels, 7))
    return sorted(Counter(answers).items())
