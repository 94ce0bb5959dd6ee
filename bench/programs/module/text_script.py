"""A report over generated log lines, as one writes it in a first draft."""

import sys

SCALE = 780_000
SMALL_SCALE = 41_000

count = int(sys.argv[1]) if len(sys.argv) > 1 else SCALE

levels = ["INFO", "INFO", "WARN", "INFO", "ERROR"]
lines = []
for i in range(count):
    lines.append(f"2026-11-{i % 28 + 1:02d} {levels[i % 5]} host{i * 7 % 13} took={i * 37 % 991}ms")

by_level = {}
slow = []
per_host = {}
for line in lines:
    day, level, host, took = line.split()
    by_level[level] = by_level.get(level, 0) + 1
    ms = int(took[5:-2])
    if ms > 980 and level != "INFO":
        slow.append((ms, host, day))
    if host not in per_host:
        per_host[host] = []
    per_host[host].append(ms)

print(sorted(by_level.items()))
slow.sort(reverse=True)
for ms, host, day in slow[:3]:
    print(day, host, ms)
for host in sorted(per_host):
    times = sorted(per_host[host])
    print(f"{host:8} n={len(times):6d} median={times[len(times) // 2]:4d} max={times[-1]}")
