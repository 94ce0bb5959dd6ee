"""Longest common subsequence of two DNA-like strings, full table and walk back."""

SCALE = 2200
SMALL_SCALE = 510


def dna(n, seed):
    letters = []
    for _ in range(n):
        seed = (seed * 16807) % 2147483647
        letters.append("ACGT"[seed % 4])
    return "".join(letters)


def lcs(a, b):
    table = [[0] * (len(b) + 1) for _ in range(len(a) + 1)]
    for i in range(len(a)):
        for j in range(len(b)):
            if a[i] == b[j]:
                table[i + 1][j + 1] = table[i][j] + 1
            else:
                table[i + 1][j + 1] = max(table[i][j + 1], table[i + 1][j])
    i, j = len(a), len(b)
    out = []
    while i and j:
        if a[i - 1] == b[j - 1]:
            out.append(a[i - 1])
            i -= 1
            j -= 1
        elif table[i - 1][j] >= table[i][j - 1]:
            i -= 1
        else:
            j -= 1
    return "".join(reversed(out))


def run(scale):
    found = lcs(dna(scale, 1), dna(scale, 99))
    return len(found), found[:20]
