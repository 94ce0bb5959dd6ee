"""Hand-written sorts: bubble, insertion and quicksort over integers and floats."""

SCALE = 4200
SMALL_SCALE = 960


def bubble(a):
    n = len(a)
    swaps = 0
    for i in range(n):
        for j in range(n - 1 - i):
            if a[j] > a[j + 1]:
                a[j], a[j + 1] = a[j + 1], a[j]
                swaps += 1
    return swaps


def insertion(a):
    for i in range(1, len(a)):
        x = a[i]
        j = i - 1
        while j >= 0 and a[j] > x:
            a[j + 1] = a[j]
            j -= 1
        a[j + 1] = x


def quicksort(a, low, high):
    while low < high:
        pivot = a[(low + high) // 2]
        i, j = low, high
        while i <= j:
            while a[i] < pivot:
                i += 1
            while a[j] > pivot:
                j -= 1
            if i <= j:
                a[i], a[j] = a[j], a[i]
                i += 1
                j -= 1
        quicksort(a, low, j)
        low = i


def run(scale):
    ints = [(i * 7919) % 10007 for i in range(scale)]
    floats = [((i * 104729) % 10007) / 7.0 for i in range(scale)]
    swaps = bubble(ints)
    insertion(floats)
    many = [(i * 15485863) % 1000003 for i in range(scale * 20)]
    quicksort(many, 0, len(many) - 1)
    return swaps, ints[10], floats[10], many[:5], many[-1]
