"""Run one program as ``__main__``, with or without Whipsnake.

    python driver.py PROGRAM [ARGUMENTS]

With ``WHIPSNAKE=0`` the program runs on the plain interpreter and nothing of
Whipsnake is imported. Otherwise Whipsnake is switched on first, and when the
program has ended, in whatever way, a JSON report of what was compiled goes to
the file named by ``WSTEST_REPORT``.

The frames between the interpreter's start and the program are the same in both
cases, so that tracebacks and recursion depths can be compared.
"""

import json
import os
import sys
import types


def _report(path):
    import whipsnake

    entries = [
        {key: entry.get(key) for key in ("name", "file", "line", "kind", "valid", "entries")}
        for entry in whipsnake.compiled()
    ]
    data = {"active": whipsnake.is_enabled(), "compiled": entries, "stats": whipsnake.stats()}
    with open(path, "w", encoding="utf-8") as out:
        json.dump(data, out, default=str)


def main():
    path = sys.argv[1]
    del sys.argv[0]
    with open(path, "rb") as source:
        code = compile(source.read(), path, "exec", dont_inherit=True)
    module = types.ModuleType("__main__")
    module.__file__ = path
    sys.modules["__main__"] = module
    compiling = os.environ.get("WHIPSNAKE") != "0"
    if compiling:
        import whipsnake

        whipsnake.enable()
    try:
        exec(code, module.__dict__)
    finally:
        if compiling and "WSTEST_REPORT" in os.environ:
            _report(os.environ["WSTEST_REPORT"])


if __name__ == "__main__":
    main()
