"""`python -m whipsnake autostart install|remove|status`: the start-up hook.

The hook is one `.pth` file in the site-packages folder of the environment whose Python
runs the command. Its one statement looks at one environment variable and does nothing
more unless that says `WHIPSNAKE=1`. Python runs such files in the order of their names:
this one comes after `whipsnake.pth`, by which a development install finds the package.
"""

import os
import sys
import sysconfig

NAME = "whipsnake_autostart.pth"
CONTENT = """\
# Written by `python -m whipsnake autostart install`; does nothing unless WHIPSNAKE=1.
import os; os.environ.get("WHIPSNAKE") == "1" and __import__("whipsnake._hook")
"""


def path():
    """Where the hook of this environment is, or would be."""
    return os.path.join(sysconfig.get_path("purelib"), NAME)


def installed():
    try:
        with open(path(), encoding="utf-8") as file:
            return file.read() == CONTENT
    except OSError:
        return False


def status():
    if installed():
        return f"autostart is installed: {path()}"
    if os.path.exists(path()):
        return f"autostart is of another version of Whipsnake (install it again): {path()}"
    return f"autostart is not installed (it would be {path()})"


def main(action):
    try:
        if action == "install":
            if not installed():
                # Beside and then in place: a Python starting meanwhile sees all of it or nothing.
                beside = f"{path()}.{os.getpid()}"
                with open(beside, "w", encoding="utf-8") as file:
                    file.write(CONTENT)
                os.replace(beside, path())
        elif action == "remove":
            if os.path.exists(path()):
                os.remove(path())
    except OSError as error:
        print(f"whipsnake: autostart {action}: {error}", file=sys.stderr)
        return 1
    print(status())
    return 0
