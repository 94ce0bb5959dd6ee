"""The runner of libraries' tests itself, on a library made up for it: what differs is found, what crashes is passed."""

import importlib.util
import pathlib
import sys
import time

import pytest

HERE = pathlib.Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE.parent)]

import place  # noqa: E402
import suites  # noqa: E402
from table import LIBRARIES  # noqa: E402

# Not by its name: the fuzzer's `run` is another.
spec = importlib.util.spec_from_file_location("libraries_run", HERE / "run.py")
run = importlib.util.module_from_spec(spec)
spec.loader.exec_module(run)

TESTS = """
import os, time
import pytest

HERE = os.environ["WHIPSNAKE"] == "1"

def test_same(): pass
def test_differs(): assert not HERE
@pytest.mark.parametrize("value", [object()], ids=repr)
def test_address(value): pass
def test_crashes():
    if HERE: os.abort()
def test_between(): pass
def test_hangs():
    if HERE: time.sleep(60)
def test_leaves():
    if HERE: os._exit(3)
@pytest.mark.xfail
def test_expected(): assert False
@pytest.fixture
def broken(): raise ValueError
def test_broken(broken): pass
def test_last(): pass
"""
DIFFERENT = {"test_differs", "test_crashes", "test_hangs", "test_leaves"}


@pytest.fixture(scope="module")
def suite(tmp_path_factory):
    folder = tmp_path_factory.mktemp("library")
    (folder / "test_it.py").write_text(TESTS)
    (folder / "test_unreadable.py").write_text("import no_such_module")
    return run.Suite(sys.executable, folder, ["."])


def once(suite, extra, choice=None, limit=100):
    return suite.run(extra, limit, lambda test: 3, choice or {})


def test_everything_runs_and_what_differs_is_found(suite):
    want = once(suite, suites.STOCK)
    got = once(suite, {"WHIPSNAKE": "1"})
    kinds = {name.rpartition("::")[2]: outcome["kind"] for name, outcome in want["outcomes"].items()}
    assert kinds["test_expected"] == "xfailed" and kinds["test_broken"] == kinds["test_unreadable.py"] == "error"
    assert "test_address[<object object at 0x>]" in kinds
    assert want["whole"] and got["whole"] and set(want["outcomes"]) == set(got["outcomes"])
    found = {name.rpartition("::")[2]: what for name, what in run.differences(want, got).items()}
    assert set(found) == DIFFERENT
    assert found["test_differs"][1] == "failed" and "assert not HERE" in found["test_differs"][2]
    assert found["test_crashes"][1] == "killed by SIGABRT" and "test_it.py" in found["test_crashes"][2]
    assert found["test_hangs"][1] == "still running after 3 s"
    assert found["test_leaves"][1] == "exit code 3"


def test_only_what_is_asked_for(suite):
    assert list(once(suite, suites.STOCK, {"ids": ["test_it.py::test_last"]})["outcomes"]) == ["test_it.py::test_last"]
    assert len(once(suite, suites.STOCK, {"text": ["test_b", "test_same"]})["outcomes"]) == 3
    assert list(once(suite, suites.STOCK, {"files": ["test_unreadable.py"]})["outcomes"]) == ["test_unreadable.py"]


def test_out_of_time_is_not_a_difference(suite):
    began = time.monotonic()
    got = once(suite, {"WHIPSNAKE": "1"}, limit=0.5)
    assert time.monotonic() - began < 20 and not got["whole"]
    assert run.differences({"outcomes": {"test_it.py::test_last": {"kind": "passed"}}, "whole": True}, got) == {}


def rounds(*pairs):
    return [tuple({"t": {"kind": kind, "detail": ""}} for kind in pair) for pair in pairs]


@pytest.mark.parametrize(
    "got, further, steady",
    [
        ("failed", [("passed", "failed")] * 3, True),
        ("failed", [("passed", "passed")] * 3, False),
        ("failed", [("passed", "passed"), ("passed", "passed"), ("passed", "failed")], True),
        ("failed", [("passed", "failed"), ("failed", "failed"), ("passed", "failed")], False),
        ("killed by SIGSEGV", [("passed", "passed")] * 3, True),
        ("still running after 3 s", [("passed", "passed")] * 3, False),
    ],
)
def test_steady_and_unsteady(got, further, steady):
    sorted_out = run.sort_out({"t": ("passed", got, "")}, rounds(*further))
    assert [list(part) for part in sorted_out] == ([["t"], []] if steady else [[], ["t"]])


def test_the_table_and_the_pins_agree():
    assert set(LIBRARIES) <= set(place.versions())
