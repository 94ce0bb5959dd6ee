"""Entering compiled code in the middle of a frame has to pay: where it does not, the interpreter has the loop back."""

from face_support import output

PROGRAM = """
import collections
import whipsnake
whipsnake.enable()

def wanted(flags):
    for flag in flags:
        code = (flag * 7 + 1) % 5
        if code != 1:
            yield code

def entries():
    return sum(c["entries"] for c in whipsnake.compiled() if c["name"] == "wanted")

collections.deque(wanted([0] * {long} + [1] * 100_000), 0)
print(entries() > 0, entries() < 30_000, whipsnake.explain(wanted).state)
"""


def test_loop_that_yields_each_turn():
    assert output(PROGRAM.replace("{long}", "0"), WHIPSNAKE_SYNC="1") == "True True refused\n"


def test_one_long_entry_among_short_ones():
    assert output(PROGRAM.replace("{long}", "3_000_000"), WHIPSNAKE_SYNC="1") == "True True refused\n"
