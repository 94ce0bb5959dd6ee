"""A queue simulation and a random walk written straight at module level."""

import sys

SCALE = 1_900_000
SMALL_SCALE = 100_000

steps = int(sys.argv[1]) if len(sys.argv) > 1 else SCALE

state = 987654321
waiting = 0
served = 0
longest = 0
position = 0
visits = {}
for tick in range(steps):
    state = (state * 1103515245 + 12345) % 2147483648
    if state % 10 < 4:
        waiting += 1
    if state // 16 % 10 < 5 and waiting:
        waiting -= 1
        served += 1
    if waiting > longest:
        longest = waiting
    position += 1 if state & 64 else -1
    place = position % 100
    visits[place] = visits.get(place, 0) + 1

print("served", served, "waiting", waiting, "longest", longest)
print("position", position, "most visited", max(visits.items(), key=lambda kv: (kv[1], kv[0])))
