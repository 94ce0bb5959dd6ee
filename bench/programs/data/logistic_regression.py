"""Logistic regression by stochastic gradient descent, with cross-entropy and accuracy."""

import math

SCALE = 210
SMALL_SCALE = 11
SAMPLES = 3_000


def sigmoid(z):
    if z >= 0:
        return 1.0 / (1.0 + math.exp(-z))
    e = math.exp(z)
    return e / (1.0 + e)


def dot(a, b):
    return sum(x * y for x, y in zip(a, b))


def loss(weights, data):
    total = 0.0
    for features, label in data:
        p = sigmoid(dot(weights, features))
        p = min(max(p, 1e-12), 1 - 1e-12)
        total -= label * math.log(p) + (1 - label) * math.log(1 - p)
    return total / len(data)


def run(scale):
    data = []
    for i in range(SAMPLES):
        x = ((i * 37) % 201) / 100 - 1
        y = ((i * 91) % 199) / 99 - 1
        data.append(((1.0, x, y, x * y), 1 if x + 0.7 * y - 0.4 * x * y > 0.1 else 0))
    weights = [0.0, 0.0, 0.0, 0.0]
    for _ in range(scale):
        for features, label in data:
            error = sigmoid(dot(weights, features)) - label
            weights = [w - 0.1 * error * f for w, f in zip(weights, features)]
    correct = sum((dot(weights, f) > 0) == (label == 1) for f, label in data)
    return weights, loss(weights, data), correct
