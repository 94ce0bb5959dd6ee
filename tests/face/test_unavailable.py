"""Where Whipsnake cannot serve it stays off, says so once, and the program runs."""

import shutil
import subprocess
from pathlib import Path

import pytest
from face_support import environment, python

PACKAGE = Path(__file__).parents[2] / "python" / "whipsnake"

PROGRAM = """
import whipsnake as w
print(w.is_available(), w.enable(), w.enable(), w.is_enabled(), w.is_active(), w.disable())
print(w.stats()["enabled"], w.stats()["exits"], w.compiled())
@w.jit
def f(): return 1
@w.nojit
def g(): return 2
with w.paused():
    print(f() + g())
print(w.explain(f))
"""


@pytest.fixture
def bare(tmp_path):
    """A copy of the face without the native module, first on the path."""
    shutil.copytree(PACKAGE, tmp_path / "whipsnake", ignore=shutil.ignore_patterns("_native*.so", "__pycache__"))
    return {"PYTHONPATH": str(tmp_path)}


def test_without_the_native_module(bare):
    done = python("-c", PROGRAM, **bare)
    lines = done.stdout.splitlines()
    assert done.returncode == 0, done.stderr
    assert lines[:3] == ["False False False False False None", "False 0 []", "3"]
    assert "its native module cannot be loaded" in lines[3]
    assert done.stderr.count("Whipsnake stays off: ") == 1
    assert "RuntimeWarning" in done.stderr


def test_warnings_as_errors_do_not_stop_the_program(bare):
    done = python("-W", "error", "-c", PROGRAM, **bare)
    assert done.returncode == 0, done.stderr
    assert done.stderr.count("Whipsnake stays off: ") == 1


def test_a_script_runs_all_the_same(bare, tmp_path):
    (tmp_path / "script.py").write_text("import sys; print(sys.argv[1:], __name__)")
    done = python("-m", "whipsnake", tmp_path / "script.py", "a", "b", **bare)
    assert (done.returncode, done.stdout) == (0, "['a', 'b'] __main__\n")
    assert done.stderr.count("Whipsnake stays off: ") == 1


def test_doctor_says_what_is_wrong(bare):
    done = python("-m", "whipsnake", "doctor", **bare)
    assert done.returncode == 1
    assert "no: its native module cannot be loaded" in done.stdout


@pytest.mark.parametrize("name", ["python3.10", "python3.11", "python3.12", "python3.13", "python3.15", "pypy3"])
def test_other_pythons(name, tmp_path):
    path = shutil.which(name)
    if path is None:
        pytest.skip(f"no {name} here")
    probe = subprocess.run([path, "-c", "print(1)"], capture_output=True)
    if probe.returncode != 0:
        pytest.skip(f"{name} does not run here")
    env = environment(PYTHONPATH=str(PACKAGE.parent), PYTHONPYCACHEPREFIX=str(tmp_path))
    done = subprocess.run([path, "-c", PROGRAM], capture_output=True, text=True, env=env)
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith("False False False False False None\nFalse 0 []\n3\n")
    assert done.stderr.count("Whipsnake stays off: it serves CPython 3.14 and this is ") == 1


def test_in_a_sub_interpreter(tmp_path):
    source = """
import whipsnake
whipsnake.enable()
from concurrent import interpreters
inner = interpreters.create()
inner.exec('''
import whipsnake
print(whipsnake.enable(), whipsnake.is_enabled(), sum(range(1000)))
''')
inner.close()
print(whipsnake.is_enabled())
"""
    done = python("-c", source)
    assert (done.returncode, done.stdout) == (0, "False False 499500\nTrue\n"), done.stderr
    assert done.stderr.count("Whipsnake stays off: ") == 1
