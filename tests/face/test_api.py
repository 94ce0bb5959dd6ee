"""The functions of `import whipsnake`, in interpreters that have the native module."""

import re

from face_support import output, python

HOT = """
import whipsnake
def hot(n):
    total = 0
    for i in range(n):
        total += i * 2
    return total
"""


def test_off_until_asked():
    assert (
        output("import whipsnake as w; print(w.is_available(), w.is_enabled(), w.is_active())") == "True False False\n"
    )


def test_enable_and_disable():
    source = (
        "import whipsnake as w; print(w.enable(), w.is_enabled(), w.enable(), w.disable(), w.is_enabled(), w.enable())"
    )
    assert output(source) == "True True True None False True\n"


def test_why_unavailable_is_none_here():
    assert output("import whipsnake as w; print(w.why_unavailable())") == "None\n"


def test_zero_in_the_environment_wins():
    assert output("import whipsnake as w; print(w.enable(), w.is_enabled())", WHIPSNAKE="0") == "False False\n"


def test_paused_restores():
    source = """
import whipsnake as w
with w.paused():
    print(w.is_enabled())
print(w.is_enabled())
w.enable()
try:
    with w.paused():
        print(w.is_enabled())
        1 / 0
except ZeroDivisionError:
    print(w.is_enabled())
with w.paused(), w.paused():
    print(w.is_enabled())
print(w.is_enabled())
"""
    assert output(source).split() == "False False False True False True".split()


def test_stats_and_compiled():
    source = (
        HOT
        + """
whipsnake.enable()
print(sum(hot(300) for _ in range(2000)) == 2000 * 300 * 299)
stats = whipsnake.stats()
for key in ("enabled functions_compiled loops_compiled compile_us_total code_bytes entries exits "
            "exits_by_reason refused recompiles invalidated").split():
    stats[key]
print(stats["enabled"], stats["functions_compiled"] + stats["loops_compiled"] > 0, stats["code_bytes"] > 0)
mine = [entry for entry in whipsnake.compiled() if entry["name"].endswith("hot")]
print(len(mine) > 0)
for entry in mine:
    for key in "name file line kind offset compile_us code_bytes hir_ops exits entries valid".split():
        entry[key]
    assert entry["kind"] in ("function", "loop"), entry
    for taken in entry["exits"]:
        taken["reason"], taken["line"], taken["count"]
"""
    )
    assert output(source, WHIPSNAKE_SYNC="1") == "True\nTrue True True\nTrue\n"


def test_explain_what_was_compiled():
    source = (
        HOT
        + """
whipsnake.enable()
for _ in range(2000):
    hot(300)
found = whipsnake.explain(hot)
print(found)
assert found.name == "hot" and found.line == 3 and found.compiled, found.state
class Holder:
    method = hot
    static = staticmethod(hot)
    value = property(hot)
for other in (Holder().method, Holder.__dict__["static"], Holder.__dict__["value"], hot.__code__):
    assert str(whipsnake.explain(other)) == str(found)
"""
    )
    text = output(source, WHIPSNAKE_SYNC="1")
    assert re.match(r"hot \(<string>:3\): ", text)
    assert re.search(r"compiled in \d+\.\d ms, \d+ bytes, \d+ operations, entered \d+ times", text)


def test_explain_rejects_what_has_no_code():
    source = """
import whipsnake
for what in (len, 3, object()):
    try:
        whipsnake.explain(what)
    except TypeError as error:
        print(error)
"""
    assert output(source).count("expected a Python function, method or code object, not ") == 3


def test_nojit_is_never_compiled():
    source = (
        HOT
        + """
assert whipsnake.nojit(hot) is hot
whipsnake.enable()
for _ in range(2000):
    hot(300)
found = whipsnake.explain(hot)
print(found.hint, found.compiled, [e for e in whipsnake.compiled() if e["name"].endswith("hot")])
"""
    )
    assert output(source, WHIPSNAKE_SYNC="1") == "nojit [] []\n"


def test_jit_does_not_wait():
    source = (
        HOT
        + """
hot = whipsnake.jit(hot)
whipsnake.enable()
for _ in range(3):
    hot(5)
found = whipsnake.explain(hot)
print(found.hint, len(found.compiled) > 0)
"""
    )
    assert output(source, WHIPSNAKE_SYNC="1") == "jit True\n"


def test_hints_keep_methods_and_descriptors():
    source = """
import whipsnake
class C:
    @whipsnake.jit
    def a(self): return 1
    @whipsnake.nojit
    @staticmethod
    def b(): return 2
    @whipsnake.jit
    @property
    def c(self): return 3
print(C().a(), C.b(), C().c)
"""
    assert output(source) == "1 2 3\n"


def test_threshold_zero_compiles_before_the_first_run():
    source = (
        HOT
        + """
whipsnake.enable()
print(hot(10), len(whipsnake.explain(hot).compiled) > 0)
"""
    )
    assert output(source, WHIPSNAKE_THRESHOLD="0") == "90 True\n"


def test_settings_that_are_not_understood_are_named_and_ignored():
    done = python(
        "-c",
        "import whipsnake as w; print(w.enable())",
        WHIPSNAKE_THRESHOLD="many",
        WHIPSNAKE_SYNC="yes",
        WHIPSNAKE_DUMP="x",
    )
    assert (done.returncode, done.stdout) == (0, "True\n")
    for variable in ("WHIPSNAKE_THRESHOLD='many'", "WHIPSNAKE_SYNC='yes'", "WHIPSNAKE_DUMP='x'"):
        assert variable in done.stderr


def test_settings_that_are_not_understood_stop_nothing_where_warnings_are_errors():
    done = python("-W", "error", "-c", "import whipsnake as w; print(w.enable())", WHIPSNAKE_SYNC="yes")
    assert (done.returncode, done.stdout) == (0, "True\n")
    assert "WHIPSNAKE_SYNC='yes' is ignored" in done.stderr


def test_log_goes_to_standard_error():
    done = python(
        "-c", HOT + "whipsnake.enable()\nfor _ in range(2000): hot(300)", WHIPSNAKE_LOG="info", WHIPSNAKE_SYNC="1"
    )
    assert done.returncode == 0
    assert re.search(r"^whipsnake: \d+ functions and \d+ loops compiled in [\d.]+ ms", done.stderr, re.M)


def test_dump_to_a_folder(tmp_path):
    python(
        "-c",
        HOT + "whipsnake.enable()\nfor _ in range(2000): hot(300)",
        WHIPSNAKE_DUMP="hir,clif,asm",
        WHIPSNAKE_DUMP_DIR=str(tmp_path),
        WHIPSNAKE_SYNC="1",
    ).check_returncode()
    names = [path.name for path in tmp_path.rglob("*") if path.is_file()]
    for stage in ("hir", "clif", "asm"):
        assert any(stage in name for name in names), names


def test_import_loads_next_to_nothing():
    source = """
import sys
before = set(sys.modules)
import whipsnake
whipsnake.enable()
print(sorted(set(sys.modules) - before))
"""
    loaded = output(source)
    for heavy in ("logging", "warnings", "contextlib", "inspect", "typing"):
        assert f"'{heavy}'" not in loaded, loaded


def test_version():
    assert re.match(r"\d+\.\d+", output("import whipsnake; print(whipsnake.__version__)"))
