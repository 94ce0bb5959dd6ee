"""The main job on show: real programs under stock CPython 3.14 and under Whipsnake, with outputs compared.

    python bench/demo.py [NAME ...]     (make run)

Every program runs in a process of its own under each, first once from cold and then again a few times. Exit status 1
if any output differs or any process fails, 2 if Whipsnake is not built.
"""

from __future__ import annotations

import sys
from pathlib import Path

import catalog
import peers
import report
import run as runner

SHOWN = (
    ("numeric/mandelbrot", "numeric"),
    ("numeric/nbody_lists", "numeric"),
    ("numeric/matmul", "numeric"),
    ("numeric/levenshtein", "text"),
    ("dynamic/word_count", "text"),
    ("data/linear_regression", "data"),
    ("data/group_by", "data"),
    ("objects/dijkstra", "objects"),
    ("objects/particles", "objects"),
)
# At least this many iterations after the first, at most that many, in about this many seconds.
LIMITS = (3, 12, 2.0)
TIMEOUT = 240.0
LISTED = 3


def compiled_words(jit: dict) -> tuple[str, list[str]]:
    """A short count for the table and lines naming what was compiled, most entered first."""
    found = jit["compiled"]
    functions = sum(c["kind"] == "function" for c in found)
    loops = len(found) - functions
    # A compiled loop that ran to its end leaves by an exit too, named "done".
    stats = jit["stats"]
    early = stats["exits"] - stats["exits_by_reason"].get("done", 0)
    lines = []
    for c in sorted(found, key=lambda c: -c["code_bytes"])[:LISTED]:
        leaves = sum(e["count"] for e in c["exits"] if e["reason"] != "done")
        lines.append(
            f"{c['kind']} {c['name']}, line {c['line']} of {Path(c['file']).name}: {c['code_bytes']} bytes of code "
            f"in {c['compile_us'] / 1000:.1f} ms, entered {c['entries']:,} times, left early {leaves:,} times"
        )
    if len(found) > LISTED:
        lines.append(f"and {len(found) - LISTED} more")
    return f"{functions} fn, {loops} loops, {early:,} early exits", lines


def main() -> int:
    wanted = sys.argv[1:]
    stock, missing = peers.find(("stock", "whipsnake"))
    if missing:
        print(f"Whipsnake cannot be shown: {missing['whipsnake']}", file=sys.stderr)
        return 2
    plain, fast = stock
    everything = {p.id: p for p in catalog.find()}
    chosen = [(everything[i], kind) for i, kind in SHOWN if not wanted or any(w in i for w in wanted)]
    if not chosen:
        print("no such program; there are: " + ", ".join(i for i, _ in SHOWN), file=sys.stderr)
        return 2
    print(
        f"{len(chosen)} programs, each under stock CPython and under Whipsnake; processor time in seconds, best steady run.\n"
    )
    header = ["program", "kind", "stock", "whipsnake", "faster", "1st run", "process", "output", "  compiled"]
    widths = [-18, -9, 8, 11, 9, 9, 9, 10, -40]
    show(header, widths)
    details: list[tuple[str, list[str]]] = []
    gains: list[report.Figures] = []
    wrong: list[str] = []
    for program, kind in chosen:
        results = {}
        for peer in (plain, fast):
            result = runner.run_once(peer, program, program.scale, LIMITS, TIMEOUT)
            if "error" in result:
                wrong.append(f"{program.id} on {peer.name}: {result['error']}")
            else:
                results[peer.name] = result
        if len(results) < 2:
            show([program.name, kind, "-", "-", "-", "-", "-", "FAILED", ""], widths)
            continue
        entry = {"peers": {name: {"runs": [result]} for name, result in results.items()}}
        base = min(results["stock"]["cpu"][1:])
        f = report.figures(entry, "whipsnake", "cpu")
        same = results["stock"]["checksum"] == results["whipsnake"]["checksum"] and results["whipsnake"]["stable"]
        if not same:
            wrong.append(
                f"{program.id}: output {results['whipsnake']['checksum'][:200]}, stock {results['stock']['checksum'][:200]}"
            )
        short, lines = compiled_words(results["whipsnake"]["report"])
        details.append((program.id, lines))
        gains.append(f)
        times = [f"{base:.3f}", f"{f.seconds:.3f}", f"{f.steady:.1f}x", f"{f.first:.1f}x", f"{f.process:.1f}x"]
        show([program.name, kind, *times, "same" if same else "DIFFERS", "  " + short], widths)
    if gains:
        means = [report.geomean([getattr(g, what) for g in gains]) for what in ("steady", "first", "process")]
        show(["geometric mean", "", "", "", *[f"{m:.1f}x" for m in means], "", ""], widths)
    print("\nfaster: steady state; 1st run: from cold, compilation included; process: start-up and first run together.")
    print("\nWhat was compiled (the largest of each; whipsnake.compiled() has it all):")
    for name, lines in details:
        print(f"  {name}")
        for line in lines or ["nothing"]:
            print(f"    {line}")
    if wrong:
        print("\nWRONG:", *wrong, sep="\n  ")
        return 1
    print("\nAll outputs are the same.")
    return 0


def show(cells: list[str], widths: list[int]) -> None:
    """One line of the table; a negative width aligns to the left."""
    text = "".join(c.ljust(-w) if w < 0 else c.rjust(w) for c, w in zip(cells, widths, strict=True))
    print(text.rstrip(), flush=True)


if __name__ == "__main__":
    sys.exit(main())
