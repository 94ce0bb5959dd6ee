"""Every program in this folder, interpreted and compiled, does the same (see compare.py)."""

import pathlib

import compare
import pytest

PROGRAMS = compare.programs_in(pathlib.Path(__file__).parent)


@pytest.mark.parametrize("program", PROGRAMS, ids=lambda p: p.stem)
def test_same(program, tmp_path):
    compare.check_all(program, tmp_path)
