"""The settings that the environment carries (children inherit them).

`TABLE` is the one list of them: what `configure()` gets, what `doctor` prints and what
the README explains.
"""

LOG_LEVELS = ("debug", "info", "warning", "error")
DUMP_STAGES = ("hir", "clif", "asm")


def _number(text):
    value = int(text)
    if value < 0:
        raise ValueError
    return value


def _flag(text):
    return {"0": False, "1": True}[text]


def _level(text):
    if text.lower() not in LOG_LEVELS:
        raise ValueError
    return text.lower()


def _stages(text):
    stages = [part.strip().lower() for part in text.split(",") if part.strip()]
    if not stages or any(stage not in DUMP_STAGES for stage in stages):
        raise ValueError
    return stages


# Variable, key for configure(), parser, what it takes, what it does.
TABLE = (
    ("WHIPSNAKE_THRESHOLD", "threshold", _number, "a number", "runs before compiling; 0: all at first sight, at once"),
    ("WHIPSNAKE_LOG", "log", _level, " or ".join(LOG_LEVELS), "log to standard error from this level on"),
    ("WHIPSNAKE_DUMP", "dump", _stages, "some of " + ",".join(DUMP_STAGES), "print these stages of every compilation"),
    ("WHIPSNAKE_DUMP_DIR", "dump_dir", str, "a folder", "write the dumps there instead of to standard error"),
    ("WHIPSNAKE_SYNC", "sync", _flag, "0 or 1", "compile at once instead of in the background"),
    ("WHIPSNAKE_OPT", "opt", _flag, "0 or 1", "0: no optimisation (stress)"),
    ("WHIPSNAKE_EXIT_EVERY", "exit_every", _number, "a number", "take an exit at every n-th guard (stress)"),
    ("WHIPSNAKE_VERIFY", "verify", _flag, "0 or 1", "verify after every pass (stress)"),
    ("WHIPSNAKE_CODE_KB", "code_kb", _number, "a number", "cap on memory for machine code, in KiB"),
)

MASTER = ("WHIPSNAKE", "0 or 1", "1: on from the start where autostart is installed; 0: off, whoever asks")


def from_environment(environment):
    """The settings as a dict for `configure()`, and complaints about what was not understood."""
    settings, problems = {}, []
    for variable, key, parse, takes, _ in TABLE:
        text = environment.get(variable, "")
        if not text:
            continue
        try:
            settings[key] = parse(text)
        except (ValueError, KeyError):
            problems.append(f"{variable}={text!r} is ignored: it takes {takes}")
    if environment.get("WHIPSNAKE", "") not in ("", "0", "1"):
        problems.append(f"WHIPSNAKE={environment['WHIPSNAKE']!r} is ignored: it takes {MASTER[1]}")
    return settings, problems
