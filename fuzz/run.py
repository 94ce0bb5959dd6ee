"""Differential fuzzer: generated programs, interpreted and compiled, must do the same.

    python fuzz/run.py [--seconds N] [--seed S] [--jobs 2] [--modes low,exit3,...]
    python fuzz/run.py --replay FILE...

Each job has one worker process on the plain interpreter, and one for each mode in which
Whipsnake can be stressed; a worker runs many programs one after another. Every program is
the work of one seed. A difference, a crash or a hang is made sure of in fresh workers,
shrunk, and written to fuzz/found/ together with what was expected and what came.

The exit code is 1 if anything was found, or if some mode compiled nothing at all.
"""

import argparse
import json
import os
import pathlib
import random
import select
import subprocess
import sys
import threading
import time

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE))

import generate  # noqa: E402
import shrink  # noqa: E402

LOW = {"WHIPSNAKE_THRESHOLD": "2", "WHIPSNAKE_SYNC": "1"}
STOCK = {"WHIPSNAKE": "0"}
MODES = {
    "low": LOW,
    "warm": {"WHIPSNAKE_THRESHOLD": "8", "WHIPSNAKE_SYNC": "1"},
    "first": {"WHIPSNAKE_THRESHOLD": "0"},
    "exit1": LOW | {"WHIPSNAKE_EXIT_EVERY": "1"},
    "exit3": LOW | {"WHIPSNAKE_EXIT_EVERY": "3"},
    "exit7": LOW | {"WHIPSNAKE_EXIT_EVERY": "7"},
    "noopt": LOW | {"WHIPSNAKE_OPT": "0"},
    "verify": LOW | {"WHIPSNAKE_VERIFY": "1"},
    "racing": {"WHIPSNAKE_THRESHOLD": "2"},
}
PATIENCE = 20.0
STOCK_PATIENCE = 3.0
LIFETIME = 400  # programs a worker runs before a fresh one takes over


class Worker:
    """One process that runs programs. Started on first use, and again after it died."""

    def __init__(self, extra):
        self.env = {k: v for k, v in os.environ.items() if not k.startswith(("WHIPSNAKE", "PYTHON"))}
        self.env |= {"WHIPSNAKE": "1", "PYTHONHASHSEED": "0", "PYTHONDONTWRITEBYTECODE": "1"} | extra
        self.process = None
        self.log = b""
        self.ran = 0
        self.totals = {}

    def ask(self, request, patience=PATIENCE):
        if self.process is None:
            self.process = subprocess.Popen(
                [sys.executable, str(HERE / "worker.py")],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                env=self.env,
            )
            self.ran = 0
        out, err = self.process.stdout, self.process.stderr
        answer = b""
        self.log = b""
        until = time.monotonic() + patience
        try:
            self.process.stdin.write(json.dumps(request).encode() + b"\n")
            self.process.stdin.flush()
            while not answer.endswith(b"\n"):
                ready, _, _ = select.select([out, err], [], [], max(0.0, until - time.monotonic()))
                if not ready:
                    self.kill()
                    return {"failure": "hang", "text": f"no answer within {patience:.0f} s"}
                if err in ready:
                    self.log += os.read(err.fileno(), 65536)
                if out in ready:
                    piece = os.read(out.fileno(), 1 << 20)
                    if not piece:
                        break
                    answer += piece
        except BrokenPipeError:
            answer = b""
        if not answer.endswith(b"\n"):
            self.log += err.read()
            code = self.process.wait()
            self.process = None
            return {"failure": "crash", "text": f"exit code {code}\n{self.log.decode(errors='replace')[-3000:]}"}
        return json.loads(answer)

    def run(self, source, patience=PATIENCE):
        if self.process is not None and self.ran >= LIFETIME:
            self.stop()
        answer = self.ask({"id": self.ran, "source": source}, patience)
        self.ran += 1
        if "failure" not in answer and self.log:
            return {"failure": "output", "text": self.log.decode(errors="replace")[-3000:]}
        return answer

    def kill(self):
        if self.process is not None:
            self.process.kill()
            self.process.wait()
            self.process = None

    def stop(self):
        """End the process in good order, adding what it compiled to the totals."""
        if self.process is None:
            return
        stats = self.ask({"stats": True})
        for key, value in stats.items():
            if type(value) is int:
                self.totals[key] = self.totals.get(key, 0) + value
        if self.process is not None:
            self.process.stdin.close()
            self.process.stdout.close()
            self.process.stderr.close()
            self.process.wait()
            self.process = None


def text_of(answer):
    if "failure" in answer:
        return f"{answer['failure']}: {answer['text']}"
    return "\n".join(answer["outcome"])


def same(want, got):
    return "failure" not in got and want.get("outcome") == got["outcome"]


def differs_alone(source, mode, patience=PATIENCE):
    """What a program does in fresh workers: (wanted, got), or None if the two agree."""
    stock, other = Worker(STOCK), Worker(MODES[mode])
    try:
        want = stock.run(source, STOCK_PATIENCE)
        if "failure" in want:
            return None
        got = other.run(source, patience)
        return None if same(want, got) else (want, got)
    finally:
        stock.kill()
        other.kill()


def first_lines(want, got):
    want, got = text_of(want).splitlines(), text_of(got).splitlines()
    for number, (a, b) in enumerate(zip(want, got, strict=False)):
        if a != b:
            return f"outcome {number}\n  expected: {a}\n  got:      {b}"
    return f"{len(want)} outcomes expected, {len(got)} came\n  last: {got[-1] if got else 'none'}"


class Fuzzer:
    def __init__(self, options):
        self.options = options
        self.modes = options.modes.split(",")
        self.until = time.monotonic() + options.seconds
        self.lock = threading.Lock()
        self.next_seed = options.seed
        self.programs = 0
        self.outcomes = 0
        self.found = []
        self.totals = {mode: {} for mode in self.modes}

    def take(self):
        with self.lock:
            self.next_seed += 1
            return self.next_seed - 1

    def lane(self):
        stock = Worker(STOCK)
        workers = {mode: Worker(MODES[mode]) for mode in self.modes}
        history = []
        while time.monotonic() < self.until and len(self.found) < self.options.max_found:
            seed = self.take()
            source = generate.program(seed)
            want = stock.run(source, STOCK_PATIENCE)
            if "failure" in want:  # too slow, or too big, for the plain interpreter itself
                continue
            history = [*history[-LIFETIME:], seed]
            with self.lock:
                self.programs += 1
                self.outcomes += len(want["outcome"])
            for mode, worker in workers.items():
                got = worker.run(source)
                if not same(want, got):
                    self.report(seed, mode, source, want, got, history)
                    worker.kill()
                    if len(self.found) >= self.options.max_found:
                        break
        stock.kill()
        for mode, worker in workers.items():
            worker.stop()
            with self.lock:
                for key, value in worker.totals.items():
                    self.totals[mode][key] = self.totals[mode].get(key, 0) + value

    def report(self, seed, mode, source, want, got, history):
        kind = got.get("failure", "difference")
        with self.lock:
            print(f"seed {seed}, mode {mode}: {kind}; {first_lines(want, got)}", flush=True)
        alone = differs_alone(source, mode)
        small = source
        if alone is not None:
            want, got = alone
            patience = 5.0 if kind == "hang" else PATIENCE

            def holds(text):
                again = differs_alone(text, mode, patience)
                return again is not None and again[1].get("failure", "difference") == kind

            small = shrink.shrink(source, holds, self.options.shrink_seconds) or source
            want, got = differs_alone(small, mode) or (want, got)
        folder = pathlib.Path(self.options.found)
        folder.mkdir(parents=True, exist_ok=True)
        switches = " ".join(f"{k}={v}" for k, v in MODES[mode].items())
        lines = [f"seed {seed}, mode {mode} ({switches}): {kind}", first_lines(want, got)]
        if alone is None:
            lines.append(f"Only after other programs in the same process: seeds {history[-40:]}")
        comment = "".join(f"# {line}\n" for entry in lines for line in entry.splitlines())
        path = folder / f"{kind}-{mode}-{seed}.py"
        path.write_text(comment + small, encoding="utf-8")
        with self.lock:
            self.found.append(path)
            print(f"  saved as {path} ({len(small.splitlines())} lines)", flush=True)

    def run(self):
        lanes = [threading.Thread(target=self.lane) for _ in range(self.options.jobs)]
        for lane in lanes:
            lane.start()
        for lane in lanes:
            lane.join()
        print(f"{self.programs} programs, {self.outcomes} outcomes, in each of: {', '.join(self.modes)}")
        idle = []
        for mode, totals in self.totals.items():
            compiled = totals.get("functions_compiled", 0) + totals.get("loops_compiled", 0)
            shown = ("functions_compiled", "loops_compiled", "entries", "exits", "refused")
            print(f"  {mode}: " + ", ".join(f"{key} {totals.get(key, 0)}" for key in shown))
            if not compiled and self.programs:
                idle.append(mode)
        if idle:
            print(f"nothing was compiled in: {', '.join(idle)}")
        print(f"{len(self.found)} found")
        return 1 if self.found or idle or not self.programs else 0


def replay(paths):
    """Run saved programs in every mode; they should all agree once what they show is repaired."""
    bad = 0
    for path in paths:
        source = pathlib.Path(path).read_text(encoding="utf-8")
        for mode in MODES:
            result = differs_alone(source, mode)
            if result is not None:
                bad += 1
                print(f"{path}, mode {mode}: {first_lines(*result)}")
    print(f"{len(paths)} programs, {bad} differences")
    return 1 if bad else 0


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seconds", type=float, default=float("inf"), help="how long (default: until interrupted)")
    parser.add_argument("--seed", type=int, default=None, help="the first seed (default: a random one, printed)")
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--modes", default=",".join(MODES), help=f"of {', '.join(MODES)}")
    parser.add_argument("--max-found", type=int, default=10, help="stop after so many")
    parser.add_argument("--shrink-seconds", type=float, default=60.0, help="time for making one finding smaller")
    parser.add_argument("--found", default=str(HERE / "found"), help="where findings are written")
    parser.add_argument("--replay", nargs="+", metavar="FILE", help="run saved programs instead")
    options = parser.parse_args()
    if options.replay:
        return replay(options.replay)
    if options.seed is None:
        options.seed = random.SystemRandom().randrange(10**9) * 1000
    print(f"first seed {options.seed}", flush=True)
    return Fuzzer(options).run()


if __name__ == "__main__":
    sys.exit(main())
