"""Turns measurements into figures: speed-ups, geometric means, tables, Markdown, a plot, a comparison with an old run.

Words used in all of them, each against stock CPython in the same sitting:

    steady      the best iteration after the first, over all repetitions
    first       the first run in a fresh process, compilation included
    process     a whole process that does the work once: start-up, imports, the first run, the end
    break-even  how many stock seconds of this work must go by before the peer's process is ahead, from the model
                "fixed extra cost at the start, then the steady speed"; 0 if it is ahead from the start
    memory      peak resident memory over stock's

Times are processor time of all threads of the process, so that a background compiler is paid for and a busy machine
disturbs little; `clock="wall"` takes elapsed time instead.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from pathlib import Path
from statistics import median

STEADY_FLOOR = 0.97
PROCESS_FLOOR = 0.95


@dataclass
class Figures:
    """One program on one peer; ratios are against stock, above 1 is better but for memory."""

    seconds: float
    steady: float
    first: float
    process: float
    memory: float
    extra_mib: float
    break_even: float | None


def _times(runs: list[dict], clock: str) -> tuple[float, float, float]:
    """(steady, first, process) in seconds."""
    steady = min(min(r[clock][1:]) for r in runs)
    first = median(r[clock][0] for r in runs)
    process = median(r[f"total_{clock}"] - sum(r[clock][1:]) for r in runs)
    return steady, first, process


def figures(entry: dict, peer: str, clock: str) -> Figures | None:
    stock = entry["peers"].get("stock", {}).get("runs")
    runs = entry["peers"].get(peer, {}).get("runs")
    if not stock or not runs:
        return None
    base_steady, base_first, base_process = _times(stock, clock)
    steady, first, process = _times(runs, clock)
    # A twin in C can take less than the clock's resolution.
    steady, first, process = (max(t, 1e-6) for t in (steady, first, process))
    base_peak = median(r["peak_kib"] for r in stock)
    peak = median(r["peak_kib"] for r in runs)
    extra = (process - steady) - (base_process - base_steady)
    gain = 1.0 - steady / base_steady
    if gain <= 0.0:
        # Never ahead; but a difference within the noise, with nothing lost at the start, is no difference.
        break_even = 0.0 if extra <= 0.0 and gain > STEADY_FLOOR - 1.0 else None
    else:
        break_even = max(extra, 0.0) / gain
    return Figures(
        seconds=steady,
        steady=base_steady / steady,
        first=base_first / first,
        process=base_process / process,
        memory=peak / base_peak,
        extra_mib=(peak - base_peak) / 1024.0,
        break_even=break_even,
    )


def geomean(values: list[float]) -> float | None:
    return math.exp(sum(map(math.log, values)) / len(values)) if values else None


def all_figures(data: dict, clock: str) -> dict[str, dict[str, Figures]]:
    """peer -> program id -> figures, stock left out."""
    out: dict[str, dict[str, Figures]] = {}
    for peer in data["meta"]["peers"]:
        if peer == "stock":
            continue
        out[peer] = {}
        for entry in data["programs"]:
            f = figures(entry, peer, clock)
            if f is not None:
                out[peer][entry["id"]] = f
    return out


def _num(value: float | None, digits: int = 2) -> str:
    if value is None:
        return "-"
    return f"{value:.0f}" if value >= 100 else f"{value:.1f}" if value >= 10 else f"{value:.{digits}f}"


def _table(rows: list[list[str]], markdown: bool) -> str:
    if markdown:
        lines = ["| " + " | ".join(rows[0]) + " |", "|---|" + "---:|" * (len(rows[0]) - 1)]
        lines += ["| " + " | ".join(row) + " |" for row in rows[1:]]
        return "\n".join(lines)
    widths = [max(len(row[i]) for row in rows) for i in range(len(rows[0]))]
    lines = []
    for row in rows:
        cells = [row[0].ljust(widths[0])] + [c.rjust(w) for c, w in zip(row[1:], widths[1:], strict=True)]
        lines.append("  ".join(cells).rstrip())
    lines.insert(1, "-" * max(map(len, lines)))
    return "\n".join(lines)


def row_header(peers: list[str]) -> list[str]:
    """The columns of the table of programs."""
    header = ["program", "stock s"]
    for peer in peers:
        if peer != "stock":
            header.append(f"{peer} steady")
            header.append("first")
    if "whipsnake" in peers:
        header += ["process", "even s", "MiB+"]
    return header


def program_row(entry: dict, peers: list[str], clock: str) -> list[str]:
    name = entry["id"] + (" *" if entry["headline"] else "")
    stock = entry["peers"].get("stock", {}).get("runs")
    row = [name, f"{_times(stock, clock)[0]:.2f}" if stock else "-"]
    for peer in peers:
        if peer == "stock":
            continue
        state = entry["peers"].get(peer, {})
        f = figures(entry, peer, clock)
        if f is not None:
            row += [_num(f.steady), _num(f.first)]
        else:
            row += ["ERROR" if "error" in state else "-", "-"]
    if "whipsnake" in peers:
        f = figures(entry, "whipsnake", clock)
        if f is None:
            row += ["-", "-", "-"]
        else:
            even = "never" if f.break_even is None else f"{f.break_even:.2f}"
            row += [_num(f.process), even, f"{f.extra_mib:.1f}"]
    return row


def summary_rows(data: dict, clock: str) -> list[list[str]]:
    """Geometric means, the way peers are compared: one row a class and figure, one column a peer."""
    per_peer = all_figures(data, clock)
    peers = list(per_peer)
    kinds: dict[str, list[str]] = {}
    for entry in data["programs"]:
        kinds.setdefault(entry["kind"], []).append(entry["id"])

    def cells(ids: list[str], pick) -> list[str]:
        out = []
        for peer in peers:
            values = [pick(per_peer[peer][i]) for i in ids if i in per_peer[peer]]
            mean = _num(geomean(values))
            out.append(mean if len(values) in (0, len(ids)) else f"{mean} ({len(values)})")
        return out

    everything = [i for ids in kinds.values() for i in ids]
    rows = [["geometric mean over stock", *peers]]
    for kind, ids in kinds.items():
        rows.append([f"steady: {kind} ({len(ids)})", *cells(ids, lambda f: f.steady)])
    rows.append([f"steady: all ({len(everything)})", *cells(everything, lambda f: f.steady)])
    for kind, ids in kinds.items():
        rows.append([f"first run: {kind}", *cells(ids, lambda f: f.first)])
    rows.append(["first run: all", *cells(everything, lambda f: f.first)])
    rows.append(["whole process: all", *cells(everything, lambda f: f.process)])
    rows.append(["peak memory: all", *cells(everything, lambda f: f.memory)])

    def over(pick) -> list[str]:
        return [pick(list(per_peer[peer].values())) for peer in peers]

    rows.append(["most extra memory, MiB", *over(lambda fs: f"{max((f.extra_mib for f in fs), default=0.0):.1f}")])
    rows.append(
        [f"programs under {STEADY_FLOOR} steady", *over(lambda fs: str(sum(f.steady < STEADY_FLOOR for f in fs)))]
    )
    rows.append(
        [
            f"programs under {PROCESS_FLOOR} in the process",
            *over(lambda fs: str(sum(f.process < PROCESS_FLOOR for f in fs))),
        ]
    )
    rows.append(["break-even, stock s (median)", *over(_median_break_even)])
    startup = data.get("startup", {})
    base = startup.get("stock")
    for peer_row, key in (("start-up, ms", "wall"),):
        if base:
            label = f"{peer_row} (stock {base[key] * 1e3:.1f})"
            rows.append([label, *[f"{startup[p][key] * 1e3:.1f}" if p in startup else "-" for p in peers]])
    return rows


def _median_break_even(found: list[Figures]) -> str:
    values = sorted(math.inf if f.break_even is None else f.break_even for f in found)
    if not values:
        return "-"
    middle = values[len(values) // 2]
    return "never" if math.isinf(middle) else f"{middle:.2f}"


def slow_lists(data: dict, clock: str) -> str:
    """Every program a peer makes slower than the floors allow."""
    lines = []
    for peer, found in all_figures(data, clock).items():
        slow = sorted((f.steady, i) for i, f in found.items() if f.steady < STEADY_FLOOR)
        if slow:
            lines.append(f"{peer}, under {STEADY_FLOOR} steady: " + ", ".join(f"{i} {v:.2f}" for v, i in slow))
        slow = sorted((f.process, i) for i, f in found.items() if f.process < PROCESS_FLOOR)
        if slow:
            lines.append(f"{peer}, under {PROCESS_FLOOR} in the process: " + ", ".join(f"{i} {v:.2f}" for v, i in slow))
    return "\n".join(lines)


def problems(data: dict) -> list[str]:
    found = []
    for entry in data["programs"]:
        for peer, state in entry["peers"].items():
            if "error" in state:
                found.append(f"{entry['id']} on {peer}: {state['error']}")
    return found


def comparison(data: dict, old: dict, clock: str) -> str:
    """Speed-ups now against those of an older run; changes past 5 % one by one, means for all."""
    now, then = all_figures(data, clock), all_figures(old, clock)
    lines = []
    for peer in now:
        if peer not in then:
            continue
        shared = [i for i in now[peer] if i in then[peer]]
        if not shared:
            continue
        for what in ("steady", "first", "process"):
            ratios = {i: getattr(now[peer][i], what) / getattr(then[peer][i], what) for i in shared}
            lines.append(
                f"{peer} {what}: {geomean(list(ratios.values())):.3f} of the old speed-up ({len(shared)} programs)"
            )
            moved = sorted((r, i) for i, r in ratios.items() if abs(r - 1.0) > 0.05)
            lines += [
                f"    {i}  {getattr(then[peer][i], what):.2f} -> {getattr(now[peer][i], what):.2f}" for r, i in moved
            ]
    return "\n".join(lines) or "nothing in common with the old run"


def terminal_table(rows: list[list[str]]) -> str:
    return _table(rows, markdown=False)


def markdown(data: dict, clock: str) -> str:
    meta = data["meta"]
    peers = meta["peers"]
    parts = [
        f"# Benchmarks, {meta['date']}",
        "",
        f"{meta['machine']}; {meta['python']}; {meta['repeat']} repetition(s) a program and configuration, interleaved; "
        f"{'processor' if clock == 'cpu' else 'elapsed'} time. Figures are speed-ups over stock (above 1 is faster) unless "
        "they say otherwise; `*` marks the headline programs. What the words mean: `docs/benchmarks.md`.",
        "",
        _table(summary_rows(data, clock), markdown=True),
        "",
    ]
    missing = meta.get("missing", {})
    if missing:
        parts += ["Not measured: " + "; ".join(f"{k} ({v})" for k, v in missing.items()) + ".", ""]
    kinds: dict[str, list[dict]] = {}
    for entry in data["programs"]:
        kinds.setdefault(entry["kind"], []).append(entry)
    for kind, entries in kinds.items():
        parts += [f"## {kind}", ""]
        parts.append(_table([row_header(peers)] + [program_row(e, peers, clock) for e in entries], markdown=True))
        parts.append("")
    slow = slow_lists(data, clock)
    parts += ["## Slower than stock", "", slow or "None.", ""]
    wrong = problems(data)
    if wrong:
        parts += ["## Errors", "", *[f"- {w}" for w in wrong], ""]
    return "\n".join(parts)


def plot(data: dict, clock: str, path: Path) -> str:
    """Draws steady and first speed-ups; returns a word about what came of it."""
    try:
        import matplotlib
    except ImportError:
        return "no plot: matplotlib is not installed"
    matplotlib.use("Agg")
    from matplotlib import pyplot

    per_peer = {p: f for p, f in all_figures(data, clock).items() if f}
    ids = [e["id"] for e in data["programs"] if any(e["id"] in f for f in per_peer.values())]
    if not ids:
        return "no plot: nothing was compared"
    height = max(4.0, 0.22 * len(ids) + 1.5)
    fig, axes = pyplot.subplots(1, 2, figsize=(13, height), sharey=True)
    for axis, what, title in (
        (axes[0], "steady", "steady state"),
        (axes[1], "first", "first run, compilation included"),
    ):
        for number, (peer, found) in enumerate(per_peer.items()):
            ys = [ids.index(i) for i in found]
            xs = [getattr(f, what) for f in found.values()]
            axis.plot(xs, ys, "o" if peer == "whipsnake" else "s", ms=5, label=peer, color=f"C{number}", alpha=0.8)
        axis.axvline(1.0, color="black", lw=0.8)
        axis.set_xscale("log")
        axis.set_xlabel("speed-up over stock CPython 3.14")
        axis.set_title(title)
        axis.grid(True, which="both", axis="x", lw=0.3)
    axes[0].set_yticks(range(len(ids)), ids, fontsize=7)
    axes[0].set_ylim(len(ids) - 0.5, -0.5)
    axes[1].legend(loc="lower right", fontsize=8)
    fig.tight_layout()
    fig.savefig(path)
    pyplot.close(fig)
    return f"plot: {path}"
