"""Runs generated programs one after another and reports what each one did.

Reads from standard input one JSON object a line, `{"id": ..., "source": ...}`, and
answers each with `{"id": ..., "outcome": [...]}`. With `{"stats": true}` it answers with
what Whipsnake says it has done so far. Whipsnake is switched on unless `WHIPSNAKE=0`.
"""

import gc
import io
import json
import os
import sys
import warnings

NAME = "<fuzz>"


def describe(value):
    try:
        return repr(value)
    except ValueError:  # an int with too many digits
        return hex(value) if type(value) is int else f"unprintable {type(value).__name__}"


def where(error):
    """The lines of the program that an exception went through."""
    lines = []
    tb = error.__traceback__
    while tb is not None:
        if tb.tb_frame.f_code.co_filename == NAME:
            lines.append(f"{tb.tb_frame.f_code.co_name}:{tb.tb_lineno}")
        tb = tb.tb_next
    return lines if len(lines) < 20 else [*lines[:5], f"... {len(lines)} ...", *lines[-5:]]


def execute(source):
    outcome = []

    def run(function, *args):
        try:
            result = "= " + describe(function(*args))
        except Exception as error:
            result = f"! {type(error).__name__}: {error} at {' '.join(where(error))}"
            del error
        outcome.append(f"{getattr(function, '__name__', '?')} {result} args {describe(args)}")

    def note(*values):
        outcome.append(f"note {describe(values)}")

    names = {"__name__": "fuzz", "run": run, "note": note}
    try:
        code = compile(source, NAME, "exec")
        exec(code, names)
    except Exception as error:
        outcome.append(f"! {type(error).__name__}: {error} at {' '.join(where(error))}")
    names.clear()
    return outcome


def main():
    requests = io.TextIOWrapper(sys.stdin.buffer, encoding="utf-8")
    answers = io.TextIOWrapper(os.fdopen(os.dup(1), "wb"), encoding="utf-8")
    warnings.simplefilter("ignore", SyntaxWarning)
    whipsnake = None
    if os.environ.get("WHIPSNAKE") != "0":
        import whipsnake

        whipsnake.enable()
    for count, line in enumerate(requests):
        request = json.loads(line)
        if "stats" in request:
            answer = whipsnake.stats() if whipsnake else {}
        else:
            answer = {"id": request["id"], "outcome": execute(request["source"])}
            if count % 50 == 49:
                gc.collect()
        answers.write(json.dumps(answer, default=str) + "\n")
        answers.flush()


if __name__ == "__main__":
    main()
