"""Linear regression by gradient descent, with its mean squared error."""

SCALE = 400
SMALL_SCALE = 21
SAMPLES = 2_000


def predict(weights, bias, row):
    total = bias
    for w, x in zip(weights, row):
        total += w * x
    return total


def mse(weights, bias, rows, targets):
    error = 0.0
    for row, target in zip(rows, targets):
        error += (predict(weights, bias, row) - target) ** 2
    return error / len(rows)


def run(scale):
    rows = [[((i * 31) % 100) / 50 - 1, ((i * 17) % 90) / 45 - 1, (i % 7) / 7] for i in range(SAMPLES)]
    targets = [3.0 * r[0] - 2.0 * r[1] + 0.5 * r[2] + 1.0 for r in rows]
    weights = [0.0, 0.0, 0.0]
    bias = 0.0
    losses = []
    for _ in range(scale):
        grads = [0.0] * len(weights)
        grad_bias = 0.0
        for row, target in zip(rows, targets):
            error = predict(weights, bias, row) - target
            for j in range(len(weights)):
                grads[j] += error * row[j]
            grad_bias += error
        for j in range(len(weights)):
            weights[j] -= 0.5 * grads[j] / SAMPLES
        bias -= 0.5 * grad_bias / SAMPLES
        losses.append(mse(weights, bias, rows, targets))
    return weights, bias, losses[0], losses[-1]
