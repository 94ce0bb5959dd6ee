"""Whipsnake: hot Python code as machine code on stock CPython 3.14.

    import whipsnake

    whipsnake.enable()          # from here on, hot functions and loops are compiled

Without touching the program: ``python -m whipsnake script.py args...``, or
``WHIPSNAKE=1`` after ``python -m whipsnake autostart install``.

Whatever Whipsnake cannot serve (another Python version, a free-threaded build, a
sub-interpreter, ...) it leaves alone: it stays off, says so once as a
``RuntimeWarning``, and the program runs as before.

This module is the face only. It imports nothing but what every start of Python has
loaded already; the rest (logging, the command line, reports) comes when it is used.
"""

import os
import sys

__all__ = [
    "compiled",
    "disable",
    "enable",
    "explain",
    "is_active",
    "is_available",
    "is_enabled",
    "jit",
    "nojit",
    "paused",
    "stats",
    "why_unavailable",
]

_SUPPORTED = (3, 14)


def _is_main_interpreter():
    try:
        import _interpreters
    except ImportError:  # a Python that Whipsnake does not serve
        return True
    return _interpreters.get_current()[0] == _interpreters.get_main()[0]


def _load():
    """The native module and why it cannot be used: exactly one of them is None."""
    if sys.implementation.name != "cpython" or sys.version_info[:2] != _SUPPORTED:
        running = f"{sys.implementation.name} {sys.version_info[0]}.{sys.version_info[1]}"
        return None, f"it serves CPython 3.14 and this is {running}"
    if not getattr(sys, "_is_gil_enabled", lambda: True)():
        return None, "it serves builds with the GIL and this one runs without"
    if not _is_main_interpreter():
        return None, "it serves the main interpreter and this is a sub-interpreter"
    try:
        from whipsnake import _native
    except ImportError as error:
        return None, f"its native module cannot be loaded ({error})"
    available, reason = _native.availability()
    return (_native, None) if available else (None, reason)


_native, _why_not = _load()
_configured = False
_said = False


def _log(level, message, *args):
    """Hand a message to logging.getLogger("whipsnake"); free while nobody uses logging."""
    if "logging" in sys.modules or os.environ.get("WHIPSNAKE_LOG"):
        import logging

        logging.getLogger("whipsnake").log(getattr(logging, level), message, *args)


def _say_off(reason, stacklevel=3):
    """Tell once that Whipsnake stays off, in a way that never stops the program."""
    global _said
    if _said:
        return
    _said = True
    import warnings

    message = f"Whipsnake stays off: {reason}; the program runs as without it"
    try:
        warnings.warn(message, RuntimeWarning, stacklevel=stacklevel)
    except RuntimeWarning:
        # Warnings are errors here (-W error), but this one must not be.
        print(f"whipsnake: {message}", file=sys.stderr)
    _log("INFO", "stays off: %s", reason)


def _configure():
    """Hand the settings of the environment to the native module, once."""
    global _configured
    if _configured:
        return
    _configured = True
    from whipsnake import _settings

    settings, problems = _settings.from_environment(os.environ)
    for problem in problems:
        import warnings

        try:
            warnings.warn(f"Whipsnake: {problem}", RuntimeWarning, stacklevel=3)
        except RuntimeWarning:
            print(f"whipsnake: {problem}", file=sys.stderr)
    if "log" in settings:
        from whipsnake import _logging

        _logging.attach(settings["log"])
    if _native is not None:
        _native.configure(settings)


def enable() -> bool:
    """Switch the compiler on; True if it is on afterwards.

    Reads the ``WHIPSNAKE_*`` settings from the environment the first time. With
    ``WHIPSNAKE=0`` in the environment it stays off, whoever asks.
    """
    if os.environ.get("WHIPSNAKE") == "0":
        _log("INFO", "stays off: WHIPSNAKE=0")
        return False
    _configure()
    if _native is None:
        _say_off(_why_not)
        return False
    try:
        _native.enable()
    except RuntimeError as error:
        _say_off(str(error))
        return False
    return _native.is_enabled()


def is_available() -> bool:
    """Can this interpreter be served at all?"""
    return _native is not None


def why_unavailable() -> str | None:
    """What keeps Whipsnake off here, or None when it is available."""
    return _why_not


if _native is not None:
    # The native functions themselves: one frame less, and is_active() asks about its caller.
    disable = _native.disable
    is_enabled = _native.is_enabled
    is_active = _native.is_active
else:

    def disable() -> None:
        """Switch the compiler off; compiled code is left at the next chance."""

    def is_enabled() -> bool:
        """Is the compiler on?"""
        return False

    def is_active() -> bool:
        """Is the calling Python code running as machine code right now?"""
        return False


class paused:
    """A context in which the compiler is off; afterwards it is as it was before.

    with whipsnake.paused():
        ...
    """

    def __enter__(self):
        self._was_on = is_enabled()
        if self._was_on:
            disable()
        return self

    def __exit__(self, *exception):
        if self._was_on:
            enable()


def stats() -> dict:
    """Totals since the start: what was compiled, how long it took, entries and exits."""
    if _native is not None:
        return _native.stats()
    zeros = "functions_compiled loops_compiled compile_us_total code_bytes entries exits refused recompiles put_off invalidated"
    return {"enabled": False, **dict.fromkeys(zeros.split(), 0), "exits_by_reason": {}}


def compiled() -> list[dict]:
    """What is compiled: one dict for each function and loop, with its exits by reason."""
    return _native.compiled() if _native is not None else []


def explain(what):
    """What became of a function, method or code object: compiled when and how, refused where and why.

    Print the result to read it; its attributes hold the same as data.
    """
    from whipsnake import _explain

    return _explain.explain(what)


def _hint(what, hint):
    if _native is not None:
        from whipsnake import _explain

        _native.set_hint(_explain.code_of(what), hint)
    return what


def jit(function):
    """A decorator: compile this function at its first chance, without waiting for it to be hot."""
    return _hint(function, "jit")


def nojit(function):
    """A decorator: never compile this function."""
    return _hint(function, "nojit")


def __getattr__(name):
    if name == "__version__":
        from importlib.metadata import version

        return version("whipsnake")
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
