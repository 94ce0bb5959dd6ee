# expect-compiled: work
"""A compiled program that forks in the middle of a loop, and uses multiprocessing."""

import multiprocessing
import os
import sys


def fork_at(i, at):
    if i != at:
        return i
    sys.stdout.flush()
    pid = os.fork()
    if pid == 0:
        return i * 1000
    _, status = os.waitpid(pid, 0)
    print("child ended with", os.waitstatus_to_exitcode(status))
    return i


def work(n, at):
    s = 0
    for i in range(n):
        s += fork_at(i, at)
    return s


def square(x):
    total = 0
    for i in range(x):
        total += x
    return total


parent = os.getpid()
print(work(50, -1))
print(work(50, 30))
if os.getpid() != parent:
    print(work(100, -1), sum(square(k) for k in range(30)))
    sys.stdout.flush()
    os._exit(7)
print(sum(square(k) for k in range(30)))
if hasattr(os, "fork"):
    context = multiprocessing.get_context("fork")
    with context.Pool(2) as pool:
        print(pool.map(square, range(20)))
