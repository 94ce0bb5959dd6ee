"""Stands in for `pyperf` so that a benchmark of pyperformance can be run as a plain function.

`load(path)` executes a run_benchmark.py with this module in place of pyperf, remembers what the script hands to
`Runner`, and returns a `run(loops)` that does that work. (pyperf itself starts many processes and gives warm-ups only
to interpreters whose `sys._jit` is on, which would not be the same treatment for all.)
"""

import argparse
import sys
import time


class Runner:
    tasks: list = []

    def __init__(self, *args, **kwargs):
        self.metadata = {}
        self.argparser = argparse.ArgumentParser()
        self.args = None

    def parse_args(self, args=None):
        self.args = self.argparser.parse_args([])
        return self.args

    def bench_func(self, name, func, *args, inner_loops=None, **kwargs):
        def task(loops):
            result = None
            for _ in range(loops):
                result = func(*args)
            return plain(result)

        Runner.tasks.append(task)

    def bench_time_func(self, name, func, *args, inner_loops=None, **kwargs):
        def task(loops):
            func(loops, *args)

        Runner.tasks.append(task)

    def bench_async_func(self, name, func, *args, **kwargs):
        import asyncio

        def task(loops):
            async def repeat():
                for _ in range(loops):
                    await func(*args)

            asyncio.run(repeat())

        Runner.tasks.append(task)


def perf_counter():
    return time.perf_counter()


def plain(value):
    """The part of a result that is the same in every process."""
    return value if isinstance(value, (int, float, str, bytes, type(None))) else type(value).__name__


def load(path):
    sys.modules["pyperf"] = sys.modules[__name__]
    sys.path.insert(0, path.rsplit("/", 1)[0])
    sys.argv = [path]
    Runner.tasks.clear()
    module = type(sys)("__main__")
    module.__file__ = path
    sys.modules["__main__"] = module
    with open(path, encoding="utf-8") as source:
        code = compile(source.read(), path, "exec")
    exec(code, module.__dict__)
    tasks = list(Runner.tasks)

    def run(loops):
        return [task(loops) for task in tasks]

    return run
