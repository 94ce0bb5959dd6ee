# expect-compiled: work, helper
"""sys.settrace and sys.setprofile switched on by a callee in the middle of a hot loop."""

import sys

lines = []


def tracer(frame, event, arg):
    if frame.f_code.co_filename != __file__:
        return None
    lines.append((frame.f_code.co_name, event, frame.f_lineno))
    return tracer


def profiler(frame, event, arg):
    if frame.f_code.co_filename == __file__:
        lines.append((frame.f_code.co_name, event, getattr(arg, "__name__", None)))


def maybe(i, at, what):
    if i == at:
        if what == "trace":
            sys.settrace(tracer)
            sys._getframe(1).f_trace = tracer
        elif what == "profile":
            sys.setprofile(profiler)
    elif i == at + 2:
        sys.settrace(None)
        sys.setprofile(None)
    return i


def helper(i):
    x = i * 2
    return x + 1


def work(n, at, what):
    s = 0
    for i in range(n):
        s += helper(i)
        s -= maybe(i, at, what)
        if s > 1000:
            s -= abs(-1000)
    return s


print(work(50, -5, ""))
for at in (0, 3, 10, 40):
    for what in ("trace", "profile"):
        lines.clear()
        print(at, what, work(50, at, what))
        sys.settrace(None)
        sys.setprofile(None)
        for entry in lines:
            print("  ", *entry)
print(work(50, -5, ""))

events = []
mon = sys.monitoring
mon.use_tool_id(3, "test")
mon.register_callback(
    3,
    mon.events.LINE,
    lambda code, line: events.append((code.co_name, line)) if code.co_filename == __file__ else mon.DISABLE,
)


def monitored(i, at, what):
    if i == at:
        mon.set_events(3, mon.events.LINE)
    elif i == at + 2:
        mon.set_events(3, 0)
    return i


real, maybe = maybe, monitored
for at in (0, 5, 30):
    events.clear()
    print(at, work(50, at, "monitor"))
    mon.set_events(3, 0)
    print("  ", events)
mon.free_tool_id(3)
