"""Puts the libraries and their tests into `.venv-libraries`: nothing outside the checkout."""

import pathlib
import shutil
import sys
import tarfile

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "scripts"))

import setup  # noqa: E402
from table import LIBRARIES  # noqa: E402

VENV = ROOT / ".venv-libraries"
PYTHON = VENV / "bin" / "python"
SOURCES = VENV / "sources"
PINS = ROOT / "requirements" / "libraries.txt"
HINT = "check that pip can reach its package index (PIP_INDEX_URL); the versions are in requirements/libraries.txt"


def versions():
    lines = [line.partition("#")[0].strip() for line in PINS.read_text().splitlines()]
    return dict(line.split("==") for line in lines if line)


def folder(name):
    """Where a library's tests are."""
    if LIBRARIES[name].source:
        return SOURCES / f"{name}-{versions()[name]}"
    return next(VENV.glob("lib/python3*/site-packages"))


def make_venv():
    base = sys._base_executable
    value = setup.fingerprint(base, sys.version, PINS.read_text())
    stamp = VENV / "setup.stamp"
    if setup.stamped(stamp, value) and PYTHON.exists():
        return
    setup.say("making .venv-libraries and installing what requirements/libraries.txt names")
    shutil.rmtree(VENV, ignore_errors=True)
    env = setup.clean_environment()
    making = [base, "-m", "venv", "--without-pip", VENV]
    setup.run(making, "making .venv-libraries", "install the venv module of that Python", env=env)
    pip = [sys.executable, "-m", "pip", "--python", PYTHON, "install", "-q", "--prefer-binary", "-r", PINS]
    setup.run(pip, "installing the libraries", HINT, env=env)
    site = next(VENV.glob("lib/python3*/site-packages"))
    (site / "whipsnake.pth").write_text(f"{ROOT / 'python'}\n")
    hook = [PYTHON, "-m", "whipsnake", "autostart", "install"]
    setup.run(hook, "installing the start-up hook into .venv-libraries", "run `make setup`", env=env, cwd="/")
    setup.put_stamp(stamp, value)


def fetch_source(name):
    """The source distribution of a library whose installed form has no tests."""
    where = folder(name)
    if where.exists():
        return
    version = versions()[name]
    setup.say(f"fetching the tests of {name} {version}")
    fresh = SOURCES / f"{name}.new"
    shutil.rmtree(fresh, ignore_errors=True)
    pip = [sys.executable, "-m", "pip", "download", "-q", "--no-deps", "--no-binary", ":all:", "--dest", fresh]
    setup.run(
        [*pip, f"{name}=={version}"], f"fetching the source of {name}", HINT, env=setup.clean_environment(), cwd="/"
    )
    found = list(fresh.glob("*.tar.gz"))
    if len(found) != 1:
        raise setup.SetupError(f"{name} {version} has no source distribution that can be unpacked: {found}")
    with tarfile.open(found[0]) as archive:
        archive.extractall(fresh, filter="data")
    next(path for path in fresh.iterdir() if path.is_dir()).replace(where)
    shutil.rmtree(fresh)


def prepare(names):
    make_venv()
    for name in names:
        if LIBRARIES[name].source:
            fetch_source(name)
        for path in LIBRARIES[name].paths:
            if not (folder(name) / path).exists():
                raise setup.SetupError(
                    f"{name} {versions()[name]} has no {path}.\n  What to do: correct tests/libraries/table.py."
                )
