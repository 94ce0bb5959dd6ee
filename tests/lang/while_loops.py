# expect-compiled: countdown, forever, with_else, skipping, two_conditions, do_while
"""while with else, break, continue, compound conditions."""


def countdown(n):
    seen = 0
    while n:
        n -= 1
        seen += n
    return n, seen


def forever(limit):
    i = 0
    while True:
        i += 3
        if i > limit:
            break
    return i


def with_else(n, stop):
    i = 0
    while i < n:
        if i == stop:
            word = "broke"
            break
        i += 1
    else:
        word = "ran out"
    return i, word


def skipping(n):
    i = total = 0
    while i < n:
        i += 1
        if i % 2:
            continue
        if i % 5 == 0:
            continue
        total += i
    return total


def two_conditions(a, b):
    n = 0
    while a < b and n < 50 or n < 3:
        a, b = a + 2, b + 1
        n += 1
    return a, b, n


def do_while(x):
    steps = []
    while True:
        x = x / 2
        steps.append(x)
        if not x > 0.1:
            return steps


print(countdown(100), countdown(0), countdown(10.0), countdown(True))
print(forever(1000), forever(-5), forever(7.5), forever(12345))
print(with_else(50, 20), with_else(50, 60), with_else(0, 0), with_else(10, 9.0))
print(skipping(100), skipping(0))
print(two_conditions(0, 20), two_conditions(5, 0), two_conditions(0.0, 1e9))
print(do_while(100), do_while(0.05))
