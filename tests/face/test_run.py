"""`python -m whipsnake ...` runs programs as `python ...` does."""

import os
import re
import signal
import subprocess
import sys
import time
import zipfile

import pytest
from face_support import environment, python

PROGRAMS = {
    "names": "print(list(globals())); print(__name__, __file__, __doc__, __spec__, __package__, __cached__, type(__loader__))",
    "doc": '"""A docstring."""\nprint(__doc__)',
    "arguments": "import sys; print(sys.argv, sys.path[0])",
    "main_module": "import sys; print(sys.modules['__main__'].__dict__ is globals(), '__main__' in repr(lambda: 0))",
    "pickle": "import pickle\nclass C: pass\nprint(type(pickle.loads(pickle.dumps(C()))) is C)",
    "error": "def f(n):\n    return 1 / n\nf(0)",
    "error_chain": "try:\n    1 / 0\nexcept ZeroDivisionError as error:\n    raise ValueError('x') from error",
    "error_group": "raise ExceptionGroup('g', [ValueError(1), TypeError(2)])",
    "syntax_error": "x = = 3",
    "coding": "# coding: latin-1\nprint('\udce9')",
    "exit_0": "raise SystemExit",
    "exit_7": "import sys; sys.exit(7)",
    "exit_text": "import sys; sys.exit('goodbye')",
    "keyboard_interrupt": "raise KeyboardInterrupt",
    "excepthook": "import sys\ndef hook(k, v, t):\n    print('hook', k, v, t.tb_frame.f_code.co_name, t.tb_lineno)\n"
    "sys.excepthook = hook\n1 / 0",
    "atexit": "import atexit, sys\natexit.register(lambda: print('end', sys.last_exc, sys.last_traceback.tb_lineno))\n1 / 0",
    "future": "from __future__ import annotations\ndef f(x: undefined): pass\nprint(f.__annotations__)",
    "no_future": "try:\n    exec('def f(x: undefined): pass; f.__annotations__')\nexcept NameError: print('no')\n"
    "print(compile('1', '', 'eval').co_flags)",
    "threads": "import threading\nt = threading.Thread(target=lambda: print('t'))\nt.start(); t.join()\nprint(threading.main_thread().name)",
    "stdin": "print(input())",
    "closed_output": "import sys, os; os.close(1)",
    "sibling": "import sibling; print(sibling.value)",
    "recursion": "def f(n): return f(n + 1)\nf(0)",
    "multiprocessing": "import multiprocessing as m\ndef f(x): return x + 1\n"
    "if __name__ == '__main__':\n    with m.get_context('spawn').Pool(1) as pool: print(pool.map(f, [1, 2]))",
}


def same(plain, jitted):
    address = r" at 0x[0-9a-f]+"
    assert jitted.returncode == plain.returncode, jitted.stderr
    assert re.sub(address, "", jitted.stdout) == re.sub(address, "", plain.stdout)
    # The depth at which unbounded recursion stops may differ by our few frames.
    count = r"\[Previous line repeated \d+ more times\]"
    assert re.sub(count, "", jitted.stderr) == re.sub(count, "", plain.stderr)


@pytest.mark.parametrize("name", PROGRAMS)
def test_script(name, tmp_path):
    (tmp_path / "program.py").write_text(PROGRAMS[name], errors="surrogateescape")
    (tmp_path / "sibling.py").write_text("value = 5")
    for script, cwd in ((tmp_path / "program.py", "/"), ("program.py", tmp_path), ("./program.py", tmp_path)):
        plain = python(script, "a", "-b", "--", cwd=cwd, stdin="line\n")
        jitted = python("-m", "whipsnake", script, "a", "-b", "--", cwd=cwd, stdin="line\n")
        same(plain, jitted)


@pytest.mark.parametrize("text", ["# coding: utf-8\nx = '\udcff'", "x = 1\0"])
def test_script_that_is_no_text(text, tmp_path):
    (tmp_path / "program.py").write_text(text, errors="surrogateescape")
    done = python("-m", "whipsnake", "program.py", cwd=tmp_path)
    assert (done.returncode, done.stdout) == (1, "")
    assert "SyntaxError: " in done.stderr and "Traceback" not in done.stderr


@pytest.mark.parametrize(
    "name", ["names", "arguments", "error", "syntax_error", "exit_7", "keyboard_interrupt", "sibling"]
)
def test_module(name, tmp_path):
    (tmp_path / "program.py").write_text(PROGRAMS[name])
    (tmp_path / "sibling.py").write_text("value = 5")
    (tmp_path / "package").mkdir()
    (tmp_path / "package" / "__main__.py").write_text(PROGRAMS[name])
    for module in ("program", "package"):
        plain = python("-m", module, "a", "-b", cwd=tmp_path)
        jitted = python("-m", "whipsnake", "-m", module, "a", "-b", cwd=tmp_path)
        same(plain, jitted)


def test_module_that_is_not_there(tmp_path):
    plain = python("-m", "nothing.like.it", cwd=tmp_path)
    same(plain, python("-m", "whipsnake", "-m", "nothing.like.it", cwd=tmp_path))


def test_script_that_is_not_there(tmp_path):
    plain = python("nothing.py", cwd=tmp_path)
    same(plain, python("-m", "whipsnake", "nothing.py", cwd=tmp_path))


def test_folder_zip_link_and_bytecode(tmp_path):
    source = "import sys; print(sys.argv, sys.path[0], __name__, __file__, __package__)\n1 / 0"
    folder = tmp_path / "folder"
    folder.mkdir()
    (folder / "__main__.py").write_text(source)
    with zipfile.ZipFile(tmp_path / "app.zip", "w") as archive:
        archive.writestr("__main__.py", source)
    (tmp_path / "real.py").write_text(source)
    (tmp_path / "links").mkdir()
    (tmp_path / "links" / "link.py").symlink_to("../real.py")
    python(
        "-c", f"import py_compile; py_compile.compile({str(tmp_path / 'real.py')!r}, {str(tmp_path / 'real.pyc')!r})"
    )
    for script in ("folder", "app.zip", "links/link.py", "real.pyc"):
        plain = python(script, "a", cwd=tmp_path)
        assert "ZeroDivisionError" in plain.stderr
        same(plain, python("-m", "whipsnake", script, "a", cwd=tmp_path))


def test_safe_path(tmp_path):
    (tmp_path / "program.py").write_text("import sys; print(sys.path)")
    plain = python("-P", "program.py", cwd=tmp_path)
    same(plain, python("-P", "-m", "whipsnake", "program.py", cwd=tmp_path))


def test_the_compiler_is_on(tmp_path):
    (tmp_path / "program.py").write_text("import whipsnake; print(whipsnake.is_enabled())")
    assert python("-m", "whipsnake", tmp_path / "program.py").stdout == "True\n"
    assert python("-m", "whipsnake", tmp_path / "program.py", WHIPSNAKE="0").stdout == "False\n"
    assert python("-m", "whipsnake", "-m", "program", cwd=tmp_path).stdout == "True\n"


def test_interrupt_kills_by_the_signal(tmp_path):
    (tmp_path / "program.py").write_text("import time\nprint('ready', flush=True)\ntime.sleep(60)")
    program = subprocess.Popen(
        [sys.executable, "-m", "whipsnake", "program.py"],
        cwd=tmp_path,
        env=environment(),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert program.stdout.readline() == "ready\n"
    time.sleep(0.1)
    os.kill(program.pid, signal.SIGINT)
    _, errors = program.communicate(timeout=30)
    assert program.returncode == -signal.SIGINT
    assert errors.startswith("Traceback (most recent call last):\n  File ") and "program.py" in errors.splitlines()[1]


@pytest.mark.parametrize("arguments", [[], ["-m"], ["-x"], ["autostart"], ["autostart", "maybe"]])
def test_usage(arguments):
    done = python("-m", "whipsnake", *arguments)
    assert done.returncode == 2 and done.stderr.startswith("usage: ")


def test_help():
    done = python("-m", "whipsnake", "--help")
    assert done.returncode == 0 and done.stdout.startswith("usage: ")


def test_doctor():
    done = python("-m", "whipsnake", "doctor", WHIPSNAKE_SYNC="1")
    assert done.returncode == 0, done.stdout
    for text in (
        "version",
        "available",
        "self-check",
        "passed: a hot loop was compiled",
        "WHIPSNAKE_THRESHOLD",
        "autostart is",
    ):
        assert text in done.stdout
