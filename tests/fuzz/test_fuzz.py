"""The differential fuzzer, for a bounded time, and the parts it is made of."""

import pathlib
import random
import subprocess
import sys

import pytest

ROOT = pathlib.Path(__file__).resolve().parents[2]
CORPUS = sorted((pathlib.Path(__file__).parent / "corpus").glob("*.py"))
sys.path.insert(0, str(ROOT / "fuzz"))

import generate  # noqa: E402
import run as fuzzer  # noqa: E402
import shrink  # noqa: E402


def fuzz(tmp_path, seed, seconds):
    command = [
        sys.executable,
        str(ROOT / "fuzz" / "run.py"),
        "--jobs",
        "2",
        "--seed",
        str(seed),
        "--seconds",
        str(seconds),
    ]
    command += ["--found", str(tmp_path / "found"), "--shrink-seconds", "30", "--max-found", "3"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=seconds + 300)
    print(done.stdout)
    programs = "\n\n".join(p.read_text() for p in sorted((tmp_path / "found").glob("*.py")))
    assert done.returncode == 0, done.stdout + done.stderr + programs


def test_fixed_seeds(tmp_path):
    fuzz(tmp_path, 20251122, 25)


def test_random_seed(tmp_path):
    seed = random.SystemRandom().randrange(10**9) * 1000
    print(f"seed {seed}")
    fuzz(tmp_path, seed, 20)


@pytest.mark.parametrize("mode", fuzzer.MODES)
def test_corpus(mode):
    """Programs that once showed a bug, all of them in one process, and then once more."""
    stock, worker = fuzzer.Worker(fuzzer.STOCK), fuzzer.Worker(fuzzer.MODES[mode])
    try:
        for path in CORPUS * 2:
            source = path.read_text(encoding="utf-8")
            want, got = stock.run(source), worker.run(source)
            assert fuzzer.same(want, got), f"{path.name}: {fuzzer.first_lines(want, got)}"
    finally:
        stock.kill()
        worker.kill()


def test_programs_depend_on_the_seed_alone():
    assert [generate.program(seed) for seed in range(20)] == [generate.program(seed) for seed in range(20)]
    assert len({generate.program(seed) for seed in range(200)}) == 200


def test_crash_and_hang_are_told_apart():
    worker = fuzzer.Worker(fuzzer.STOCK)
    assert worker.run("import os\nos.kill(os.getpid(), 11)\n")["failure"] == "crash"
    assert worker.run("while True:\n    pass\n", 1.0)["failure"] == "hang"
    assert worker.run("run(len, 'ab')")["outcome"] == ["len = 2 args ('ab',)"]
    worker.kill()


def test_shrink_keeps_what_matters():
    source = "def f(a, b):\n    for i in range(10):\n        a += b * 2\n        if a > 5:\n            a = a // (b - 1)\n    return a\nx = 3\nprint(f(1, 2))\n"
    small = shrink.shrink(source, lambda text: "//" in text, 20)
    assert "//" in small
    assert len(small.splitlines()) == 2
