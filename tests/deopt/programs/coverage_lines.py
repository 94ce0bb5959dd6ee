# expect-compiled: classify
"""A line tracer from the standard library sees a program that ran hot before it came."""

import contextlib
import io
import sys
import trace


def classify(n):
    kinds = {"odd": 0, "even": 0}
    for i in range(n):
        if i % 2:
            kinds["odd"] += 1
        else:
            kinds["even"] += 1
        if i == 10**6:
            kinds["never"] = 1
    return kinds


print(classify(100))
t = trace.Trace(count=1, trace=0, ignoredirs=[sys.base_prefix])
print(t.runfunc(classify, 30))
print(sorted((line, count) for (file, line), count in t.results().counts.items() if file == __file__))
t = trace.Trace(count=0, trace=1, ignoredirs=[sys.base_prefix])
out = io.StringIO()
with contextlib.redirect_stdout(out):
    t.runfunc(classify, 3)
print(out.getvalue().replace(__file__, "FILE"))
print(classify(50))
t = trace.Trace(count=0, trace=0, countfuncs=1, countcallers=1)
t.runfunc(classify, 5)
print(sorted(key[2] for key in t.results().calledfuncs))
