"""What the runners of other people's tests share (tests/cpython/run.py, tests/libraries/run.py).

Both run a suite in processes of its own, on the plain interpreter and with Whipsnake in
several modes, and show only test cases whose outcome differs. An outcome is a dict with
`kind` ("passed", "failed", ...) and `detail` (text for the reader).
"""

import collections
import json
import os
import re
import signal
import subprocess
import sys
import threading

STOCK = {"WHIPSNAKE": "0"}
MODES = {
    "on": {"WHIPSNAKE": "1"},
    # Compiled early, at once: the same run every time, with types seen a few times.
    "low": {"WHIPSNAKE": "1", "WHIPSNAKE_THRESHOLD": "20", "WHIPSNAKE_SYNC": "1"},
    "first": {"WHIPSNAKE": "1", "WHIPSNAKE_THRESHOLD": "0"},
}
# Something may take this many times the plain interpreter's time before it counts as hung.
PATIENCE = 30
MISSING = {"kind": "missing", "detail": ""}


def environment(extra):
    return {k: v for k, v in os.environ.items() if not k.startswith(("WHIPSNAKE", "PYTHON"))} | extra


def check_modes(python, modes):
    """End the program with a message where Whipsnake cannot be switched on."""
    for mode in modes:
        command = [python, "-c", "import whipsnake; print(whipsnake.is_enabled())"]
        done = subprocess.run(command, env=environment(MODES[mode]), capture_output=True, text=True)
        if done.stdout.strip() != "True":
            sys.exit(
                f"Whipsnake is not switched on by {MODES[mode]} (mode {mode}): run `make setup`\n"
                f"{done.stdout}{done.stderr}"
            )


def how_it_ended(returncode):
    """A word for the way a process ended; tests may have failed in one that ended."""
    return "ended" if returncode >= 0 else f"killed by {signal.Signals(-returncode).name}"


def tail_of(text, lines=25):
    return "\n".join(text.decode(errors="replace").splitlines()[-lines:])


def steady_name(name):
    """Some cases are named after objects and where they are."""
    return re.sub(r"\b0x[0-9a-f]+", "0x", str(name))


def differing(want, got):
    """Cases that came out differently, as {name: (wanted kind, got kind, detail)}."""
    want, got = ({steady_name(name): outcome for name, outcome in side.items()} for side in (want, got))
    found = {}
    for name in want | got:
        a = want.get(name, MISSING)
        b = got.get(name, MISSING)
        if a["kind"] != b["kind"]:
            found[name] = (a["kind"], b["kind"], b["detail"])
    return found


def tell(word, name, mode, cases, most=100):
    for number, (case, (want, have, detail)) in enumerate(cases.items()):
        if number == most:
            print(f"{word}: {name}, {mode}: and {len(cases) - most} more")
            break
        print(f"{word}: {name}, {mode}, {case}: {want} on the plain interpreter, here {have}")
        if detail and word == "DIFFERENT":
            print("    " + detail.strip().replace("\n", "\n    ")[-4000:])
    sys.stdout.flush()


class Stock:
    """Results of the plain interpreter, kept in a file: `run` makes one."""

    def __init__(self, path, run, fresh):
        self.path = path
        self.run = run
        self.lock = threading.Lock()
        # Two modes of one suite wait for the same result.
        self.locks = collections.defaultdict(threading.Lock)
        self.known = {}
        if path.exists() and not fresh:
            self.known = json.loads(path.read_text())

    def get(self, name, limit, again=False):
        with self.lock:
            lock = self.locks[name]
        with lock:
            if again or name not in self.known:
                result = self.run(name, STOCK, limit)
                with self.lock:
                    self.known[name] = result
                    unfinished = self.path.with_suffix(".new")
                    unfinished.write_text(json.dumps(self.known))
                    unfinished.replace(self.path)
            return self.known[name]
