"""The pytest plugin by which tests/libraries/run.py follows a run: one JSON line per event.

`WSTEST_RECORD` names the file. Every line is written at once, so that after a crash the
file says which test was running:

    {"start": id}
    {"end": id, "kind": "passed", "detail": "", "seconds": 0.1}
    {"finished": pytest's exit code}

`WSTEST_CHOICE` names a file that says what to run: {"skip": [ids]}, and one of
{"ids": [...]}, {"files": [...]} and {"text": [...]}, of which one has to be in the id.
"""

import json
import os
import re
import time

import pytest

# From best to worst: a test is what the worst of its phases was.
KINDS = ["passed", "xfailed", "skipped", "xpassed", "failed", "error"]


def kind_of(report):
    if hasattr(report, "wasxfail"):
        return "xpassed" if report.passed else "xfailed"
    if report.failed and report.when != "call":
        return "error"
    return report.outcome


class Recorder:
    def __init__(self, record, choice):
        self.fd = os.open(record, os.O_WRONLY | os.O_CREAT | os.O_APPEND)
        self.choice = choice
        self.process = os.getpid()
        self.names = {}
        self.worst = {}

    def write(self, **event):
        # A test may fork and let the child run on.
        if os.getpid() == self.process:
            os.write(self.fd, json.dumps(event).encode() + b"\n")

    def is_chosen(self, name):
        if name in self.choice.get("skip", ()):
            return False
        if "ids" in self.choice:
            return name in self.choice["ids"]
        if "files" in self.choice:
            return name.partition("::")[0] in self.choice["files"]
        return any(text in name for text in self.choice.get("text", [""]))

    # Last: when other plugins have put the tests in order.
    @pytest.hookimpl(trylast=True)
    def pytest_collection_modifyitems(self, config, items):
        taken = {}
        for item in items:
            # Some are named after objects and where they are.
            name = re.sub(r"\b0x[0-9a-f]+", "0x", item.nodeid)
            taken[name] = taken.get(name, 0) + 1
            self.names[item.nodeid] = name if taken[name] == 1 else f"{name} ({taken[name]})"
        items[:] = [item for item in items if self.is_chosen(self.names[item.nodeid])]

    def pytest_collectreport(self, report):
        # A file that cannot be read fails each time: it is told once.
        if not report.passed and self.is_chosen(report.nodeid):
            kind = "error" if report.failed else "skipped"
            self.write(end=report.nodeid, kind=kind, detail=report.longreprtext if report.failed else "", seconds=0)

    def pytest_runtest_logstart(self, nodeid):
        self.worst[nodeid] = ("passed", "")
        self.began = time.monotonic()
        self.write(start=self.names[nodeid])

    def pytest_runtest_logreport(self, report):
        kind = kind_of(report)
        if KINDS.index(kind) > KINDS.index(self.worst[report.nodeid][0]):
            self.worst[report.nodeid] = (kind, report.longreprtext if report.failed else "")

    def pytest_runtest_logfinish(self, nodeid):
        kind, detail = self.worst.pop(nodeid)
        seconds = time.monotonic() - self.began
        self.write(end=self.names[nodeid], kind=kind, detail=detail[-4000:], seconds=round(seconds, 3))

    def pytest_sessionfinish(self, exitstatus):
        self.write(finished=int(exitstatus))


def pytest_configure(config):
    record = os.environ.get("WSTEST_RECORD")
    if record:
        # Programs that the tests start are followed by nobody.
        del os.environ["WSTEST_RECORD"]
        choice = json.load(open(os.environ["WSTEST_CHOICE"]))
        choice = {key: set(values) if key != "text" else values for key, values in choice.items()}
        config.pluginmanager.register(Recorder(record, choice), "whipsnake_recording")
