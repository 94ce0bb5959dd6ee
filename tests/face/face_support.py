"""Run small programs in fresh interpreters, with and without Whipsnake."""

import os
import subprocess
import sys


def environment(**settings):
    """The environment of a child: no WHIPSNAKE_* but those given."""
    env = {name: value for name, value in os.environ.items() if not name.startswith("WHIPSNAKE")}
    env["PYTHON_COLORS"] = "0"
    env.update(settings)
    return env


def python(*arguments, cwd=None, stdin=None, executable=sys.executable, **settings):
    """The finished process of `python arguments...`; settings are environment variables."""
    return subprocess.run(
        [executable, *map(str, arguments)],
        capture_output=True,
        text=True,
        cwd=cwd,
        input=stdin,
        env=environment(**settings),
        timeout=120,
    )


def output(source, **settings):
    """What a program given as text prints; it must succeed and say nothing on standard error."""
    done = python("-c", source, **settings)
    assert (done.returncode, done.stderr) == (0, ""), done.stderr
    return done.stdout
