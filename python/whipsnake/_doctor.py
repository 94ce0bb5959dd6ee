"""`python -m whipsnake doctor`: what works here, and what does not."""

import os
import platform
import sys
import sysconfig

import whipsnake
from whipsnake import _autostart, _settings


def _probe(n):
    total = 0
    for i in range(n):
        total += i & 3
    return total


def _live_test():
    """Run a small hot function and see whether any of it was compiled."""
    import time

    before = whipsnake.stats()
    deadline = time.monotonic() + 5
    while time.monotonic() < deadline:
        if _probe(50_000) != sum(i & 3 for i in range(50_000)):
            return "FAILED: a compiled loop gave a wrong sum"
        now = whipsnake.stats()
        if now["functions_compiled"] + now["loops_compiled"] > before["functions_compiled"] + before["loops_compiled"]:
            return "passed: a hot loop was compiled and gave the right sum"
    return "FAILED: a hot loop was not compiled within 5 seconds"


def _official_jit():
    jit = getattr(sys, "_jit", None)
    if jit is None or not jit.is_available():
        return "not built in"
    return "built in, on" if jit.is_enabled() else "built in, off"


def main():
    """Print the report; the exit status says whether Whipsnake works."""
    row = "{:<22} {}".format
    good = True

    print("Interpreter")
    print(row("  version", sys.version.replace("\n", " ")))
    print(row("  executable", sys.executable))
    print(row("  platform", f"{platform.system()} {platform.machine()}, {' '.join(platform.libc_ver())}"))
    threaded = bool(sysconfig.get_config_var("Py_GIL_DISABLED"))
    print(row("  build", "free-threaded" if threaded else "with the GIL"))
    print(row("  its own JIT", _official_jit()))

    print("Whipsnake")
    print(row("  package", os.path.dirname(whipsnake.__file__)))
    if whipsnake.is_available():
        print(row("  native module", whipsnake._native.__file__))
        print(row("  available", "yes"))
        problems = whipsnake._native.opcode_self_check()
        good = not problems
        print(row("  self-check", "; ".join(problems) or "passed"))
        if whipsnake.enable():
            live = _live_test()
            good = good and live.startswith("passed")
            print(row("  live test", live))
        elif os.environ.get("WHIPSNAKE") == "0":
            print(row("  live test", "left out: WHIPSNAKE=0"))
        else:
            good = False
            print(row("  live test", "FAILED: it could not be enabled"))
    else:
        good = False
        print(row("  available", f"no: {whipsnake.why_unavailable()}"))

    print("Settings")
    for variable in [_settings.MASTER[0]] + [entry[0] for entry in _settings.TABLE]:
        print(row(f"  {variable}", os.environ.get(variable, "(not set)")))
    for problem in _settings.from_environment(os.environ)[1]:
        print(f"  {problem}")

    print("Start-up hook")
    print(f"  {_autostart.status()}")
    return 0 if good else 1
