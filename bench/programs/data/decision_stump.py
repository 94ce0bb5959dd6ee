"""AdaBoost over decision stumps."""

import math

SCALE = 330
SMALL_SCALE = 18
SAMPLES = 700


def best_stump(rows, labels, weights):
    best = (2.0, 0, 0.0, 1)
    for feature in range(len(rows[0])):
        for threshold in [t / 16 for t in range(1, 16)]:
            error = 0.0
            for row, label, weight in zip(rows, labels, weights):
                guess = 1 if row[feature] > threshold else -1
                if guess != label:
                    error += weight
            for sign, e in ((1, error), (-1, 1.0 - error)):
                if e < best[0]:
                    best = (e, feature, threshold, sign)
    return best


def run(scale):
    rows = [[(i * p) % 127 / 127 for p in (11, 23, 47, 71, 89)] for i in range(SAMPLES)]
    labels = [1 if r[0] + r[1] * 0.5 - r[2] * r[3] > 0.6 else -1 for r in rows]
    weights = [1.0 / SAMPLES] * SAMPLES
    chosen = []
    for _ in range(scale):
        error, feature, threshold, sign = best_stump(rows, labels, weights)
        alpha = 0.5 * math.log((1.0 - error) / max(error, 1e-12))
        total = 0.0
        for i, row in enumerate(rows):
            guess = sign if row[feature] > threshold else -sign
            weights[i] *= math.exp(-alpha * labels[i] * guess)
            total += weights[i]
        weights = [w / total for w in weights]
        chosen.append((feature, threshold, sign, alpha))
    return chosen
