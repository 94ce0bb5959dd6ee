# expect-compiled: work
"""Whipsnake switched off, on and paused by callees in the middle of hot loops."""

try:
    import whipsnake
    from whipsnake import disable, enable, paused

    running = whipsnake.is_enabled()
except ImportError:
    running = False
if not running:
    import contextlib

    def enable():
        pass

    disable = enable
    paused = contextlib.nullcontext


def switch(i, plan):
    if i in plan:
        plan[i]()
    return i


def leaf(i):
    return i * 0.5


def work(n, plan):
    s = 0
    for i in range(n):
        s += switch(i, plan)
        s += leaf(i)
    return s


def pause():
    with paused():
        work(5, {})
        leaf(3)


def nested():
    with paused(), paused():
        pass
    disable()
    disable()
    enable()
    enable()


print(work(50, {}))
for plan in (
    {10: disable},
    {5: enable},
    {10: disable, 20: enable},
    {3: pause, 30: pause},
    {7: nested},
    {0: disable, 49: enable},
):
    print(work(50, plan))
    enable()
    print(work(50, {}))
for i in range(30):
    if i % 3 == 0:
        disable()
    if i % 3 == 1:
        enable()
    leaf(i)
enable()
print(work(20, {}))


def recursive(n):
    if n == 0:
        disable()
        return 0
    return 1 + recursive(n - 1)


for _ in range(4):
    print(recursive(50))
    enable()
