# expect-compiled: hot
"""A child forked by a thread ends with that thread, whatever it compiles and looks at on its way."""

import os
import sys
import threading
import time
import warnings

warnings.simplefilter("ignore")


def hot(n):
    s = 0
    for i in range(n):
        s += i & 5
    return s


def looks():
    return sys.monitoring.get_events(3)


def fresh(n):
    s = 1
    for i in range(n):
        s = s * 3 % 1009
    return s


def worker(look):
    if look:
        looks()
    child = os.fork()
    if child:
        for _ in range(2000):
            pid, status = os.waitpid(child, os.WNOHANG)
            if pid:
                print(look, "ended", status)
                return
            time.sleep(0.01)
        os.kill(child, 9)
        os.waitpid(child, 0)
        print(look, "hangs")
        return
    text = repr((looks(), [fresh(200) for _ in range(300)][-1], hot(300)))
    os.write(1, text.encode() + b"\n")


for _ in range(200):
    hot(50)
for look in (False, True):
    t = threading.Thread(target=worker, args=(look,))
    sys.stdout.flush()
    t.start()
    t.join()
