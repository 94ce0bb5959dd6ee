"""CPython's own tests must come out the same with Whipsnake as without.

    python tests/cpython/run.py [--quick] [--jobs 2] [--fresh] [test_int ...]

Each test file runs in a process of its own: on the plain interpreter, under
`WHIPSNAKE=1`, and with everything compiled on first sight. The outcome of every test
case (passed, failed, error, skipped) is compared with the plain interpreter's, and only
differences are shown. A file with differences is run again, on both sides: what does not
come back is shown as unsteady and does not count, unless it was a crash or a hang.

The plain interpreter's outcomes are kept beside this file, per interpreter; `--fresh`
takes them anew.
"""

import argparse
import concurrent.futures
import hashlib
import json
import os
import pathlib
import signal
import subprocess
import sys
import tempfile
import time
import xml.etree.ElementTree

HERE = pathlib.Path(__file__).resolve().parent
TESTS = """
test_pdb test_threading test_signal test_exceptions test_gc test_math test_list test_sys_settrace test_long test_int
test_builtin test_tuple test_range test_generators test_sys_setprofile test_monitoring test_float test_complex test_cmath test_bool
""".split()
# What `make test` runs: with everything compiled on first sight the others take many minutes each.
QUICK = "test_bool test_float test_complex test_cmath test_range".split()
STOCK = {"WHIPSNAKE": "0"}
MODES = {"on": {"WHIPSNAKE": "1"}, "first sight": {"WHIPSNAKE": "1", "WHIPSNAKE_THRESHOLD": "0"}}
TIME_LIMIT = 1500
# Shown, not counted. CPython itself loses the 'opcode' events of a frame whose f_trace_opcodes was set before
# sys.settrace() when any sys.monitoring tool is active, and Whipsnake is one: pdb.set_trace() stops a line later.
# test_heap_size asks for the exact number of objects alive.
KNOWN = {"test_pdb": "", "test_gc": "test.test_gc.GCTests.test_heap_size"}


def environment(extra):
    env = {k: v for k, v in os.environ.items() if not k.startswith(("WHIPSNAKE", "PYTHON"))}
    return env | {"PYTHONDONTWRITEBYTECODE": "1"} | extra


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


def run_file(name, extra):
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
            text = process.communicate(timeout=TIME_LIMIT)[0]
            ended = "ended" if process.returncode >= 0 else f"killed by {signal.Signals(-process.returncode).name}"
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            text = process.communicate()[0]
            ended = f"still running after {TIME_LIMIT} s"
        tail = "\n".join(text.decode(errors="replace").splitlines()[-25:])
        outcomes = {}
        try:
            outcomes = outcomes_in(report)
        except OSError, xml.etree.ElementTree.ParseError:
            if ended == "ended":
                ended = f"no report, exit code {process.returncode}"
        return {"outcomes": outcomes, "ended": ended, "tail": tail, "seconds": time.monotonic() - began}


def differences(want, got):
    """Test cases that came out differently, as {name: (wanted, got, detail)}."""
    found = {}
    if got["ended"] != want["ended"]:
        found["(the process)"] = (want["ended"], got["ended"], got["tail"])
        return found
    missing = {"kind": "missing", "detail": ""}
    for name in want["outcomes"] | got["outcomes"]:
        a = want["outcomes"].get(name, missing)
        b = got["outcomes"].get(name, missing)
        if a["kind"] != b["kind"]:
            found[name] = (a["kind"], b["kind"], b["detail"])
    return found


def cache_path():
    about = f"{sys.version} {sys.base_prefix} {pathlib.Path(sys.executable).resolve().stat().st_mtime_ns}"
    return HERE / f"stock-{hashlib.sha256(about.encode()).hexdigest()[:12]}.json"


def check_setup():
    def ask(code, extra):
        return subprocess.run([sys.executable, "-c", code], env=environment(extra), capture_output=True, text=True)

    if ask("import test.libregrtest", STOCK).returncode:
        sys.exit("CPython's own tests are not installed: run `make cpython-tests`, which sees to it")
    for mode, extra in MODES.items():
        done = ask("import whipsnake; print(whipsnake.is_enabled())", extra)
        if done.stdout.strip() != "True":
            sys.exit(
                f"Whipsnake is not switched on by {extra} (mode {mode}): run `make setup`\n{done.stdout}{done.stderr}"
            )


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("tests", nargs="*", help="test files (default: all that count)")
    parser.add_argument("--quick", action="store_true", help="without the three slowest files")
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--fresh", action="store_true", help="take the plain interpreter's outcomes anew")
    parser.add_argument("--mode", choices=MODES, action="append", help="only this mode (may be repeated)")
    options = parser.parse_args()
    check_setup()
    tests = options.tests or (QUICK if options.quick else TESTS)
    modes = options.mode or list(MODES)
    cache = cache_path()
    stock = {}
    if cache.exists() and not options.fresh:
        stock = json.loads(cache.read_text())
    began = time.monotonic()

    work = [(name, "stock") for name in tests if name not in stock]
    work += [(name, mode) for name in tests for mode in modes]
    results = {}
    with concurrent.futures.ThreadPoolExecutor(options.jobs) as pool:
        futures = {pool.submit(run_file, name, MODES.get(mode, STOCK)): (name, mode) for name, mode in work}
        for future in concurrent.futures.as_completed(futures):
            name, mode = futures[future]
            print(f"  {name}, {mode}: {future.result()['ended']}, {future.result()['seconds']:.0f} s", flush=True)
            if mode == "stock":
                stock[name] = future.result()
            else:
                results[name, mode] = future.result()
    cache.write_text(json.dumps(stock))

    failed = passed = 0
    for (name, mode), got in sorted(results.items()):
        found = differences(stock[name], got)
        if found:
            again_stock = run_file(name, STOCK)
            again = run_file(name, MODES[mode])
            repeated = differences(again_stock, again)
            for case, (want, have, detail) in found.items():
                steady = case in repeated or case == "(the process)"
                if name in KNOWN and case.startswith(KNOWN[name] or "test.") and have == "failure":
                    print(f"known: {name}, {mode}, {case}")
                    continue
                word = "DIFFERENT" if steady else "unsteady"
                print(f"{word}: {name}, {mode}, {case}: {want} on the plain interpreter, here {have}")
                if detail:
                    print("    " + detail.strip().replace("\n", "\n    ")[-4000:])
                failed += steady
        passed += len(set(stock[name]["outcomes"]) - set(found))
    seconds = time.monotonic() - began
    print(
        f"CPython's tests: {len(tests)} files in {', '.join(modes)}: {passed} cases the same, {failed} different, {seconds:.0f} s"
    )
    print(f"{passed} passed, {failed} failed")
    return 1 if failed or not passed else 0


if __name__ == "__main__":
    sys.exit(main())
