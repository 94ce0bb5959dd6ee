"""Every benchmark program, at its small scale, gives under Whipsnake what it gives without.

The programs of a class share a process (so that this takes seconds, not minutes). If that process dies, the program
it was at is the one that failed, and another process takes up the rest.
"""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

BENCH = Path(__file__).resolve().parents[2] / "bench"
sys.path.insert(0, str(BENCH))

import catalog  # noqa: E402

PROGRAMS = [p for kind in catalog.CLASSES if kind != "pyperformance" for p in catalog.find([kind])]
RUNS = {"stock": 2, "whipsnake": 3}
# Programs whose hot parts have to be compiled, whatever else is.
MUST_COMPILE = {"numeric"}
MODES = {
    "stock": {"WHIPSNAKE": "0"},
    "whipsnake": {"WHIPSNAKE": "1", "WHIPSNAKE_THRESHOLD": "2", "WHIPSNAKE_SYNC": "1"},
}


def run_all(programs, mode, folder):
    """One row a program: its checksums, or how it failed."""
    env = {k: v for k, v in os.environ.items() if not k.startswith(("WHIPSNAKE", "PYTHON_JIT"))}
    env |= MODES[mode] | {"PYTHONHASHSEED": "0", "PYTHONDONTWRITEBYTECODE": "1"}
    rows = {}
    left = list(programs)
    while left:
        listing = folder / f"{mode}.json"
        out = folder / f"{mode}.out"
        listing.write_text(json.dumps([[p.id, str(p.path), p.kind, p.small_scale, RUNS[mode]] for p in left]))
        out.write_text("")
        command = [sys.executable, str(BENCH / "_child.py"), "many", str(listing), str(out)]
        ended = subprocess.run(command, env=env, cwd=folder, capture_output=True, text=True, timeout=300)
        current = None
        for line in out.read_text().splitlines():
            row = json.loads(line)
            if row.get("started"):
                current = row["id"]
            else:
                rows[row["id"]] = row
                current = None
        if current is not None:
            rows[current] = {"id": current, "error": f"died with {ended.returncode}: {ended.stderr[-2000:]}"}
        elif ended.returncode != 0:
            pytest.fail(f"{mode}: status {ended.returncode}: {ended.stderr[-2000:]}")
        left = [p for p in left if p.id not in rows]
    return rows


@pytest.fixture(scope="module")
def results(tmp_path_factory):
    done = {}

    def of(kind):
        if kind not in done:
            programs = [p for p in PROGRAMS if p.kind == kind]
            folder = tmp_path_factory.mktemp(kind)
            done[kind] = {mode: run_all(programs, mode, folder) for mode in MODES}
        return done[kind]

    return of


@pytest.mark.parametrize("program", PROGRAMS, ids=lambda p: p.id)
def test_same_checksum(program, results):
    rows = results(program.kind)
    stock = rows["stock"][program.id]
    fast = rows["whipsnake"][program.id]
    if "skip" in stock:
        pytest.skip(stock["skip"])
    assert "error" not in stock, stock["error"]
    assert "error" not in fast, fast["error"]
    assert len(set(stock["checksums"])) == 1, "the program itself is not repeatable"
    assert set(fast["checksums"]) == set(stock["checksums"])
    if program.kind in MUST_COMPILE:
        assert fast["compiled"] > 0, "nothing was compiled"


def test_classes_are_well_filled():
    count = {kind: sum(p.kind == kind for p in PROGRAMS) for kind in catalog.CLASSES}
    assert count["numeric"] >= 17
    assert all(count[kind] >= 3 for kind in catalog.CLASSES if kind != "pyperformance")
    assert {p.name for p in PROGRAMS if p.headline} == {"mandelbrot", "levenshtein", "dijkstra"}


def test_the_runner_on_one_program(tmp_path):
    """The runner itself, at the small scale: it exits with 0 and writes its data and tables."""
    command = [sys.executable, str(BENCH / "run.py"), "--small", "--program", "collatz", "--configs", "stock,jit,c"]
    ended = subprocess.run([*command, "--out", str(tmp_path / "r")], capture_output=True, text=True, timeout=120)
    assert ended.returncode == 0, ended.stdout + ended.stderr
    data = json.loads((tmp_path / "r.json").read_text())
    assert data["programs"][0]["id"] == "numeric/collatz"
    assert "numeric/collatz" in (tmp_path / "r.md").read_text()
    again = subprocess.run(
        [*command, "--out", str(tmp_path / "s"), "--compare", str(tmp_path / "r.json")],
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert again.returncode == 0, again.stdout + again.stderr
