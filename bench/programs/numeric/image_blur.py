"""Separable blur and edge magnitude on a flat list of pixels."""

SCALE = 930
SMALL_SCALE = 210


def blur_rows(src, width, height, kernel):
    radius = len(kernel) // 2
    out = [0.0] * (width * height)
    for y in range(height):
        for x in range(width):
            acc = 0.0
            for k, weight in enumerate(kernel):
                xx = min(max(x + k - radius, 0), width - 1)
                acc += src[y * width + xx] * weight
            out[y * width + x] = acc
    return out


def edges(img, width, height):
    count = 0
    for y in range(1, height - 1):
        for x in range(1, width - 1):
            p = y * width + x
            gx = img[p + 1] - img[p - 1]
            gy = img[p + width] - img[p - width]
            if gx * gx + gy * gy > 90.0:
                count += 1
    return count


def run(scale):
    width = height = scale
    img = [float((x * x + y * 3) % 256) for y in range(height) for x in range(width)]
    smooth = blur_rows(img, width, height, [0.0625, 0.25, 0.375, 0.25, 0.0625])
    return edges(smooth, width, height), int(sum(smooth)), smooth[scale]
