"""What others find who keep something in the interpreter's places for it."""

import pytest
from face_support import output

WATCHERS = """
import _testcapi as t
adders = t.add_dict_watcher, t.add_type_watcher, t.add_func_watcher, t.add_code_watcher
clearers = t.clear_dict_watcher, t.clear_type_watcher, t.clear_func_watcher, t.clear_code_watcher
for add, clear in zip(adders, clearers):
    try:
        n = add(0)
    except TypeError:
        n = add(lambda *event: None)
    print(n)
    clear(n)
"""

STATELESS = """
import _testinternalcapi, whipsnake

def add(a, b):
    return a + b

for n in range(1000):
    add(n, n)
if whipsnake.is_enabled():
    assert "add" in [c["name"] for c in whipsnake.compiled()]
_testinternalcapi.verify_stateless_code(add.__code__)
print("stateless")
"""


SWITCHED = """
import os, whipsnake
assert whipsnake.is_enabled() == (os.environ["WHIPSNAKE"] == "1")
"""


def both(code):
    code = SWITCHED + code
    return [output(code, WHIPSNAKE=on, WHIPSNAKE_THRESHOLD="0") for on in "01"]


def test_watchers_have_the_numbers_that_they_would_have_without_us():
    pytest.importorskip("_testcapi")
    stock, compiled = both(WATCHERS)
    assert stock == compiled and len(stock.split()) == 4


def test_code_that_was_compiled_can_go_to_other_interpreters():
    pytest.importorskip("_testinternalcapi")
    stock, compiled = both(STATELESS)
    assert stock == compiled == "stateless\n"
