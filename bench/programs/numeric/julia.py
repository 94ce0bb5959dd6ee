"""Julia set with Python's complex numbers."""

SCALE = 620
SMALL_SCALE = 140


def run(scale):
    c = complex(-0.7269, 0.1889)
    counts = []
    for row in range(scale):
        y = 3.0 * row / scale - 1.5
        for col in range(scale):
            z = complex(3.0 * col / scale - 1.5, y)
            n = 0
            while abs(z) < 2.0 and n < 100:
                z = z * z + c
                n += 1
            counts.append(n)
    return sum(counts), max(counts), counts[len(counts) // 2]
