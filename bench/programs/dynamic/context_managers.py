"""with statements, contextlib, enter and exit, nested suppression."""

from contextlib import contextmanager, suppress

SCALE = 1_300_000
SMALL_SCALE = 69_000


class Ledger:
    def __init__(self):
        self.open = 0
        self.closed = 0
        self.failed = 0

    def __enter__(self):
        self.open += 1
        return self

    def __exit__(self, kind, value, traceback):
        self.closed += 1
        if kind is LookupError:
            self.failed += 1
            return True
        return False


@contextmanager
def indented(out, text):
    out.append("<" + text)
    try:
        yield len(out)
    finally:
        out.append(text + ">")


def run(scale):
    ledger = Ledger()
    out = []
    total = 0
    for i in range(scale):
        with ledger as entry:
            total += entry.open
            if i % 9 == 0:
                raise LookupError(i)
        with suppress(ZeroDivisionError):
            total += 10 // (i % 4)
        if i % 5 == 0:
            with indented(out, str(i % 10)) as size:
                total += size
        if len(out) > 1000:
            out.clear()
    return total, ledger.failed, ledger.closed, out[-2:]
