"""The interpreters and compilers a program can be run with, and whether each is to be had here.

A peer is found by an environment variable or on PATH; one that is missing is left out with a word about it:

    stock       .venv's CPython 3.14 as it is: what everything is compared with
    whipsnake   the same interpreter with WHIPSNAKE=1
    jit         the same interpreter with PYTHON_JIT=1 (CPython's own experimental JIT)
    both        WHIPSNAKE=1 and PYTHON_JIT=1 together (only when asked for)
    pypy        PYPY, else pypy3 on PATH, else what get_pypy.py unpacked
    py315       PYTHON315, else python3.15 on PATH, with PYTHON_JIT=1
    cinderx     CINDERX_PYTHON, else .venv if it can import cinderx
    numba       twins in bench/twins/numba; NUMBA_PYTHON, else .venv if it can import numba
    c           twins in bench/twins/c, compiled by CC (cc) with -O2
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from dataclasses import dataclass, field
from pathlib import Path

from catalog import BENCH, Program

CHILD = BENCH / "_child.py"
DEFAULT = ("stock", "whipsnake", "jit", "pypy", "py315", "cinderx", "numba", "c")
KNOWN = ("stock", "whipsnake", "jit", "both", "pypy", "py315", "cinderx", "numba", "c")
# Settings of this shell that would make the interpreters under test differ from what is written here.
CLEARED = ("WHIPSNAKE", "PYTHON_JIT", "PYTHONSTARTUP", "PYTHONHOME", "PYTHONDONTWRITEBYTECODE", "BENCH_PRELUDE")


@dataclass
class Peer:
    name: str
    python: str = ""
    env: dict[str, str] = field(default_factory=dict)
    twins: str = ""
    # Twins and other Pythons add floats up in their own order in places; they are compared with a tolerance.
    exact: bool = True

    def environment(self) -> dict[str, str]:
        env = {k: v for k, v in os.environ.items() if k not in CLEARED}
        env["PYTHONHASHSEED"] = "0"
        env.update(self.env)
        return env

    def serves(self, program: Program) -> bool:
        if self.twins:
            return self._twin(program).exists()
        return True

    def _twin(self, program: Program) -> Path:
        suffix = ".c" if self.twins == "c" else ".py"
        return BENCH / "twins" / self.twins / (program.name + suffix)

    def command(self, program: Program, scale: int, out: str, least: int, most: int, budget: float) -> list[str]:
        limits = ["--least", str(least), "--most", str(most), "--budget", str(budget)]
        if self.twins == "c":
            return [_compiled(self._twin(program)), str(scale), out, str(least), str(most), str(budget)]
        path = self._twin(program) if self.twins else program.path
        return [self.python, str(CHILD), "one", str(path), program.kind, str(scale), out, *limits]


_binaries: dict[Path, str] = {}
_build_dir: tempfile.TemporaryDirectory | None = None


def _compiled(source: Path) -> str:
    """Compiles a C twin once in this run."""
    global _build_dir
    if source not in _binaries:
        if _build_dir is None:
            _build_dir = tempfile.TemporaryDirectory(prefix="whipsnake-twins-")
        binary = str(Path(_build_dir.name) / source.stem)
        compiler = os.environ.get("CC", "cc")
        subprocess.run([compiler, "-O2", "-std=c11", "-o", binary, str(source), "-lm"], check=True)
        _binaries[source] = binary
    return _binaries[source]


def _can_import(python: str, module: str) -> bool:
    probe = [python, "-c", f"import importlib.util, sys; sys.exit(importlib.util.find_spec({module!r}) is None)"]
    env = {k: v for k, v in os.environ.items() if k not in CLEARED}
    return subprocess.run(probe, capture_output=True, env=env).returncode == 0


def _named(variable: str, program: str) -> str:
    chosen = os.environ.get(variable)
    return os.path.abspath(chosen) if chosen else shutil.which(program) or ""


def find(names: tuple[str, ...]) -> tuple[list[Peer], dict[str, str]]:
    """The peers that are here, and for the others why not."""
    here = sys.executable
    off = {"WHIPSNAKE": "0", "PYTHON_JIT": "0"}
    found: list[Peer] = []
    missing: dict[str, str] = {}
    for name in names:
        if name == "stock":
            found.append(Peer(name, here, off))
        elif name in ("whipsnake", "both"):
            if _can_import(here, "whipsnake._native"):
                jit = "1" if name == "both" else "0"
                found.append(Peer(name, here, {"WHIPSNAKE": "1", "PYTHON_JIT": jit}))
            else:
                missing[name] = "the native module is not built (make setup)"
        elif name == "jit":
            if getattr(sys, "_jit", None) is not None and sys._jit.is_available():
                found.append(Peer(name, here, {"WHIPSNAKE": "0", "PYTHON_JIT": "1"}))
            else:
                missing[name] = "this interpreter was built without CPython's JIT"
        elif name == "pypy":
            unpacked = BENCH.parent / ".python" / "pypy" / "bin" / "pypy3"
            python = _named("PYPY", "pypy3") or (str(unpacked) if unpacked.exists() else "")
            if python:
                found.append(Peer(name, python, off, exact=False))
            else:
                missing[name] = "no pypy3 on PATH (or set PYPY, or run bench/get_pypy.py)"
        elif name == "py315":
            python = _named("PYTHON315", "python3.15")
            if python:
                found.append(Peer(name, python, {"WHIPSNAKE": "0", "PYTHON_JIT": "1"}, exact=False))
            else:
                missing[name] = "no python3.15 on PATH (or set PYTHON315)"
        elif name == "cinderx":
            python = os.environ.get("CINDERX_PYTHON") or here
            if _can_import(python, "cinderx"):
                found.append(Peer(name, python, off | {"BENCH_PRELUDE": "cinderx"}))
            else:
                missing[name] = "cinderx is not installed (or set CINDERX_PYTHON)"
        elif name == "numba":
            python = os.environ.get("NUMBA_PYTHON") or here
            if _can_import(python, "numba"):
                found.append(Peer(name, python, off, twins="numba", exact=False))
            else:
                missing[name] = "numba is not installed (or set NUMBA_PYTHON)"
        elif name == "c":
            if shutil.which(os.environ.get("CC", "cc")):
                found.append(Peer(name, twins="c", exact=False))
            else:
                missing[name] = "no C compiler"
        else:
            raise SystemExit(f"unknown configuration {name!r}; known: {', '.join(KNOWN)}")
    return found, missing
