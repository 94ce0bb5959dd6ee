"""Unpacks PyPy from Debian's packages into the checkout, for the benchmarks only. Nothing system-wide, no root.

    python bench/get_pypy.py          afterwards `make bench` finds it by itself

It uses what `make setup` uses to unpack CPython 3.14 on a machine that has none, so it needs apt-get and dpkg-deb.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT / "scripts"))

import setup  # noqa: E402

PREFIX = ROOT / ".python" / "pypy"
PACKAGES = (
    "pypy3 pypy3-lib libc6 libgcc-s1 libbz2-1.0 libexpat1 libffi8 libgdbm6t64 liblzma5 libncursesw6 libsqlite3-0 "
    "libssl3t64 libtinfo6 zlib1g"
).split()
# The unpacked program needs the unpacked libraries: it is started through their loader.
LAUNCHER = """#!/bin/sh
here=$(cd "$(dirname "$(readlink -f "$0")")/.." && pwd)
exec "$here/{loader}" --library-path "$here/{libraries}" --argv0 "$here/{binary}" "$here/{binary}" "$@"
"""


def first(*patterns: str) -> Path:
    for pattern in patterns:
        for found in sorted(PREFIX.glob(pattern)):
            return found
    raise setup.SetupError(f"the packages hold no {patterns[0]}")


def main() -> int:
    launcher = PREFIX / "bin" / "pypy3"
    try:
        if not launcher.exists():
            shutil.rmtree(PREFIX, ignore_errors=True)
            env, suite = setup.working_suite()
            setup.say(f"downloading PyPy from Debian {suite}")
            setup.PREFIX = PREFIX
            setup.unpack(PACKAGES, env)
            binary = first("usr/lib/pypy3*/pypy3*-c", "usr/bin/pypy3")
            loader = first("usr/lib*/ld-linux*.so.*", "lib*/ld-linux*.so.*")
            libraries = first("usr/lib/*/libc.so.6", "lib/*/libc.so.6").parent
            launcher.parent.mkdir(parents=True)
            names = {"binary": binary, "loader": loader, "libraries": libraries}
            launcher.write_text(LAUNCHER.format(**{k: v.relative_to(PREFIX) for k, v in names.items()}))
            launcher.chmod(0o755)
        shown = subprocess.run([launcher, "-c", "import sys; print(sys.version)"], capture_output=True, text=True)
        if shown.returncode != 0:
            raise setup.SetupError(f"the unpacked PyPy does not start: {shown.stderr.strip()}")
    except setup.SetupError as problem:
        print(problem, file=sys.stderr)
        return 1
    print(f"{shown.stdout.strip()}\n{launcher.relative_to(ROOT)} is ready: the benchmarks find it there.")
    return 0


if __name__ == "__main__":
    sys.exit(main())
