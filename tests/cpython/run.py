"""CPython's own tests must come out the same with Whipsnake as without.

    python tests/cpython/run.py [--quick | --all] [--jobs 2] [--fresh] [test_int ...]

Each test file runs in a process of its own: on the plain interpreter, under
`WHIPSNAKE=1`, and with everything compiled on first sight. The outcome of every test
case (passed, failed, error, skipped) is compared with the plain interpreter's, and only
differences are shown, as soon as they are known. A file with differences is run again, on
both sides: what does not come back is shown as unsteady and does not count, unless it was
a crash. A file has `--limit` seconds, or a multiple of what the plain interpreter took if
that is more.

The plain interpreter's outcomes are kept beside this file, per interpreter; `--fresh`
takes them anew.
"""

import argparse
import concurrent.futures
import hashlib
import os
import pathlib
import signal
import subprocess
import sys
import tempfile
import time
import xml.etree.ElementTree

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent))

import suites  # noqa: E402

TESTS = """
test_pdb test_threading test_signal test_exceptions test_gc test_math test_list test_sys_settrace test_long test_int
test_builtin test_tuple test_range test_generators test_sys_setprofile test_monitoring test_float test_complex test_cmath test_bool
""".split()
# What `make test` runs: with everything compiled on first sight the others take many minutes each.
QUICK = "test_bool test_float test_complex test_cmath test_range".split()
MODES = ["on", "first"]
# Not for an unattended run: they wait for a debugger, a screen, or a network that answers.
LEFT_OUT = {"test_gdb", "test_tools", "test_idle", "test_ttk", "test_tkinter", "test_turtle", "test_peg_generator"}


def environment(extra):
    return suites.environment({"PYTHONDONTWRITEBYTECODE": "1"} | extra)


def outcomes_in(report):
    outcomes = {}
    for case in xml.etree.ElementTree.parse(report).getroot().iter("testcase"):
        told = [part for part in case if part.tag in ("failure", "error", "skipped")]
        kind = told[0].tag if told else "passed"
        outcomes[case.get("name")] = {
            "kind": kind,
            "detail": (told[0].text or "") if told and kind != "skipped" else "",
        }
    return outcomes


def run_file(name, extra, limit):
    """Outcomes by test case, how the process ended, and the end of what it wrote."""
    began = time.monotonic()
    with tempfile.TemporaryDirectory() as folder:
        report = pathlib.Path(folder) / "report.xml"
        command = [sys.executable, "-m", "test", "-v", "--junit-xml", str(report), name]
        process = subprocess.Popen(
            command,
            cwd=folder,
            env=environment(extra),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
        try:
            text = process.communicate(timeout=limit)[0]
            ended = suites.how_it_ended(process.returncode)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            text = process.communicate()[0]
            ended = f"still running after {limit:.0f} s"
        outcomes = {}
        try:
            outcomes = outcomes_in(report)
        except OSError, xml.etree.ElementTree.ParseError:
            if ended == "ended":
                ended = f"no report, exit code {process.returncode}"
        return {"outcomes": outcomes, "ended": ended, "tail": suites.tail_of(text), "seconds": time.monotonic() - began}


def differences(want, got):
    """Test cases that came out differently, as {name: (wanted, got, detail)}."""
    if got["ended"] != want["ended"]:
        return {"(the process)": (want["ended"], got["ended"], got["tail"])}
    return suites.differing(want["outcomes"], got["outcomes"])


def compare(name, mode, stock, limit):
    """The number of cases that are the same, what differs steadily, what once; and the seconds it took."""
    want = stock.get(name, limit)
    limit = max(limit, suites.PATIENCE * want["seconds"])
    got = run_file(name, suites.MODES[mode], limit)
    found = differences(want, got)
    unsteady = {}
    if found:
        want = stock.get(name, limit, again=True)
        again = differences(want, run_file(name, suites.MODES[mode], limit))
        unsteady = {case: what for case, what in found.items() if case not in again and "killed" not in what[1]}
        found = {case: what for case, what in found.items() if case not in unsteady} | again
    return len(set(want["outcomes"]) - set(found)), found, unsteady, got["seconds"]


def check_setup():
    command = [sys.executable, "-c", "import test.libregrtest"]
    if subprocess.run(command, env=environment(suites.STOCK), capture_output=True).returncode:
        sys.exit("CPython's own tests are not installed: run `make cpython-tests`, which sees to it")
    suites.check_modes(sys.executable, MODES)


def kept_stock(fresh):
    about = f"{sys.version} {sys.base_prefix} {pathlib.Path(sys.executable).resolve().stat().st_mtime_ns}"
    path = HERE / f"stock-{hashlib.sha256(about.encode()).hexdigest()[:12]}.json"
    return suites.Stock(path, run_file, fresh)


def every_file():
    command = [sys.executable, "-m", "test", "--list-tests"]
    told = subprocess.run(command, env=environment(suites.STOCK), capture_output=True, text=True, check=True)
    return [name for name in told.stdout.split() if name not in LEFT_OUT]


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("tests", nargs="*", help="test files (default: those that are promised to be the same)")
    parser.add_argument("--quick", action="store_true", help="only the quickest files")
    parser.add_argument("--all", action="store_true", help="all that CPython has")
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--limit", type=int, default=600, help="seconds for a file")
    parser.add_argument("--fresh", action="store_true", help="take the plain interpreter's outcomes anew")
    parser.add_argument("--mode", choices=MODES, action="append", help="only this mode (may be repeated)")
    options = parser.parse_args()
    check_setup()
    tests = options.tests or (QUICK if options.quick else every_file() if options.all else TESTS)
    modes = options.mode or MODES
    stock = kept_stock(options.fresh)
    began = time.monotonic()
    failed = passed = 0
    with concurrent.futures.ThreadPoolExecutor(options.jobs) as pool:
        futures = {
            pool.submit(compare, name, mode, stock, options.limit): (name, mode) for name in tests for mode in modes
        }
        for future in concurrent.futures.as_completed(futures):
            name, mode = futures[future]
            same, found, unsteady, seconds = future.result()
            word = "the same" if not found else f"{len(found)} DIFFERENT"
            print(f"  {name}, {mode}: {word}, {seconds:.0f} s ({stock.known[name]['seconds']:.0f} s)", flush=True)
            suites.tell("unsteady", name, mode, unsteady)
            suites.tell("DIFFERENT", name, mode, found)
            passed += same
            failed += len(found)
    seconds = time.monotonic() - began
    print(
        f"CPython's tests: {len(tests)} files in {', '.join(modes)}: {passed} cases the same, {failed} different, {seconds:.0f} s"
    )
    print(f"{passed} passed, {failed} failed")
    return 1 if failed or not passed else 0


if __name__ == "__main__":
    sys.exit(main())
