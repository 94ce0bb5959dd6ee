# expect-compiled: outer, inner, adds
"""What callees see of compiled frames: line numbers, stacks, warnings, __del__, operators."""

import sys
import traceback
import warnings

# fmt: off


def stack(skip=1):
    out = []
    f = sys._getframe(skip)
    while f is not None and f.f_code.co_filename == __file__:
        out.append((f.f_code.co_name, f.f_lineno, f.f_lasti >= 0))
        f = f.f_back
    return out


def inner(k, log):
    s = 0
    for j in range(k):
        s += j
        if j == k - 2:
            log.append(stack())
            log.append(stack(
                2))
        s *= 2
    return s


def outer(n, log):
    t = 0
    for i in range(n):
        t += inner(i,
                   log) + inner(
            i + 1, log)
    return t


class Op:
    def __init__(self, log):
        self.log = log

    def __add__(self, o):
        self.log.append(stack(2))
        return self

    def __del__(self):
        self.log.append(("del", stack(2)))

    def __getitem__(self, i):
        self.log.append(stack(2))
        return i

    def __iter__(self):
        self.log.append(stack(2))
        return iter((1, 2))


def adds(n, log):
    for i in range(n):
        x = Op(log)
        y = x + 1
        z = x[i]
        for w in x:
            z += w if y is x else 0
        x = y = None
        z = (
            i
        )
    return z


def warns(n):
    for i in range(n):
        i += 1
        warnings.warn(f"number {i}", stacklevel=1)
        helper(i)


def helper(i):
    warnings.warn(f"from helper {i}", stacklevel=2)


for k in (2, 3, 6):
    log = []
    print(outer(k, log))
    for entry in log:
        print("  ", entry)
for k in (2, 5):
    log = []
    print(adds(k, log))
    for entry in log:
        print("  ", entry)
with warnings.catch_warnings(record=True) as caught:
    warnings.simplefilter("always")
    warns(4)
print([(str(w.message), w.lineno) for w in caught])


def printer(n):
    for i in range(n):
        if i == 5:
            for f in traceback.extract_stack():
                if f.filename == __file__:
                    print(f.name, f.lineno, f.line)
    return i


print(printer(8))
log = []
for i in range(20):
    if i == 15:
        log.append(stack())
print(log)
