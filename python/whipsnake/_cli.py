"""The command line: run a program with the compiler on, or one of the tools.

A program runs as it would without `-m whipsnake`: in the real `__main__` module with the
names it would have there, with its `sys.argv` and `sys.path[0]`, its exit status, and
tracebacks that begin with its own frames.
"""

import os
import sys

USAGE = """\
usage: python -m whipsnake script.py [arguments]      run a script with the compiler on
       python -m whipsnake -m module [arguments]      run a module with the compiler on
       python -m whipsnake doctor                     what works here, and what does not
       python -m whipsnake autostart install|remove|status
                                                      the start-up hook for WHIPSNAKE=1"""


def main():
    """Never returns: by then the names of `__main__` belong to the program."""
    arguments = sys.argv[1:]
    match arguments:
        case ["-h" | "--help"]:
            print(USAGE)
        case ["doctor"]:
            from whipsnake import _doctor

            sys.exit(_doctor.main())
        case ["autostart", "install" | "remove" | "status" as action]:
            from whipsnake import _autostart

            sys.exit(_autostart.main(action))
        case ["-m", module, *rest]:
            _run_module(module, rest)
        case [script, *_] if script != "autostart" and not script.startswith("-"):
            _run_script(arguments)
        case _:
            print(USAGE, file=sys.stderr)
            sys.exit(2)
    sys.exit(0)


def _enable():
    import whipsnake

    whipsnake.enable()


def _fresh_main():
    """The namespace of the real `__main__`, as the interpreter makes it."""
    namespace = sys.modules["__main__"].__dict__
    builtins = namespace["__builtins__"]
    namespace.clear()
    namespace.update(
        __name__="__main__", __doc__=None, __package__=None, __loader__=None, __spec__=None, __builtins__=builtins
    )
    return namespace


def _set_first_path(folder):
    """Put `folder` where `-m` had put the current folder (nowhere under -P and -I)."""
    if not sys.flags.safe_path:
        sys.path[0] = folder


def _run_module(module, arguments):
    import runpy

    _enable()
    sys.argv = ["-m", *arguments]
    _fresh_main()
    _call(runpy._run_module_as_main, module)


def _run_script(arguments):
    import pkgutil

    script = arguments[0]
    sys.argv = arguments
    if pkgutil.get_importer(script) is not None:
        # A folder or a zip file with a __main__ module in it.
        import runpy

        _enable()
        _set_first_path(_absolute(script))
        _fresh_main()
        _call(runpy._run_module_as_main, "__main__", False)
        return
    path = _absolute(script)
    try:
        with open(path, "rb") as file:
            content = file.read()
    except OSError as error:
        # The words of the interpreter.
        print(f"{sys.executable}: can't open file {path!r}: [Errno {error.errno}] {error.strerror}", file=sys.stderr)
        sys.exit(2)
    target = os.path.join(os.path.dirname(script), os.readlink(script)) if os.path.islink(script) else script
    _set_first_path(os.path.realpath(os.path.dirname(target)))
    _enable()
    namespace = _fresh_main()
    code, loader = _call(_compile, content, path)
    namespace.update(__loader__=loader, __file__=path, __cached__=None)
    _call(exec, code, namespace)


def _absolute(script):
    """As the interpreter makes a path absolute: without tidying it up."""
    return os.path.join(os.getcwd(), script)


def _compile(content, path):
    from importlib import machinery, util

    if content[:4] == util.MAGIC_NUMBER:
        import marshal

        return marshal.loads(memoryview(content)[16:]), machinery.SourcelessFileLoader("__main__", path)
    return compile(content, path, "exec", dont_inherit=True), machinery.SourceFileLoader("__main__", path)


def _call(function, *arguments):
    """Call, and let an exception go on to the top of the program without the frames in between."""
    try:
        return function(*arguments)
    except SystemExit:
        raise
    except BaseException as error:
        _shorten(error)
        raise


def _shorten(error):
    """Let the interpreter report `error` as if the program's frames were the outermost.

    The frames of this module and of the outer runpy join the traceback on the way up, so
    they are taken off at the last moment: by a hook that stands in, once, for whatever
    sys.excepthook is by then.
    """
    traceback = error.__traceback__.tb_next
    if traceback is not None and traceback.tb_frame.f_code is _compile.__code__:
        traceback = None
    report = sys.excepthook

    def hook(kind, value, _):
        sys.excepthook = report
        sys.last_traceback = traceback
        report(kind, value.with_traceback(traceback), traceback)

    sys.excepthook = hook
