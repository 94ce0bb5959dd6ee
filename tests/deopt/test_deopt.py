"""Programs that make compiled code give way to the interpreter in its middle (see compare.py)."""

import pathlib

import compare
import pytest

PROGRAMS = compare.programs_in(pathlib.Path(__file__).parent / "programs")


@pytest.mark.parametrize("program", PROGRAMS, ids=lambda p: p.stem)
def test_same(program, tmp_path):
    compare.check_all(program, tmp_path)
