"""Sorting with keys, several passes, cmp_to_key, bisect, groupby and set work."""

from bisect import bisect_left, insort
from functools import cmp_to_key
from itertools import groupby

SCALE = 66
SMALL_SCALE = 3
COUNT = 8_000


def compare(a, b):
    if a[1] != b[1]:
        return -1 if a[1] < b[1] else 1
    return (a[0] > b[0]) - (a[0] < b[0])


def rankings(start):
    people = [(f"name{(i * 7919) % COUNT}", i * 31 % 90, i % 13 / 4) for i in range(start, start + COUNT)]
    by_age = sorted(people, key=lambda p: (p[1], p[0]))
    by_score = sorted(people, key=lambda p: p[2], reverse=True)
    compared = sorted(people[: COUNT // 4], key=cmp_to_key(compare))
    groups = {age: len(list(g)) for age, g in groupby(by_age, key=lambda p: p[1])}
    kept = []
    for person in people[: COUNT // 4]:
        if len(kept) < 200 or person[1] < kept[-1]:
            insort(kept, person[1])
            if len(kept) > 200:
                kept.pop()
    at = sum(bisect_left(kept, age) for age in range(90))
    names = {p[0] for p in by_score[: COUNT // 2]} - {p[0] for p in by_age[: COUNT // 3]}
    return by_age[3], by_score[0], compared[-1], len(groups), at, len(names)


def run(scale):
    results = [rankings(k) for k in range(scale)]
    return results[0], results[-1], sum(r[5] for r in results)
