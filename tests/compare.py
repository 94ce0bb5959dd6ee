"""Runs a program interpreted and compiled and compares everything it shows.

A program starts with a header comment

    # expect-compiled: name, other_name

naming functions (or `<module>` for a loop at module level) that Whipsnake must have
compiled by the end; `none` asks for nothing. `# background-compiles: name` adds names
that must be compiled even in the default mode, where compilation runs on a thread of
its own and nothing is forced. `# arguments: ...` is handed to the program,
`# input: ...` is its standard input, with `|` for a line's end.

The reference is the same program under `WHIPSNAKE=0`: standard output, standard error
and the exit code have to be equal, byte for byte.
"""

import concurrent.futures
import functools
import json
import os
import pathlib
import re
import subprocess
import sys

DRIVER = pathlib.Path(__file__).parent / "driver.py"
# Seconds; only for what hangs, also where other work shares the machine.
TIME_LIMIT = 240

LOW = {"WHIPSNAKE_THRESHOLD": "2", "WHIPSNAKE_SYNC": "1"}
MODES = {
    "low": LOW,
    "first": {"WHIPSNAKE_THRESHOLD": "0"},
    "exit1": LOW | {"WHIPSNAKE_EXIT_EVERY": "1"},
    "exit3": LOW | {"WHIPSNAKE_EXIT_EVERY": "3"},
    "exit7": LOW | {"WHIPSNAKE_EXIT_EVERY": "7"},
    "noopt": LOW | {"WHIPSNAKE_OPT": "0"},
    "verify": LOW | {"WHIPSNAKE_VERIFY": "1"},
    "warm": {"WHIPSNAKE_THRESHOLD": "40", "WHIPSNAKE_SYNC": "1"},
    "tiny": LOW | {"WHIPSNAKE_CODE_KB": "64"},
    "racing": {"WHIPSNAKE_THRESHOLD": "2"},
    "default": {},
    "beside-jit": LOW | {"PYTHON_JIT": "1"},
}
# Those that a plain test run goes through; `WSTEST_MODES=all` asks for every one, `WSTEST_MODES=low,exit7` for these.
USUAL = ["low", "first", "exit3", "noopt", "default"]
# Modes in which the names of `expect-compiled` have to be among those compiled.
# In the others memory for code (a program may import much before its own functions) or timing may decide otherwise.
STRICT = {"low", "exit1", "exit3", "exit7", "noopt", "verify", "beside-jit"}


def programs_in(folder):
    return sorted(p for p in pathlib.Path(folder).glob("*.py") if not p.name.startswith("test_"))


def environment(extra):
    env = {k: v for k, v in os.environ.items() if not k.startswith(("WHIPSNAKE", "PYTHON", "WSTEST"))}
    env["PYTHONHASHSEED"] = "0"
    env["PYTHONIOENCODING"] = "utf-8"
    env["PYTHONDONTWRITEBYTECODE"] = "1"
    env["TERM"] = "dumb"
    return env | extra


def header(program, key):
    found = re.search(rf"^# {key}:(.*)$", program.read_text(encoding="utf-8"), re.M)
    return found and found[1].strip()


def names(text):
    return {n.strip() for n in (text or "").split(",")} - {"", "none"}


def run(program, extra):
    typed = header(program, "input")
    done = subprocess.run(
        [sys.executable, str(DRIVER), str(program), *(header(program, "arguments") or "").split()],
        env=environment(extra),
        input=(typed.replace("|", "\n") + "\n").encode() if typed else b"",
        capture_output=True,
        timeout=TIME_LIMIT,
    )
    return done.returncode, done.stdout.decode(), done.stderr.decode()


@functools.cache
def reference(program):
    return run(program, {"WHIPSNAKE": "0"})


def first_difference(expected, got):
    for number, (a, b) in enumerate(zip(expected.splitlines(), got.splitlines(), strict=False), 1):
        if a != b:
            return f"line {number}:\n  expected {a!r}\n  got      {b!r}"
    return f"{len(expected.splitlines())} lines expected, {len(got.splitlines())} came; last: {got.splitlines()[-1:]}"


def check(program, mode, folder):
    """Assert that the program does the same in this mode, and that it was compiled."""
    wanted = header(program, "expect-compiled")
    assert wanted is not None, "the program has no `# expect-compiled:` line"
    report_path = folder / f"report-{mode}.json"
    want = reference(program)
    got = run(program, {"WHIPSNAKE": "1", "WSTEST_REPORT": str(report_path)} | MODES[mode])
    assert got[0] == want[0], f"exit code {got[0]}, expected {want[0]}; stderr: {got[2][-2000:]}"
    assert got[1] == want[1], "stdout differs, " + first_difference(want[1], got[1])
    assert got[2] == want[2], "stderr differs, " + first_difference(want[2], got[2])
    report = json.loads(report_path.read_text())
    compiled = {entry["name"].rpartition(".")[2] for entry in report["compiled"]}
    expected = set()
    if mode in STRICT:
        expected = names(wanted)
    elif mode == "default":
        expected = names(header(program, "background-compiles"))
    assert expected <= compiled, f"not compiled: {sorted(expected - compiled)}; compiled: {sorted(compiled)}"


def chosen_modes():
    asked = os.environ.get("WSTEST_MODES")
    if asked == "all":
        return list(MODES)
    return asked.split(",") if asked else USUAL


def check_all(program, folder, modes=None):
    """The same in each mode (the chosen ones where none are named), two at a time; what is wrong in any of them is told together."""

    def one(mode):
        try:
            check(program, mode, folder)
        except AssertionError as error:
            return f"{mode}: {error}"
        except subprocess.TimeoutExpired:
            return f"{mode}: still running after {TIME_LIMIT} s"

    reference(program)
    with concurrent.futures.ThreadPoolExecutor(2) as pool:
        wrong = [text for text in pool.map(one, modes or chosen_modes()) if text]
    assert not wrong, "\n\n".join(wrong)
