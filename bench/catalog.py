"""Finds the benchmark programs and reads their settings without importing them.

A program is a file ``programs/<class>/<name>.py``.  All classes but ``module`` define ``run(scale)``, which does the
work and returns a checksum; a program of class ``module`` is a script that takes the scale as its argument, works at
module level and prints its checksum.  ``SCALE`` makes one run last about a second on stock CPython 3.14 and
``SMALL_SCALE`` about a twentieth of that.

Class ``pyperformance`` is not in this repository: it is the pure-Python part of the ``pyperformance`` package, where
that is installed.
"""

from __future__ import annotations

import ast
import importlib.util
from dataclasses import dataclass
from pathlib import Path

BENCH = Path(__file__).resolve().parent
CLASSES = ("numeric", "data", "numpy_loop", "objects", "dynamic", "module", "pyperformance")

# The benchmarks of pyperformance that are pure Python and need nothing else, with loops for about half a second.
PYPERFORMANCE = {
    "chaos": 12,
    "comprehensions": 40_000,
    "coroutines": 25,
    "deepcopy": 1_500,
    "deltablue": 150,
    "fannkuch": 2,
    "float": 10,
    "generators": 15,
    "go": 5,
    "hexiom": 80,
    "mdp": 1,
    "meteor_contest": 6,
    "nbody": 10,
    "nqueens": 6,
    "pickle_pure_python": 1_500,
    "pidigits": 3,
    "pyflate": 1,
    "raytrace": 2,
    "richards": 12,
    "scimark": 2,
    "spectral_norm": 5,
    "typing_runtime_protocols": 4_000,
    "unpack_sequence": 40_000,
}


@dataclass(frozen=True)
class Program:
    kind: str
    name: str
    path: Path
    scale: int
    small_scale: int
    headline: bool
    requires: tuple[str, ...]

    @property
    def id(self) -> str:
        return f"{self.kind}/{self.name}"


def _settings(path: Path) -> dict[str, object]:
    """The literal constants a program assigns at its top level."""
    found: dict[str, object] = {}
    for node in ast.parse(path.read_text(encoding="utf-8")).body:
        if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name):
            name = node.targets[0].id
            if name in ("SCALE", "SMALL_SCALE", "HEADLINE", "REQUIRES"):
                found[name] = ast.literal_eval(node.value)
    return found


def _own(kind: str) -> list[Program]:
    programs = []
    for path in sorted((BENCH / "programs" / kind).glob("*.py")):
        known = _settings(path)
        programs.append(
            Program(
                kind=kind,
                name=path.stem,
                path=path,
                scale=known["SCALE"],
                small_scale=known["SMALL_SCALE"],
                headline=bool(known.get("HEADLINE", False)),
                requires=tuple(known.get("REQUIRES", ())),
            )
        )
    return programs


def _pyperformance() -> list[Program]:
    spec = importlib.util.find_spec("pyperformance")
    if spec is None or spec.origin is None:
        return []
    root = Path(spec.origin).parent / "data-files" / "benchmarks"
    programs = []
    for name, loops in PYPERFORMANCE.items():
        path = root / f"bm_{name}" / "run_benchmark.py"
        if path.exists():
            programs.append(Program("pyperformance", name, path, loops, 1, False, ()))
    return programs


def find(classes: list[str] | None = None, names: list[str] | None = None) -> list[Program]:
    """The programs of these classes whose name or id contains one of these words; all of them by default."""
    found: list[Program] = []
    for kind in classes or CLASSES:
        found += _pyperformance() if kind == "pyperformance" else _own(kind)
    if names:
        found = [p for p in found if any(n == p.name or n in p.id for n in names)]
    return found
