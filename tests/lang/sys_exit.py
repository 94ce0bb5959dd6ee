# expect-compiled: search
"""SystemExit out of a hot loop, with a finally on the way and an exit code."""

import atexit
import sys

atexit.register(print, "at exit")


def search(n):
    try:
        for i in range(n):
            if i * i > 5000:
                sys.exit(i)
    finally:
        print("finally", i)
    return i


print(search(10), search(70))
search(1000)
