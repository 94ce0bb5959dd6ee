"""Shared by all Python tests: they need the interpreter and the module under test."""

import sys


def pytest_configure(config):
    if sys.version_info[:2] != (3, 14):
        raise SystemExit(f"the tests need CPython 3.14, this is {sys.version.split()[0]}")
