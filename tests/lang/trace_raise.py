# expect-compiled: catcher, passer, cleaner, caller
"""Tools that start to watch inside a call that then raises: every event of the compiled callers is seen."""

import sys

seen = []


def tracer(frame, event, arg):
    if frame.f_code.co_filename != __file__:
        return None
    what = arg[0].__name__ if event == "exception" else arg
    seen.append((frame.f_code.co_name, event, frame.f_lineno, what))
    if refuse and (frame.f_code.co_name, event) == refuse:
        raise RuntimeError(event)
    return tracer


refuse = None


def profiler(frame, event, arg):
    if frame.f_code.co_filename == __file__:
        seen.append((frame.f_code.co_name, event, getattr(arg, "__name__", arg)))


def trouble(i, at, what):
    if i == at:
        if what == "trace":
            frame = sys._getframe()
            while frame is not None and frame.f_code.co_name != "<module>":
                frame.f_trace = tracer
                frame = frame.f_back
            sys.settrace(tracer)
        elif what == "profile":
            sys.setprofile(profiler)
        elif what == "monitor":
            sys.monitoring.set_events(3, every)
        raise KeyError(i)
    return i


def passer(i, at, what):
    j = i + 1
    return trouble(i, at, what) + j


def cleaner(i, at, what):
    out = []
    try:
        out.append(passer(i, at, what))
    finally:
        out.append(i)
    return len(out)


def catcher(n, at, what):
    total = 0
    for i in range(n):
        try:
            total += cleaner(i, at, what)
        except KeyError as e:
            total += e.args[0]
            stop()
    return total


def stop():
    sys.settrace(None)
    sys.setprofile(None)
    sys.monitoring.set_events(3, 0)


monitoring = sys.monitoring
monitoring.use_tool_id(3, "test")
every = 0
for name in "RAISE EXCEPTION_HANDLED PY_UNWIND RERAISE PY_RETURN".split():
    event = getattr(monitoring.events, name)
    every |= event

    # Offsets depend on whether the interpreter makes the call itself.
    def note(code, offset, value, name=name):
        if code.co_filename == __file__:
            seen.append((code.co_name, name, repr(value)))

    monitoring.register_callback(3, event, note)

for _ in range(60):
    catcher(4, -5, None)
    catcher(4, 2, None)
for what in ("trace", "profile", "monitor"):
    for at in (0, 3):
        seen.clear()
        print(what, at, catcher(5, at, what))
        stop()
        for line in seen:
            print("  ", *line)
for refuse in (("passer", "exception"), ("cleaner", "return"), ("passer", "return"), ("catcher", "exception")):
    seen.clear()
    try:
        print(refuse, catcher(5, 3, "trace"))
    except RuntimeError as error:
        tb, lines = error.__traceback__, []
        while tb:
            lines.append((tb.tb_frame.f_code.co_name, tb.tb_lineno))
            tb = tb.tb_next
        print(refuse, repr(error), lines)
    stop()
    for line in seen:
        print("  ", *line)
print(catcher(20, 3, None))
monitoring.free_tool_id(3)


# A tool that starts to watch in a callee, with nobody else holding the caller's frame: the caller's return is seen all the same.
def begins(what):
    sys.settrace(tracer)
    sys._getframe().f_back.f_trace = tracer
    if what:
        seen.append(what)
    return what


def caller(what):
    return begins(what)


refuse = None
for n in range(60):
    seen.clear()
    caller(n % 3)
    sys.settrace(None)
    found = list(seen)
print(found)
