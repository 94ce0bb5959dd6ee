"""The start-up hook, tried in an environment of its own."""

import subprocess
import sys
from pathlib import Path

import pytest
from face_support import environment, python

PACKAGE = Path(__file__).parents[2] / "python"


@pytest.fixture(scope="module")
def venv(tmp_path_factory):
    """An empty environment that finds the checkout's package the way .venv does."""
    folder = tmp_path_factory.mktemp("env")
    base = sys._base_executable
    subprocess.run([base, "-m", "venv", "--without-pip", folder], check=True, env=environment())
    executable = folder / "bin" / "python"
    site = Path(
        python("-c", "import sysconfig; print(sysconfig.get_path('purelib'))", executable=executable).stdout.strip()
    )
    (site / "whipsnake.pth").write_text(f"{PACKAGE}\n")
    return executable, site


SHOW = "import sys; print('whipsnake' in sys.modules and sys.modules['whipsnake'].is_enabled())"


def test_life_of_the_hook(venv):
    executable, site = venv
    hook = site / "whipsnake_autostart.pth"

    def run(*arguments, **settings):
        done = python(*arguments, executable=executable, **settings)
        assert (done.returncode, done.stderr) == (0, ""), done.stderr
        return done.stdout

    assert run("-m", "whipsnake", "autostart", "status").startswith("autostart is not installed")
    assert not hook.exists()
    assert run("-c", SHOW, WHIPSNAKE="1") == "False\n"

    for _ in range(2):
        assert run("-m", "whipsnake", "autostart", "install") == f"autostart is installed: {hook}\n"
    assert sorted(path.name for path in site.glob("whipsnake*")) == ["whipsnake.pth", "whipsnake_autostart.pth"]
    assert run("-m", "whipsnake", "autostart", "status") == f"autostart is installed: {hook}\n"
    assert run("-c", SHOW, WHIPSNAKE="1") == "True\n"
    assert run("-c", SHOW) == "False\n"
    assert run("-c", SHOW, WHIPSNAKE="0") == "False\n"
    assert run("-c", "import sys; print([m for m in sys.modules if 'whipsnake' in m])") == "[]\n"
    assert run("-S", "-c", SHOW, WHIPSNAKE="1") == "False\n"
    children = (
        f"import subprocess, sys; print(subprocess.run([sys.executable, '-c', {SHOW!r}], capture_output=True).stdout)"
    )
    assert run("-c", children, WHIPSNAKE="1") == "b'True\\n'\n"

    for _ in range(2):
        assert run("-m", "whipsnake", "autostart", "remove").startswith("autostart is not installed")
    assert not hook.exists()


def test_sub_interpreters_stay_silent(venv):
    executable, _ = venv
    python("-m", "whipsnake", "autostart", "install", executable=executable).check_returncode()
    source = "from concurrent import interpreters\ni = interpreters.create()\ni.exec('print(1)')\ni.close()"
    done = python("-c", source, executable=executable, WHIPSNAKE="1")
    assert (done.returncode, done.stdout, done.stderr) == (0, "1\n", "")


def test_a_folder_that_cannot_be_written(venv):
    executable, _ = venv
    patch = "from whipsnake import _autostart; _autostart.path = lambda: '/nowhere/at/all/x.pth'; print(_autostart.main('install'))"
    done = python("-c", patch, executable=executable)
    assert done.stdout == "1\n" and "autostart install: " in done.stderr


def test_setup_installs_it_for_the_project():
    if Path(sys.prefix) != PACKAGE.parent / ".venv":
        pytest.skip("not run by the project's own .venv")
    assert python("-m", "whipsnake", "autostart", "status").stdout.startswith("autostart is installed")
