"""Other people's libraries must pass the same of their own tests with Whipsnake as without.

    python tests/libraries/run.py [--mode low] [--jobs 2] [--only TEXT] [numpy ...]
    python tests/libraries/run.py --list

Each library's tests run by pytest in a process of their own: on the plain interpreter,
under `WHIPSNAKE=1` (mode on), compiled early (low) and with everything compiled at first
sight (first). The outcome of every test is compared with the plain interpreter's, and
only differences are shown. Tests that differ are run again, on both sides: twice alone
and once with the files they are in. What does not come back, or what the plain
interpreter does not always do either, is shown as unsteady and does not count, unless it
was a crash. A crash or a hang is an outcome of the test that was running; those behind it
are run in another process.

The libraries (requirements/libraries.txt, table.py) are installed into `.venv-libraries`,
where the plain interpreter's outcomes are kept as well; `--fresh` takes them anew.
"""

import argparse
import concurrent.futures
import contextlib
import hashlib
import json
import os
import pathlib
import signal
import subprocess
import sys
import tempfile
import threading
import time

HERE = pathlib.Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE.parent)]

import place  # noqa: E402
import suites  # noqa: E402
from table import LIBRARIES  # noqa: E402

# A library's tests are begun again after so many crashes and hangs at most.
RESTARTS = 25
WHOLE = "(the process)"
# Set when the user has had enough.
STOPPING = threading.Event()


class Suite:
    """How one library's tests are run. Outcomes are {test: {kind, detail, seconds}}."""

    def __init__(self, python, folder, paths, arguments=()):
        self.python = python
        self.folder = folder
        command = [python, "-m", "pytest", "-p", "whipsnake_recorder", "-p", "no:cacheprovider", "-q", "--tb=short"]
        command += ["--continue-on-collection-errors", "-m", "not slow", *arguments]
        # The same settings for all of them: not those of this project, in whose folder they are.
        command += ["-c", str(HERE / "plugin" / "pytest.ini"), "--rootdir", str(folder)]
        self.command = command + [str(folder / path) for path in paths]

    def process(self, extra, choice, test_limit, ends_at):
        """One process: outcomes, the test that was running at its end, whether all was done, how it ended, what it said."""
        with tempfile.TemporaryDirectory() as scratch:
            scratch = pathlib.Path(scratch)
            (scratch / "choice.json").write_text(json.dumps(choice))
            record, output = scratch / "record", scratch / "output"
            record.touch()
            env = suites.environment(extra) | {
                "PYTHONPATH": str(HERE / "plugin"),
                "PYTHONHASHSEED": "0",
                "WSTEST_RECORD": str(record),
                "WSTEST_CHOICE": str(scratch / "choice.json"),
                "TMPDIR": str(scratch),
            }
            with open(output, "wb") as out, open(record, "rb") as events:
                process = subprocess.Popen(
                    self.command,
                    cwd=self.folder,
                    env=env,
                    stdin=subprocess.DEVNULL,
                    stdout=out,
                    stderr=subprocess.STDOUT,
                    start_new_session=True,
                )
                watched = Watched(events)
                ended = None
                try:
                    while process.poll() is None:
                        time.sleep(0.1)
                        watched.read()
                        now = time.monotonic()
                        if watched.running and now - watched.since > test_limit(watched.running):
                            ended = f"still running after {test_limit(watched.running):.0f} s"
                        elif now > ends_at or STOPPING.is_set():
                            ended = "out of time"
                        if ended:
                            # Python writes where it was.
                            process.send_signal(signal.SIGABRT)
                            try:
                                process.wait(5)
                            except subprocess.TimeoutExpired:
                                pass
                            break
                finally:
                    try:
                        os.killpg(process.pid, signal.SIGKILL)
                    except ProcessLookupError:
                        pass
                    process.wait()
            with open(record, "rb") as events:
                events.seek(watched.at)
                watched.events = events
                watched.read()
            if ended is None:
                ended = suites.how_it_ended(process.returncode)
                if ended == "ended" and not watched.finished:
                    ended = f"exit code {process.returncode}"
            return watched.outcomes, watched.running, watched.finished, ended, last_words(output.read_bytes())

    def run(self, extra, limit, test_limit, choice):
        """Everything chosen, in as many processes as it takes."""
        began = time.monotonic()
        done = {}
        reached_end = False
        for _ in range(RESTARTS + 1):
            outcomes, running, finished, ended, tail = self.process(
                extra, choice | {"skip": list(done)}, test_limit, began + limit
            )
            done |= outcomes
            if ended == "out of time":
                break
            if ended != "ended":
                done[running or after(list(outcomes))] = {"kind": ended, "detail": tail, "seconds": 0}
            # Between tests pytest may crash as well; without a test done there is no going on.
            if finished or not (running or outcomes):
                reached_end = True
                break
        return {"outcomes": done, "whole": reached_end, "seconds": time.monotonic() - began}


def last_words(text):
    """What Python said when it died, or the last lines if it said nothing."""
    found = text.rfind(b"Fatal Python error")
    return text[found:][:3500].decode(errors="replace") if found >= 0 else suites.tail_of(text)


def after(tests):
    """A name for what was running when no test was."""
    return f"{WHOLE} after {tests[-1]}" if tests else WHOLE


class Watched:
    """What the recorder has written so far."""

    def __init__(self, events):
        self.events = events
        self.at = 0
        self.outcomes = {}
        self.running = None
        self.since = 0
        self.finished = False

    def read(self):
        for line in self.events:
            if not line.endswith(b"\n"):
                break
            self.at += len(line)
            event = json.loads(line)
            if "start" in event:
                self.running, self.since = event["start"], time.monotonic()
            elif "end" in event:
                if event["end"] == self.running:
                    self.running = None
                self.outcomes[event["end"]] = {key: event[key] for key in ("kind", "detail", "seconds")}
            else:
                self.finished = True
        self.events.seek(self.at)


def differences(want, got):
    """As suites.differing, leaving out what one side had no time for."""
    found = suites.differing(want["outcomes"], got["outcomes"])
    if not (want["whole"] and got["whole"]):
        missing = suites.MISSING["kind"]
        found = {test: what for test, what in found.items() if missing not in what[:2]}
    return found


def is_crash(kind):
    return kind.startswith(("killed", "exit code"))


def sort_out(found, rounds):
    """Divide what differed into (steady, unsteady) by further rounds of (plain outcomes, outcomes here)."""
    steady, unsteady = {}, {}
    for test, (want, got, detail) in found.items():
        plain = [stock.get(test, suites.MISSING)["kind"] for stock, _ in rounds]
        here = [outcomes.get(test, suites.MISSING) for _, outcomes in rounds]
        # Alone a test may do something else than among the others, but it has to do the same each time.
        flaky = len(set(plain[:2])) > 1
        again = [(a, b["kind"], b["detail"]) for a, b in zip(plain, here, strict=True) if a != b["kind"]]
        if is_crash(got):
            steady[test] = (want, got, detail)
        elif again and not flaky:
            steady[test] = again[0]
        else:
            unsteady[test] = (want, got, detail)
    return steady, unsteady


def plain(suite, name, options, choice):
    """What the plain interpreter does, without which nothing can be compared."""
    result = suite.run(suites.STOCK, options.limit, lambda test: options.test_limit, choice)
    if STOPPING.is_set():
        raise KeyboardInterrupt
    if result["outcomes"].keys() <= {WHOLE}:
        said = result["outcomes"].get(WHOLE, {"kind": "none was chosen", "detail": ""})
        raise place.setup.SetupError(
            f"no test of {name} ran on the plain interpreter: {said['kind']}\n{said['detail']}\n"
            "  What to do: see whether --only names a test; else correct tests/libraries/table.py."
        )
    return result


def compare(suite, name, mode, stock, options):
    """What came out the same, what differs steadily, what once; whether all ran; the seconds it took."""
    choice = {"text": options.only} if options.only else {}
    if choice:
        want = plain(suite, name, options, choice)
    else:
        want = stock.get(name, options.limit)
    known = want["outcomes"]

    def test_limit(test):
        return max(options.test_limit, suites.PATIENCE * known.get(test, {"seconds": 0})["seconds"])

    def both(choice):
        return [
            suite.run(extra, options.limit, test_limit, choice)["outcomes"]
            for extra in (suites.STOCK, suites.MODES[mode])
        ]

    got = suite.run(suites.MODES[mode], options.limit, test_limit, choice)
    found, unsteady = differences(want, got), {}
    if found:
        names = [test for test in found if not test.startswith(WHOLE)]
        files = sorted({test.partition("::")[0] for test in names})
        rounds = [both({"ids": names}), both({"ids": names}), both({"files": files})] if names else []
        found, unsteady = sort_out(found, rounds)
    same = set(known) & set(got["outcomes"]) - set(found) - set(unsteady)
    return len(same), found, unsteady, want, got


def kept_stock(chosen, options):
    about = sys.version + place.PINS.read_text() + str(options.limit)
    about += "".join(path.read_text() for path in sorted(HERE.rglob("*.py")) if not path.name.startswith("test_"))
    path = place.VENV / f"stock-{hashlib.sha256(about.encode()).hexdigest()[:12]}.json"

    def run(name, extra, limit):
        return plain(chosen[name], name, options, {})

    return suites.Stock(path, run, options.fresh)


def suite_of(name):
    library = LIBRARIES[name]
    arguments = ["--hypothesis-seed=0", *library.arguments]
    return Suite(str(place.PYTHON), place.folder(name), library.paths, arguments)


@contextlib.contextmanager
def stopped_by_the_user(pool):
    """Ctrl-C, or a `kill`, ends what runs instead of waiting for the rest."""
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        yield
    except BaseException:
        STOPPING.set()
        pool.shutdown(wait=False, cancel_futures=True)
        raise


def run_all(names, modes, options):
    chosen = {name: suite_of(name) for name in names}
    stock = kept_stock(chosen, options)
    began = time.monotonic()
    failed = passed = 0
    with concurrent.futures.ThreadPoolExecutor(options.jobs) as pool, stopped_by_the_user(pool):
        futures = {
            pool.submit(compare, chosen[name], name, mode, stock, options): (name, mode)
            for mode in modes
            for name in names
        }
        for future in concurrent.futures.as_completed(futures):
            name, mode = futures[future]
            same, found, unsteady, want, got = future.result()
            word = f"{same} the same" + (f", {len(found)} DIFFERENT" if found else "")
            if not (want["whole"] and got["whole"]):
                word += f", not all run ({len(want['outcomes'])} and {len(got['outcomes'])} in the time there was)"
            print(f"  {name}, {mode}: {word}, {got['seconds']:.0f} s ({want['seconds']:.0f} s)", flush=True)
            suites.tell("unsteady", name, mode, unsteady, 30)
            suites.tell("DIFFERENT", name, mode, found, 30)
            if not got["outcomes"]:
                failed += 1
            passed += same
            failed += len(found)
    seconds = time.monotonic() - began
    print(
        f"Libraries' tests: {len(names)} libraries in {', '.join(modes)}: {passed} tests the same, {failed} different, "
        f"{seconds:.0f} s"
    )
    print(f"{passed} passed, {failed} failed")
    return 1 if failed or not passed else 0


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("libraries", nargs="*", metavar="library", help="default: all of them")
    parser.add_argument("--list", action="store_true", help="name the libraries and where their tests are")
    parser.add_argument("--mode", choices=suites.MODES, action="append", help="only this mode (may be repeated)")
    parser.add_argument("--only", action="append", metavar="TEXT", help="only tests whose id contains it (repeatable)")
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--limit", type=float, default=1800, help="seconds for a library in one mode (1800)")
    parser.add_argument("--test-limit", type=float, default=120, help="seconds for a test (120)")
    parser.add_argument("--fresh", action="store_true", help="take the plain interpreter's outcomes anew")
    options = parser.parse_args()
    versions = place.versions()
    if options.list:
        for name, library in LIBRARIES.items():
            origin = "source distribution" if library.source else "installed"
            print(f"{name} {versions[name]}: {', '.join(library.paths)} ({origin})")
        return 0
    unknown = sorted(set(options.libraries) - set(LIBRARIES))
    if unknown:
        parser.error(f"no such library: {', '.join(unknown)} (known: {', '.join(LIBRARIES)})")
    names = options.libraries or list(LIBRARIES)
    modes = options.mode or list(suites.MODES)
    try:
        place.prepare(names)
        suites.check_modes(str(place.PYTHON), modes)
        return run_all(names, modes, options)
    except place.setup.SetupError as error:
        sys.exit(f"[library-tests] FAILED: {error}")
    except KeyboardInterrupt:
        return 130


if __name__ == "__main__":
    sys.exit(main())
