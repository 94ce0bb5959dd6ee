# expect-compiled: work
"""Tracers, profilers and monitoring callbacks that raise into a hot loop."""

import sys
import traceback


def start(i, at, how):
    if i == at:
        how()
    return i


def work(n, at, how):
    s = 0
    try:
        for i in range(n):
            s += start(i, at, how)
            s += 1
    except KeyError as e:
        return "caught", i, s, e.args
    return s


def nothing():
    pass


def bad_trace():
    def tracer(frame, event, arg):
        if event == "line" and frame.f_code.co_name == "work":
            raise KeyError("trace")
        return tracer

    sys.settrace(tracer)
    sys._getframe(2).f_trace = tracer


def bad_profile():
    def profiler(frame, event, arg):
        if event == "call" and frame.f_code.co_name == "start":
            raise KeyError("profile")

    sys.setprofile(profiler)


def bad_monitor():
    def callback(code, line):
        if code.co_name == "work":
            mon.set_events(3, 0)
            raise KeyError("monitor", line - code.co_firstlineno)

    mon.register_callback(3, mon.events.LINE, callback)
    mon.set_events(3, mon.events.LINE)


mon = sys.monitoring
mon.use_tool_id(3, "raising")
print(work(50, -1, nothing))
for how in (bad_trace, bad_profile, bad_monitor):
    for at in (0, 20, 49):
        try:
            print(how.__name__, at, work(50, at, how))
        except KeyError as e:
            print(how.__name__, at, "outside", e.args)
        sys.settrace(None)
        sys.setprofile(None)
        mon.set_events(3, 0)
print(work(50, -1, nothing))


def uncatching(n, at, how):
    s = 0
    for i in range(n):
        s += start(i, at, how)
    return s


print(uncatching(50, -1, nothing))
for how in (bad_trace, bad_profile):
    try:
        print(uncatching(10, 5, how))
    except KeyError:
        sys.settrace(None)
        sys.setprofile(None)
        print(traceback.format_exc())
sys.settrace(None)
sys.setprofile(None)
