# expect-compiled: work
"""Opcode events of a frame whose f_trace_opcodes was set before sys.settrace, and who sys.monitoring says is there."""

import bdb
import ctypes
import gc
import sys

seen = []


def tracer(frame, event, arg):
    if frame.f_code.co_filename != __file__ or frame.f_code.co_name == "stop":
        return None
    seen.append((frame.f_code.co_name, event, frame.f_lineno, frame.f_lasti))
    return tracer


def start(frame):
    frame.f_trace = tracer
    frame.f_trace_opcodes = True
    sys.settrace(tracer)


def stop():
    sys.settrace(None)


def work(n, at):
    total = 0
    for i in range(n):
        if i == at:
            start(sys._getframe())
        total += i * 2
        if i == at + 1:
            stop()
    return total


class Stepper(bdb.Bdb):
    def user_line(self, frame):
        if frame.f_code.co_name == "debugged":
            seen.append(("line", frame.f_lineno, sorted(frame.f_locals)))
        if len(seen) > 60:
            self.set_continue()


def debugged():
    a = 1
    Stepper().set_trace()
    b = [a, 2]
    a = sum(b)
    return a


def asked():
    tools = [sys.monitoring.get_events(tool) for tool in range(6)]
    return tools, sys.monitoring._all_events()


def watched():
    monitoring = sys.monitoring
    monitoring.use_tool_id(3, "test")
    lines = []
    monitoring.register_callback(3, monitoring.events.LINE, lambda code, line: lines.append(line))
    monitoring.set_local_events(3, work.__code__, monitoring.events.LINE)
    print(asked(), work(3, -5), lines)
    monitoring.set_local_events(3, work.__code__, 0)
    monitoring.register_callback(3, monitoring.events.LINE, None)
    monitoring.free_tool_id(3)


for _ in range(100):
    work(20, -5)
print(work(50, 30), seen)
print(work(50, -5))
seen.clear()
print(debugged(), seen)
sys.settrace(None)
print(asked())
watched()
for _ in range(100):
    work(20, -5)

# Somebody else's data in code objects: it is told of those it has marked, not of ours.
freed = []
free = ctypes.CFUNCTYPE(None, ctypes.c_void_p)(freed.append)
index = ctypes.pythonapi.PyUnstable_Eval_RequestCodeExtraIndex(free)
put = ctypes.pythonapi.PyUnstable_Code_SetExtra
put.argtypes = [ctypes.py_object, ctypes.c_ssize_t, ctypes.c_void_p]
for name in "marked", "plain":
    scope = {}
    exec(f"def {name}(n):\n    s = 0\n    for i in range(n): s += i\n    return s", scope)
    print(sum(scope[name](i) for i in range(50)))
    if name == "marked":
        print(put(scope[name].__code__, index, 17))
    del scope
    gc.collect()
print(freed)
