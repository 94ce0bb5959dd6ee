# expect-compiled: build, rounds
"""The function of a class's body as a value: its code works by names in a namespace that calling it would not give it."""

import builtins

real = builtins.__build_class__


def build(func, name, *bases, **named):
    steps = 0
    for i in range(400):
        steps += i if func is not None else 0
    made = real(func, name, *bases, **named)
    made.steps = steps
    return made


def rounds(f, n):
    total = 0
    for i in range(n):
        total += f.__code__.co_argcount + i
    return total


outer = 5
builtins.__build_class__ = build
try:
    for turn in range(4):

        class Made(dict):
            inner = outer + turn

            def get(self, key):
                return key, self.inner

        print(Made.steps, Made.inner, Made().get(turn), rounds(Made.get, 300))
finally:
    builtins.__build_class__ = real
