# expect-compiled: work
"""A tracer that jumps to another line of a running loop, and reads opcodes."""

import sys

seen = []
back = [1]


def tracer(frame, event, arg):
    if frame.f_code.co_name != "work":
        return None
    if event == "line":
        offset = frame.f_lineno - frame.f_code.co_firstlineno
        seen.append((offset, frame.f_locals.get("i"), frame.f_locals.get("s")))
        if offset == 5 and frame.f_locals["i"] == 12:
            frame.f_lineno += 1
        if offset == 6 and frame.f_locals["i"] == 14 and back:
            back.pop()
            frame.f_lineno -= 1
    return tracer


def start(i):
    if i == 10:
        sys.settrace(tracer)
        sys._getframe(1).f_trace = tracer
    return 0


def work(n):
    s = 0
    for i in range(n):
        start(i)
        s += i
        s += 1000
        s *= 2 if i == 14 else 1
    return s


print(work(10))
try:
    print(work(16))
finally:
    sys.settrace(None)
for entry in seen:
    print(*entry)
counts = []


def opcodes(frame, event, arg):
    frame.f_trace_opcodes = True
    counts.append(event)
    return opcodes


def trace_from(i):
    if i == 5:
        sys.settrace(opcodes)
        f = sys._getframe(1)
        f.f_trace = opcodes
        f.f_trace_opcodes = True
    return 0


def work2(n):
    s = 0
    for i in range(n):
        trace_from(i)
        s += i
    return s


print(work2(5), work2(8))
sys.settrace(None)
print(len(counts) > 30, sorted(set(counts)))
