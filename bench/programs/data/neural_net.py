"""A small fully connected network trained by back-propagation on a spiral."""

import math
import random

SCALE = 100
SMALL_SCALE = 6
HIDDEN = 12


def forward(net, x):
    w1, b1, w2, b2 = net
    hidden = []
    for weights, bias in zip(w1, b1):
        total = bias
        for w, v in zip(weights, x):
            total += w * v
        hidden.append(math.tanh(total))
    out = b2[0]
    for w, h in zip(w2, hidden):
        out += w * h
    return hidden, 1.0 / (1.0 + math.exp(-out))


def train(net, samples, rate):
    w1, b1, w2, b2 = net
    loss = 0.0
    for x, y in samples:
        hidden, p = forward(net, x)
        delta = p - y
        loss -= math.log(p if y else 1.0 - p)
        for i in range(len(hidden)):
            h = hidden[i]
            grad = delta * w2[i] * (1.0 - h * h)
            w2[i] -= rate * delta * h
            for j in range(len(x)):
                w1[i][j] -= rate * grad * x[j]
            b1[i] -= rate * grad
        b2[0] -= rate * delta
    return loss / len(samples)


def run(scale):
    rng = random.Random(5)
    samples = []
    for i in range(1200):
        t = i / 1200 * 6
        side = i % 2
        angle = t + math.pi * side
        samples.append(((t * math.cos(angle) / 6, t * math.sin(angle) / 6), side))
    net = (
        [[rng.uniform(-1, 1) for _ in range(2)] for _ in range(HIDDEN)],
        [0.0] * HIDDEN,
        [rng.uniform(-1, 1) for _ in range(HIDDEN)],
        [0.0],
    )
    losses = [train(net, samples, 0.05) for _ in range(scale)]
    return losses[0], losses[-1], net[2][0]
