"""Runs the benchmark programs side by side on stock CPython, Whipsnake and whatever peers are here.

    python bench/run.py                                   everything (some forty minutes with two peers)
    python bench/run.py --quick                           one repetition, one iteration after the first
    python bench/run.py --class numeric --program nbody   parts; both may be given several times
    python bench/run.py --configs stock,whipsnake         which interpreters (see peers.py)
    python bench/run.py --compare bench/results/old.json  against an older run

Each (program, configuration, repetition) is a process of its own; the configurations of a program follow each other
directly, in an order that rotates, so that a change of the machine's mood meets all of them. Checksums are compared
with stock's; one that differs is an error, and the exit status says so.
"""

from __future__ import annotations

import argparse
import ast
import json
import math
import os
import platform
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from statistics import median

import catalog
import peers
import report

RESULTS = catalog.BENCH / "results"
STARTUP_ROUNDS = 15


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description="Benchmarks against stock CPython, interleaved.")
    parser.add_argument("--class", dest="classes", action="append", choices=catalog.CLASSES, help="only this class")
    parser.add_argument("--program", dest="names", action="append", help="only programs whose name contains this")
    parser.add_argument(
        "--configs", default=",".join(peers.DEFAULT), help="comma-separated, from: " + " ".join(peers.KNOWN)
    )
    parser.add_argument("--repeat", type=int, default=2, help="processes a program and configuration (2)")
    parser.add_argument("--budget", type=float, default=3.0, help="seconds of iterations a process (3)")
    parser.add_argument("--quick", action="store_true", help="one repetition, one iteration after the first")
    parser.add_argument("--small", action="store_true", help="the small scales of the tests (to try the runner out)")
    parser.add_argument(
        "--clock", choices=("cpu", "wall"), default="cpu", help="processor time (default) or elapsed time"
    )
    parser.add_argument("--timeout", type=float, default=300.0, help="seconds before a process is given up (300)")
    parser.add_argument("--compare", type=Path, help="JSON of an older run")
    parser.add_argument("--out", type=Path, help="where to write; .json, .md and .png are put after it")
    parser.add_argument("--list", action="store_true", help="only list the programs")
    return parser.parse_args()


def measured(command: list[str], env: dict[str, str], timeout: float) -> dict:
    """Runs a process to its end: exit status, elapsed and processor time, what it said on stderr."""
    with tempfile.TemporaryFile() as errors:
        began = time.perf_counter()
        child = subprocess.Popen(
            command,
            env=env,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=errors,
            cwd=tempfile.gettempdir(),
        )

        def give_up(*_: object) -> None:
            child.kill()

        previous = signal.signal(signal.SIGALRM, give_up)
        signal.setitimer(signal.ITIMER_REAL, timeout)
        try:
            _, status, usage = os.wait4(child.pid, 0)
        finally:
            signal.setitimer(signal.ITIMER_REAL, 0)
            signal.signal(signal.SIGALRM, previous)
        wall = time.perf_counter() - began
        child.returncode = os.waitstatus_to_exitcode(status)
        errors.seek(0)
        said = errors.read().decode(errors="replace")
    return {
        "status": child.returncode,
        "wall": wall,
        "cpu": usage.ru_utime + usage.ru_stime,
        "stderr": said,
        "late": wall >= timeout,
    }


def run_once(
    peer: peers.Peer, program: catalog.Program, scale: int, limits: tuple[int, int, float], timeout: float
) -> dict:
    least, most, budget = limits
    with tempfile.TemporaryDirectory(prefix="whipsnake-bench-") as folder:
        out = str(Path(folder) / "out.json")
        command = peer.command(program, scale, out, least, most, budget)
        ended = measured(command, peer.environment(), timeout)
        if ended["late"]:
            return {"error": f"gave up after {timeout:.0f} s"}
        if ended["status"] != 0:
            last = ended["stderr"].strip().splitlines()[-1:] or [""]
            return {"error": f"exit status {ended['status']} {last[0]}".strip()}
        result = json.loads(Path(out).read_text())
    result["total_wall"] = ended["wall"]
    result["total_cpu"] = ended["cpu"]
    return result


def same(a: str, b: str, exact: bool) -> bool:
    """Whether two checksums (texts of Python values) agree."""
    if a == b:
        return True
    if exact:
        return False
    try:
        return _close(ast.literal_eval(a), ast.literal_eval(b))
    except ValueError, SyntaxError:
        return False


def _close(a: object, b: object) -> bool:
    if isinstance(a, (list, tuple)) and isinstance(b, (list, tuple)):
        return len(a) == len(b) and all(_close(x, y) for x, y in zip(a, b, strict=True))
    if isinstance(a, float) or isinstance(b, float):
        return math.isclose(a, b, rel_tol=1e-9, abs_tol=1e-12)
    return a == b


def measure(program: catalog.Program, configs: list[peers.Peer], args: argparse.Namespace) -> dict:
    """All repetitions of one program on all configurations."""
    entry = {"id": program.id, "kind": program.kind, "headline": program.headline, "peers": {}}
    scale = entry["scale"] = program.small_scale if args.small else program.scale
    limits = (1, 1, 0.0) if args.quick or args.small else (3, 20, args.budget)
    serving = [p for p in configs if p.serves(program)]
    for repetition in range(args.repeat):
        turn = repetition % len(serving)
        for peer in serving[turn:] + serving[:turn]:
            state = entry["peers"].setdefault(peer.name, {"runs": []})
            if "error" in state or "skip" in state:
                continue
            result = run_once(peer, program, scale, limits, args.timeout)
            for stop in ("error", "skip"):
                if stop in result:
                    state[stop] = result[stop]
            if "wall" in result:
                state["runs"].append(result)
    _check(entry, {p.name: p for p in serving})
    return entry


def _check(entry: dict, by_name: dict[str, peers.Peer]) -> None:
    """Turns differing checksums into errors."""
    stock = entry["peers"].get("stock", {}).get("runs")
    for name, state in entry["peers"].items():
        for result in state["runs"]:
            if not result["stable"]:
                state["error"] = "the checksum changed between iterations"
            elif stock and not same(stock[0]["checksum"], result["checksum"], by_name[name].exact):
                state["error"] = f"checksum {result['checksum'][:200]} instead of {stock[0]['checksum'][:200]}"
        if "error" in state:
            state["runs"] = []


def startup(configs: list[peers.Peer], rounds: int, timeout: float) -> dict[str, dict[str, float]]:
    """Median times of an empty program, the rounds interleaved. Twins have no interpreter to start."""
    times: dict[str, list[dict]] = {p.name: [] for p in configs if not p.twins}
    with tempfile.TemporaryDirectory(prefix="whipsnake-bench-") as folder:
        empty = Path(folder) / "empty.py"
        empty.write_text("pass\n")
        cinderx = Path(folder) / "cinderx_on.py"
        cinderx.write_text("import cinderx.jit\ncinderx.jit.auto()\n")
        for _ in range(rounds):
            for peer in configs:
                if peer.twins:
                    continue
                prefix = ["-m", "whipsnake"] if peer.env.get("WHIPSNAKE") == "1" else []
                script = cinderx if peer.name == "cinderx" else empty
                ended = measured([peer.python, *prefix, str(script)], peer.environment(), timeout)
                if ended["status"] == 0:
                    times[peer.name].append(ended)
    return {
        name: {key: median(t[key] for t in found) for key in ("wall", "cpu")} for name, found in times.items() if found
    }


def machine() -> str:
    model = platform.processor() or platform.machine()
    try:
        for line in Path("/proc/cpuinfo").read_text().splitlines():
            if line.startswith("model name"):
                model = line.split(":", 1)[1].strip()
                break
    except OSError:
        pass
    return f"{model}, {os.cpu_count()} processors, {platform.system()}"


def main() -> int:
    args = arguments()
    programs = catalog.find(args.classes, args.names)
    if args.list:
        for program in programs:
            print(program.id, program.scale, "headline" if program.headline else "")
        return 0
    if not programs:
        print("no program matches", file=sys.stderr)
        return 2
    if args.quick:
        args.repeat = 1
    configs, missing = peers.find(tuple(args.configs.split(",")))
    if not any(p.name == "stock" for p in configs):
        print("stock has to be among --configs: everything is compared with it", file=sys.stderr)
        return 2
    for name, why in missing.items():
        print(f"without {name}: {why}")
    names = [p.name for p in configs]
    date = time.strftime("%Y-%m-%d %H:%M")
    data = {
        "meta": {
            "date": date,
            "machine": machine(),
            "python": f"CPython {platform.python_version()}",
            "peers": names,
            "missing": missing,
            "repeat": args.repeat,
            "quick": args.quick,
            "small": args.small,
        },
        "startup": startup(configs, 1 if args.small else STARTUP_ROUNDS, args.timeout),
        "programs": [],
    }
    base = args.out or RESULTS / time.strftime("%Y%m%d-%H%M%S")
    base.parent.mkdir(parents=True, exist_ok=True)
    header = report.row_header(names)
    widths = [34] + [max(len(h) + 2, 8) for h in header[1:]]
    print_row(header, widths)
    for program in programs:
        entry = measure(program, configs, args)
        data["programs"].append(entry)
        print_row(report.program_row(entry, names, args.clock), widths)
        # Written after every program, so that an interrupted run is not lost.
        base.with_suffix(".json").write_text(json.dumps(data))
    print()
    print(report.terminal_table(report.summary_rows(data, args.clock)))
    slow = report.slow_lists(data, args.clock)
    if slow:
        print("\n" + slow)
    base.with_suffix(".md").write_text(report.markdown(data, args.clock))
    print(f"\ndata: {base.with_suffix('.json')}\ntables: {base.with_suffix('.md')}")
    print(report.plot(data, args.clock, base.with_suffix(".png")))
    if args.compare:
        print("\n" + report.comparison(data, json.loads(args.compare.read_text()), args.clock))
    wrong = report.problems(data)
    if wrong:
        print("\nERRORS:")
        for line in wrong:
            print("  " + line)
        return 1
    return 0


def print_row(row: list[str], widths: list[int]) -> None:
    print(row[0].ljust(widths[0]) + "".join(c.rjust(w) for c, w in zip(row[1:], widths[1:], strict=True)), flush=True)


if __name__ == "__main__":
    sys.exit(main())
