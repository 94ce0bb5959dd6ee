# expect-compiled: work, helper
"""cProfile, sys.setprofile and coverage-like monitoring switched on in the middle: every call is counted."""

import cProfile
import pstats
import sys


def helper(x):
    return abs(x) + 1


class Switch:
    def __init__(self):
        self.at = None
        self.action = None

    def __call__(self, i):
        if i == self.at:
            self.action()
        return 0


switch = Switch()


def work(n):
    s = 0
    for i in range(n):
        switch(i)
        s += helper(i)
        if s % 2:
            s += 1
    return s


def counts(profile):
    if not profile.getstats():
        return "nothing"
    stats = pstats.Stats(profile).stats
    return sorted((name, calls[0]) for (_, _, name), calls in stats.items() if "disable" not in name)


print(work(50))
for at in (0, 7, 49, None):
    profile = cProfile.Profile()
    switch.at, switch.action = at, profile.enable
    result = work(50)
    profile.disable()
    print(at, result, counts(profile))
switch.at = None
profile = cProfile.Profile()
print(profile.runcall(work, 20), counts(profile))

calls = []
switch.at, switch.action = 5, lambda: sys.setprofile(lambda f, e, a: calls.append((f.f_code.co_name, e)))
print(work(8))
sys.setprofile(None)
print(calls)

mon = sys.monitoring
E = mon.events
mon.use_tool_id(mon.COVERAGE_ID, "coverage")
for kind in ("LINE", "PY_START", "PY_RETURN", "JUMP", "BRANCH_LEFT", "BRANCH_RIGHT", "CALL"):
    lines = []
    first = work.__code__.co_firstlineno

    def callback(code, *args):
        if code.co_filename == __file__:
            lines.append((code.co_name, *(a for a in args if isinstance(a, int))))

    events = getattr(E, kind)
    mon.register_callback(mon.COVERAGE_ID, getattr(E, kind), callback)
    switch.at, switch.action = 6, lambda: mon.set_events(mon.COVERAGE_ID, events)
    result = work(10)
    mon.set_events(mon.COVERAGE_ID, 0)
    mon.register_callback(mon.COVERAGE_ID, getattr(E, kind), None)
    print(kind, result, lines)
local = []
mon.register_callback(mon.COVERAGE_ID, E.LINE, lambda code, line: local.append(line - code.co_firstlineno))
switch.at, switch.action = 4, lambda: mon.set_local_events(mon.COVERAGE_ID, work.__code__, E.LINE)
print(work(8), local)
local.clear()
print(work(3), local)
mon.set_local_events(mon.COVERAGE_ID, work.__code__, 0)
local.clear()
print(work(30), local)
local.clear()
mon.register_callback(
    mon.COVERAGE_ID,
    E.LINE,
    lambda code, line: (local.append((code.co_name, line - code.co_firstlineno)), mon.DISABLE)[1],
)
mon.set_events(mon.COVERAGE_ID, E.LINE)
print(work(5))
mon.restart_events()
print(work(5))
mon.set_events(mon.COVERAGE_ID, 0)
print([pair for pair in local if pair[0] in ("work", "helper", "__call__")])
mon.free_tool_id(mon.COVERAGE_ID)
