# expect-compiled: spin, add_up
"""Compiled loops on several threads at once."""

import threading


def spin(n, seed):
    x = seed
    for i in range(n):
        x = (x * 1103515245 + 12345 + i) % 2147483648
    return x


def add_up(values, out, at):
    s = 0.0
    for _ in range(200):
        for v in values:
            s += v
    out[at] = s


results = [None] * 4
floats = [0.0] * 4


def worker(k):
    results[k] = spin(20000, k)
    add_up([0.5, k, 1.25], floats, k)


threads = [threading.Thread(target=worker, args=(k,)) for k in range(4)]
for t in threads:
    t.start()
for t in threads:
    t.join()
print(results, floats)
print([spin(20000, k) for k in range(4)])

stop = False


def until_stopped():
    n = 0
    while not stop:
        n += 1
    return n > 0


done = []
t = threading.Thread(target=lambda: done.append(until_stopped()))
t.start()
for i in range(30000):
    pass
stop = True
t.join(30)
print(done, t.is_alive())
lock = threading.Lock()
shared = 0


def locked(n):
    global shared
    for _ in range(n):
        with lock:
            shared += 1


threads = [threading.Thread(target=locked, args=(2000,)) for _ in range(3)]
for t in threads:
    t.start()
for t in threads:
    t.join()
print(shared)
deep = []


def down(n):
    return 0 if n == 0 else 1 + down(n - 1)


t = threading.Thread(target=lambda: deep.append(down(800)))
t.start()
t.join()
print(deep)
