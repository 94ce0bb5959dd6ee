"""Starts programs under Whipsnake and talks to them while they run."""

import os
import subprocess
import sys
import threading
import time

MODES = {
    "low": {"WHIPSNAKE_THRESHOLD": "2", "WHIPSNAKE_SYNC": "1"},
    "first": {"WHIPSNAKE_THRESHOLD": "0"},
    "default": {},
    "stock": {"WHIPSNAKE": "0"},
}

PRELUDE = """\
import os, sys, time
if os.environ["WHIPSNAKE"] != "0":
    import whipsnake
    whipsnake.enable()

def report(*wanted):
    if os.environ["WHIPSNAKE"] != "0":
        names = {entry["name"].rpartition(".")[2] for entry in whipsnake.compiled()}
        missing = {name for name in wanted if not names & set(name.split("|"))}
        print("compiled" if not missing else f"NOT COMPILED: {sorted(missing)} of {sorted(names)}", flush=True)
    else:
        print("compiled", flush=True)

def ready():
    print("ready", flush=True)
"""


class Program:
    """A running program. Its source follows the prelude; lines it prints are collected as they come."""

    def __init__(self, folder, source, mode, **extra):
        path = folder / "program.py"
        path.write_text(PRELUDE + source, encoding="utf-8")
        env = {k: v for k, v in os.environ.items() if not k.startswith(("WHIPSNAKE", "PYTHON"))}
        env |= {"WHIPSNAKE": "1", "PYTHONDONTWRITEBYTECODE": "1"} | MODES[mode] | extra
        self.process = subprocess.Popen(
            [sys.executable, str(path)], env=env, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
        )
        self.lines = []
        self.errors = []
        self.readers = [
            threading.Thread(target=self._read, args=(self.process.stdout, self.lines), daemon=True),
            threading.Thread(target=self._read, args=(self.process.stderr, self.errors), daemon=True),
        ]
        for reader in self.readers:
            reader.start()

    @staticmethod
    def _read(stream, lines):
        for line in stream:
            lines.append(line.rstrip("\n"))

    def wait_for(self, line, seconds=20):
        until = time.monotonic() + seconds
        while line not in self.lines:
            if self.process.poll() is not None or time.monotonic() > until:
                raise AssertionError(f"no {line!r} came: {self.finish(0)}")
            time.sleep(0.005)

    def finish(self, seconds=30):
        """(exit code, lines of output, standard error); a program that does not end is killed."""
        try:
            code = self.process.wait(seconds)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
            code = "did not end"
        for reader in self.readers:
            reader.join()
        return code, self.lines, "\n".join(self.errors)
