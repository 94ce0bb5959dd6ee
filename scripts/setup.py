#!/usr/bin/env python3
"""Set up the checkout: a CPython 3.14, `.venv` with the tools, the built module.

    python3 scripts/setup.py            interpreter, venv, build
    python3 scripts/setup.py venv       interpreter and venv only
    python3 scripts/setup.py tests      CPython's own tests for the private interpreter
    python3 scripts/setup.py build      (re)build the native module into .venv

Runs under any Python from 3.8 on, needs nothing outside the standard library and
writes only into the checkout. Every finished step leaves a stamp, so a second run
is quick; a stamp holds what the step depended on (a moved checkout is set up anew).

The interpreter is, in this order: `PYTHON=` (a path, or `private`), `python3.14` on
PATH, one that `uv` knows, Debian packages of a newer suite unpacked into `.python/`,
one that `uv` downloads. One that was found rather than asked for must carry the
`test` package, because the test suite runs CPython's own tests; when none does, the
first without is used all the same.
"""

import argparse
import fcntl
import glob
import hashlib
import json
import os
import shutil
import subprocess
import sys
import time
import zipfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
PRIVATE = ROOT / ".python"
PREFIX = PRIVATE / "root"
VENV = ROOT / ".venv"
VENV_PYTHON = VENV / "bin" / "python"

# Newest first: both carry python3.14.
SUITES = ("sid", "forky")

INTERPRETER_PACKAGES = (
    "python3.14 python3.14-minimal libpython3.14-minimal libpython3.14-stdlib libpython3.14 libpython3.14-dev "
    "python3.14-dev python3.14-venv python3-pip-whl patchelf "
    "libc6 libgcc-s1 libstdc++6 zlib1g libexpat1 libssl3t64 libffi8 libsqlite3-0 libbz2-1.0 liblzma5 "
    "libreadline8t64 libncursesw6 libtinfo6 libuuid1 libzstd1 libdb5.3t64 libgdbm6t64"
).split()
TEST_PACKAGES = ["libpython3.14-testsuite"]

PROBE = """
import importlib.util, json, platform, sys, sysconfig
print(json.dumps({
    "implementation": platform.python_implementation(),
    "version": platform.python_version(),
    "prefix": sys.prefix,
    "free_threaded": bool(sysconfig.get_config_var("Py_GIL_DISABLED")),
    "tests": importlib.util.find_spec("test") is not None
             and importlib.util.find_spec("test.test_int") is not None,
}))
"""


class SetupError(Exception):
    """A step failed; the text says what happened and what to do about it."""


def say(text):
    print("[setup] " + text, flush=True)


def run(command, what, hint, **options):
    """Run a command quietly; on failure show its output with what to do."""
    command = [str(part) for part in command]
    try:
        done = subprocess.run(
            command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, universal_newlines=True, **options
        )
    except OSError as error:
        raise SetupError("{}: {}\n  What to do: {}".format(what, error, hint)) from error
    if done.returncode != 0:
        tail = "\n".join("  | " + line for line in done.stdout.splitlines()[-25:])
        raise SetupError(
            "{} failed (exit {}): {}\n{}\n  What to do: {}".format(what, done.returncode, " ".join(command), tail, hint)
        )
    return done.stdout


# --- stamps ---------------------------------------------------------------------


def fingerprint(*parts):
    return hashlib.sha256("\0".join([str(ROOT)] + [str(part) for part in parts]).encode()).hexdigest()


def stamped(stamp, value):
    return stamp.exists() and stamp.read_text() == value


def put_stamp(stamp, value):
    stamp.parent.mkdir(parents=True, exist_ok=True)
    stamp.write_text(value)


# --- finding an interpreter -------------------------------------------------------


def clean_environment():
    """The environment for interpreters other than the one running this script."""
    env = dict(os.environ)
    for name in ("PYTHONHOME", "PYTHONPATH", "VIRTUAL_ENV", "WHIPSNAKE", "__PYVENV_LAUNCHER__"):
        env.pop(name, None)
    return env


def probe(python):
    """What an interpreter says about itself, or None if it does not run."""
    try:
        done = subprocess.run(
            [str(python), "-c", PROBE],
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            universal_newlines=True,
            env=clean_environment(),
            timeout=60,
        )
        return json.loads(done.stdout) if done.returncode == 0 else None
    except (OSError, ValueError, subprocess.TimeoutExpired):
        return None


def why_unfit(about):
    if about is None:
        return "it does not run"
    if about["implementation"] != "CPython":
        return "it is {}, not CPython".format(about["implementation"])
    if not about["version"].startswith("3.14."):
        return "it is version {}, not 3.14".format(about["version"])
    if about["free_threaded"]:
        return "it is a free-threaded build"
    return None


def uv_python(download):
    uv = shutil.which("uv")
    if uv is None:
        return None
    if download:
        say("asking uv to install CPython 3.14")
        try:
            run(
                [uv, "python", "install", "--install-dir", PRIVATE / "uv", "3.14"],
                "uv python install",
                "check that uv may download",
            )
        except SetupError as error:
            say(str(error))
            return None
        found = sorted(glob.glob(str(PRIVATE / "uv" / "cpython-3.14*" / "bin" / "python3.14")))
        return found[-1] if found else None
    done = subprocess.run(
        [uv, "python", "find", "--no-project", "--offline", "3.14"],
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        universal_newlines=True,
        cwd="/",
    )
    return done.stdout.strip() if done.returncode == 0 else None


def find_interpreter():
    """The path of the base interpreter for .venv, made if need be."""
    asked = os.environ.get("PYTHON", "")
    if asked and asked != "private":
        path = shutil.which(asked)
        reason = why_unfit(probe(path)) if path else "there is no such program"
        if reason:
            raise SetupError(
                "PYTHON={} cannot be used: {}.\n  What to do: name a CPython 3.14 (GIL build), "
                "or leave PYTHON unset to have one found, or say PYTHON=private.".format(asked, reason)
            )
        say("using PYTHON={} (CPython {})".format(path, probe(path)["version"]))
        return path

    without_tests = None
    private_ready = private_python() if private_is_ready() else None
    if not asked and private_ready is None:
        for path, origin in ((shutil.which("python3.14"), "on PATH"), (uv_python(False), "known to uv")):
            if not path or str(path).startswith(str(VENV)):
                continue
            about = probe(path)
            reason = why_unfit(about)
            if reason:
                say("{} ({}): not used, {}".format(path, origin, reason))
            elif about["tests"]:
                say("using {} ({}, CPython {})".format(path, origin, about["version"]))
                return path
            else:
                say("{} ({}) has no `test` package, which `make test` needs: looking further".format(path, origin))
                without_tests = without_tests or path
    try:
        return unpack_private()
    except SetupError as error:
        if asked == "private":
            raise
        problem = error
    path = uv_python(True)
    if path and not why_unfit(probe(path)):
        say("using {} (from uv)".format(path))
        return path
    if without_tests:
        say(str(problem))
        say("using {} all the same; CPython's own tests cannot run with it".format(without_tests))
        return without_tests
    raise problem


# --- a private interpreter from Debian packages -------------------------------------


def private_python():
    return str(PREFIX / "usr" / "bin" / "python3.14")


def private_stamp():
    return PRIVATE / "interpreter.stamp"


def private_value():
    return fingerprint(*INTERPRETER_PACKAGES)


def private_is_ready():
    return stamped(private_stamp(), private_value()) and os.path.exists(private_python())


def machine_repositories():
    """Base addresses of the Debian archives this machine already uses."""
    text = run(
        ["apt-get", "indextargets", "--format", "$(CREATED_BY) $(REPO_URI)"],
        "reading the machine's package sources",
        "check `apt-get indextargets` and /etc/apt/sources.list*",
    )
    found = []
    for line in text.splitlines():
        kind, _, address = line.partition(" ")
        if kind == "Packages" and "security" not in address and address not in found:
            found.append(address)
    # Debian's own archive first, whatever else is configured beside it.
    found.sort(key=lambda address: not address.rstrip("/").endswith("/debian"))
    return found


def apt_environment(address, suite):
    """A private apt: its own source list, state and cache inside the checkout.

    The machine's apt.conf.d (proxies, certificates) and keyrings stay in force.
    """
    home = PRIVATE / "apt" / hashlib.sha256(address.encode()).hexdigest()[:8] / suite
    for part in ("state/lists/partial", "cache/archives/partial"):
        (home / part).mkdir(parents=True, exist_ok=True)
    (home / "state" / "status").touch()
    keyrings = sorted(glob.glob("/usr/share/keyrings/debian-archive-keyring.*"))
    signed = " [signed-by={}]".format(keyrings[0]) if keyrings else ""
    (home / "sources.list").write_text("deb{} {} {} main\n".format(signed, address, suite))
    outer = os.environ.get("APT_CONFIG")
    (home / "apt.conf").write_text(
        ('#include "{}";\n'.format(outer) if outer else "")
        + 'Dir::Etc::sourcelist "{0}/sources.list";\n'
        'Dir::Etc::sourceparts "/dev/null";\n'
        'Dir::State "{0}/state";\n'
        'Dir::State::status "{0}/state/status";\n'
        'Dir::Cache "{0}/cache";\n'
        'Acquire::Languages "none";\n'
        'Acquire::Retries "3";\n'
        'APT::Update::Error-Mode "any";\n'
        'Acquire::IndexTargets::deb::DEP-11::DefaultEnabled "false";\n'
        'APT::Sandbox::User "";\n'
        'APT::Update::Post-Invoke-Success "";\n'.format(home)
    )
    env = dict(os.environ)
    env["APT_CONFIG"] = str(home / "apt.conf")
    env["LC_ALL"] = "C"
    return env


def working_suite():
    """An apt environment whose suite offers python3.14, with the suite's name."""
    for tool in ("apt-get", "dpkg-deb"):
        if shutil.which(tool) is None:
            raise SetupError(
                "no CPython 3.14 found, and this machine has no {} to unpack one with.\n"
                "  What to do: install CPython 3.14 and run `make setup PYTHON=/path/to/python3.14`, "
                "or install uv.".format(tool)
            )
    problems = []
    for address in machine_repositories():
        for suite in SUITES:
            env = apt_environment(address, suite)
            try:
                run(["apt-get", "-q", "update"], "reading the package index of {}".format(suite), "", env=env)
                shown = run(["apt-cache", "show", "python3.14"], "looking for python3.14 in " + suite, "", env=env)
            except SetupError as error:
                said = [line.strip(" |") for line in str(error).splitlines()]
                problems += [suite + ": " + line for line in [line for line in said if line[:2] == "E:"] or said[:1]]
                continue
            if "Package: python3.14\n" in shown:
                return env, suite
    raise SetupError(
        "no package archive of this machine offers python3.14 in {}:\n  {}\n"
        "  What to do: check the network and the machine's Debian mirror, or install CPython 3.14 by any "
        "other means and run `make setup PYTHON=/path/to/python3.14`.".format(
            " or ".join(SUITES), "\n  ".join(problems) or "no archive configured"
        )
    )


def unpack(packages, env):
    """Download packages and unpack them into the private prefix."""
    debs = PRIVATE / "debs"
    shutil.rmtree(str(debs), ignore_errors=True)
    debs.mkdir(parents=True)
    run(
        ["apt-get", "-q", "download"] + list(packages),
        "downloading packages",
        "check the network and the disk, then run `make setup` again",
        env=env,
        cwd=str(debs),
    )
    PREFIX.mkdir(parents=True, exist_ok=True)
    for deb in sorted(debs.glob("*.deb")):
        run(["dpkg-deb", "-x", deb, PREFIX], "unpacking " + deb.name, "remove .python/ and run `make setup` again")
    shutil.rmtree(str(debs))


def patchelf_programs(loader, libraries):
    """Commands that may serve as patchelf: PATH, the wheel from the index, the unpacked package."""
    if shutil.which("patchelf"):
        yield [shutil.which("patchelf")]
    into = PRIVATE / "patchelf"
    # The interpreter being bound runs already when started through its loader, and its pip with it.
    unbound = [loader, "--library-path", libraries, private_python()]
    try:
        run(
            unbound
            + ["-m", "pip", "download", "-q", "--no-deps", "--only-binary", ":all:", "--dest", into]
            + ["patchelf"],
            "fetching patchelf from the package index",
            "",
            env=dict(clean_environment(), PYTHONPATH=str(next(pip_wheels()))),
        )
        for wheel in sorted(into.glob("*.whl")):
            with zipfile.ZipFile(str(wheel)) as archive:
                for name in archive.namelist():
                    if name.endswith("/scripts/patchelf"):
                        program = into / "patchelf"
                        program.write_bytes(archive.read(name))
                        program.chmod(0o755)
                        yield [str(program)]
    except (SetupError, OSError, zipfile.BadZipFile) as error:
        say("no patchelf from the package index: trying the packaged one ({})".format(str(error).splitlines()[0]))
    # The unpacked program needs the unpacked libraries: start it through their loader.
    yield [str(loader), "--library-path", str(libraries), str(PREFIX / "usr/bin/patchelf")]


def bind(loader, libraries):
    """Make the unpacked interpreter use the unpacked loader and libraries.

    Some releases of patchelf write a broken program, depending on the order of the
    changes and the length of the paths; so each way is tried on a fresh copy until the
    result runs.
    """
    final = Path(private_python())
    pristine = PRIVATE / "python3.14.pristine"
    shutil.copy2(str(final), str(pristine))
    set_loader = ["--set-interpreter", str(loader)]
    set_path = ["--force-rpath", "--set-rpath", str(libraries)]
    tried = []
    for program in patchelf_programs(loader, libraries):
        for calls in ([set_loader + set_path], [set_path, set_loader], [set_loader, set_path]):
            candidate = PRIVATE / "python3.14.bound"
            shutil.copy2(str(pristine), str(candidate))
            try:
                for call in calls:
                    run(program + call + [str(candidate)], "binding the interpreter (patchelf)", "")
            except SetupError as error:
                tried.append(str(error).splitlines()[0])
                break
            os.replace(str(candidate), str(final))
            reason = why_unfit(probe(final))
            if reason is None:
                pristine.unlink()
                return
            tried.append("{}: {}".format(" ".join(program), reason))
    raise SetupError(
        "the unpacked interpreter could not be bound to its own libraries:\n  {}\n"
        "  What to do: give the system Python a working pip (the `patchelf` wheel is then used), or give "
        "PYTHON=/path/to/python3.14.".format("\n  ".join(tried))
    )


def unpack_private():
    if private_is_ready():
        return private_python()
    say("no usable CPython 3.14 on this machine: unpacking one into .python/ (nothing system-wide)")
    shutil.rmtree(str(PREFIX), ignore_errors=True)
    env, suite = working_suite()
    say("downloading CPython 3.14 and its libraries from Debian {}".format(suite))
    unpack(INTERPRETER_PACKAGES, env)
    loader = next(
        iter(sorted(PREFIX.glob("usr/lib*/ld-linux*.so.*")) + sorted(PREFIX.glob("lib*/ld-linux*.so.*"))), None
    )
    libc = next(iter(sorted(PREFIX.glob("usr/lib/*/libc.so.6")) + sorted(PREFIX.glob("lib/*/libc.so.6"))), None)
    if loader is None or libc is None:
        raise SetupError(
            "the unpacked packages hold no loader or no C library.\n"
            "  What to do: remove .python/ and run `make setup` again, or give PYTHON=/path/to/python3.14."
        )
    bind(loader, libc.parent)
    put_stamp(PRIVATE / "suite", env["APT_CONFIG"])
    put_stamp(private_stamp(), private_value())
    say("CPython {} unpacked".format(probe(private_python())["version"]))
    return private_python()


def setup_tests():
    """CPython's own tests, where the interpreter does not bring them."""
    about = probe(VENV_PYTHON)
    if about is None:
        raise SetupError("there is no .venv yet.\n  What to do: run `make setup`.")
    if about["tests"]:
        return
    base = json.loads((VENV / "base.json").read_text())["python"]
    if base != private_python():
        raise SetupError(
            "{} has no `test` package, so CPython's own tests cannot run.\n"
            "  What to do: install it (Debian: libpython3.14-testsuite), or `make setup PYTHON=private`.".format(base)
        )
    say("downloading CPython's own tests")
    env = dict(os.environ)
    env["APT_CONFIG"] = (PRIVATE / "suite").read_text()
    env["LC_ALL"] = "C"
    version = run(["apt-cache", "policy", "libpython3.14-testsuite"], "looking for CPython's tests", "", env=env)
    if "Candidate: {}-".format(about["version"]) not in version:
        raise SetupError(
            "the package archive no longer has the tests of CPython {}.\n"
            "  What to do: remove .python/ and .venv/ and run `make setup` again.".format(about["version"])
        )
    unpack(TEST_PACKAGES, env)
    if not probe(VENV_PYTHON)["tests"]:
        raise SetupError(
            "CPython's tests were unpacked but are not found.\n  What to do: remove .python/ and start anew."
        )


# --- the virtual environment ----------------------------------------------------------


def pip_wheels():
    """Pip wheel files that serve Python 3.14: from the private prefix, the system, the package index."""
    for folder in (PREFIX / "usr/share/python-wheels", Path("/usr/share/python-wheels")):
        for wheel in sorted(folder.glob("pip-*.whl")):
            # Older ones than 24 do not run under 3.14.
            if int(wheel.name.split("-")[1].split(".")[0]) >= 24:
                yield wheel
    into = PRIVATE / "wheels"
    run(
        [
            sys.executable,
            "-m",
            "pip",
            "download",
            "-q",
            "--no-deps",
            "--only-binary",
            ":all:",
            "--python-version",
            "3.14",
        ]
        + ["--dest", into, "pip"],
        "fetching pip",
        "install pip for the system Python (Debian: python3-pip)",
    )
    for wheel in sorted(into.glob("pip-*.whl")):
        yield wheel


def install_pip(env):
    """Put pip into .venv: by ensurepip where the interpreter has it, else by a wheel of pip itself."""
    has_pip = [VENV_PYTHON, "-m", "pip", "--version"]
    hint = "check that pip can reach its package index (PIP_INDEX_URL)"
    try:
        run([VENV_PYTHON, "-m", "ensurepip", "--default-pip"], "", "", env=env)
        run(has_pip, "", "", env=env)
        return
    except SetupError:
        pass
    wheel = next(pip_wheels())
    run(
        [VENV_PYTHON, "-m", "pip", "install", "-q", "pip"],
        "installing pip into .venv",
        hint,
        env=dict(env, PYTHONPATH=str(wheel)),
    )
    run(has_pip, "starting pip in .venv", "remove .venv and run `make setup` again", env=env)


def setup_venv():
    base = find_interpreter()
    requirements = [ROOT / "requirements" / name for name in ("dev.txt", "bench.txt")]
    value = fingerprint(base, probe(base)["version"], *[path.read_text() for path in requirements])
    stamp = VENV / "setup.stamp"
    if stamped(stamp, value) and VENV_PYTHON.exists():
        return
    env = clean_environment()
    if not stamped(VENV / "base.stamp", fingerprint(base, probe(base)["version"])):
        say("making .venv from " + base)
        shutil.rmtree(str(VENV), ignore_errors=True)
        run(
            [base, "-m", "venv", "--without-pip", VENV],
            "making .venv",
            "install the venv module of that Python (Debian: python3.14-venv)",
            env=env,
        )
        (VENV / "base.json").write_text(json.dumps({"python": base}))
        install_pip(env)
        put_stamp(VENV / "base.stamp", fingerprint(base, probe(base)["version"]))
    say("installing the tools of requirements/dev.txt into .venv")
    pip = [VENV_PYTHON, "-m", "pip", "install", "-q", "--prefer-binary"]
    hint = "check that pip can reach its package index (PIP_INDEX_URL)"
    run(pip + ["-r", requirements[0]], "installing the tools", hint, env=env)
    say("installing what the benchmarks use (requirements/bench.txt)")
    try:
        run(pip + ["-r", requirements[1]], "installing the benchmarks' packages", hint, env=env)
    except SetupError as error:
        say("{}\n  Going on: benchmarks that need them will say so.".format(error))
    put_stamp(stamp, value)
    say(
        ".venv is ready: " + run([VENV_PYTHON, "-VV"], "starting .venv's Python", "remove .venv and start anew").strip()
    )


# --- the native module ------------------------------------------------------------------


def source_state(*also):
    """A fingerprint of everything the native module is built from."""
    files = [ROOT / name for name in ("Cargo.toml", "pyproject.toml", ".cargo/config.toml") + also]
    for folder, names, file_names in os.walk(str(ROOT / "crates")):
        names[:] = sorted(name for name in names if name not in ("target", "tests", "benches"))
        files += [Path(folder) / name for name in sorted(file_names) if name.endswith((".rs", ".toml", ".c", ".h"))]
    parts = []
    for path in files:
        if path.exists():
            about = path.stat()
            parts += [path, about.st_mtime_ns, about.st_size]
    return fingerprint((VENV / "setup.stamp").read_text(), *parts)


def native_module():
    found = glob.glob(str(ROOT / "python/whipsnake/_native*.so"))
    return found[0] if found else None


def setup_build():
    stamp = VENV / "build.stamp"
    if native_module() and stamped(stamp, source_state("Cargo.lock")):
        return
    for tool, hint in (
        ("cargo", "install Rust (rustup, or Debian's cargo)"),
        ("cc", "install a C compiler (Debian: gcc)"),
    ):
        if shutil.which(tool) is None:
            raise SetupError("the build needs `{}`.\n  What to do: {}.".format(tool, hint))
    say("building the native module (release); the first time takes some minutes")
    env = clean_environment()
    env["VIRTUAL_ENV"] = str(VENV)
    env["PYO3_PYTHON"] = str(VENV_PYTHON)
    before = source_state()
    maturin = [str(VENV / "bin" / "maturin"), "develop", "--release"]
    if subprocess.call(maturin, env=env, cwd=str(ROOT), stdout=sys.stderr) != 0:
        raise SetupError(
            "building the native module failed: {}\n  What to do: read the messages above.".format(" ".join(maturin))
        )
    problem = run(
        [VENV_PYTHON, "-c", "import whipsnake; print(whipsnake.why_unavailable() or '')"],
        "importing the built module",
        "remove .venv and run `make setup` again; if it stays, this is a bug of Whipsnake",
        env=env,
        cwd="/",
    ).strip()
    if problem:
        say("built, but Whipsnake stays off with this interpreter: " + problem)
    say(
        run(
            [VENV_PYTHON, "-m", "whipsnake", "autostart", "install"],
            "installing the start-up hook into .venv",
            "see `.venv/bin/python -m whipsnake doctor`",
            env=env,
            cwd="/",
        ).strip()
    )
    # A source edited meanwhile is built next time. (Cargo.lock may be written by the build itself.)
    if before == source_state():
        put_stamp(stamp, source_state("Cargo.lock"))


def main():
    parser = argparse.ArgumentParser(description="Set up the checkout.")
    parser.add_argument("step", nargs="?", default="all", choices=("all", "venv", "tests", "build"))
    step = parser.parse_args().step
    PRIVATE.mkdir(exist_ok=True)
    started = time.time()
    with open(str(PRIVATE / "lock"), "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if step in ("all", "venv", "build"):
            setup_venv()
        if step in ("all", "build"):
            setup_build()
        if step == "tests":
            setup_tests()
    if time.time() - started > 5:
        say("done in {:.0f} s".format(time.time() - started))


if __name__ == "__main__":
    try:
        main()
    except SetupError as error:
        sys.exit("[setup] FAILED: {}".format(error))
    except KeyboardInterrupt:
        sys.exit(130)
