"""Compiling takes a share of the program's own time; what has to wait is compiled later."""

from face_support import output

PROGRAM = """
import os, sys, time

import whipsnake
whipsnake.enable()

# Functions that are each worth compiling a little, and together not at all.
lines = []
for n in range(60):
    lines.append(f"def f{n}(k):")
    lines.append("    a = b = c = 0")
    for m in range(30):
        lines.append(f"    for i in range(k):")
        lines.append(f"        a = (a * {m + 3} + i) & 65535; b = b + (a ^ {n}) % 7; c = c + b - a // 3")
    lines.append("    return a, b, c")
exec("\\n".join(lines))
functions = [globals()[f"f{n}"] for n in range(60)]

def compiling():
    return whipsnake.stats()["compile_us_total"] / 1e6

for f in functions:
    f(1200)
whole, spent = time.process_time(), compiling()
# One compilation may be under way that its charge was too low for.
print("share", spent < 0.25 + 0.2 * whole, "put off", whipsnake.stats()["put_off"] > 0)

waiting = [f for f in functions if whipsnake.explain(f).state == "waiting for time to compile"]
print("waiting", bool(waiting))
child = {child}
if child and os.fork():
    os._exit(os.waitstatus_to_exitcode(os.wait()[1]))
f, end = waiting[-1], time.process_time() + 20
while whipsnake.explain(f).state != "compiled" and time.process_time() < end:
    f(1200)
print("compiled in the end", whipsnake.explain(f).state)
sys.stdout.flush()
"""

EXPECTED = "share True put off True\nwaiting True\n"


def test_what_waits_is_compiled_later():
    assert output(PROGRAM.replace("{child}", "False")) == EXPECTED + "compiled in the end compiled\n"


def test_a_child_has_a_budget_of_its_own():
    printed = output(PROGRAM.replace("{child}", "True").replace("if child", "sys.stdout.flush()\nif child"))
    assert printed == EXPECTED + "compiled in the end compiled\n"


def test_what_is_asked_for_does_not_wait():
    source = (
        PROGRAM.split("for f in functions:")[0]
        + """
for f in functions:
    whipsnake.jit(f)
    f(1200)
stats = whipsnake.stats()
print(stats["put_off"], stats["loops_compiled"] > 0)
"""
    )
    assert output(source) == "0 True\n"
