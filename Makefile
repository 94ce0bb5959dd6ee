# Whipsnake: `make run` shows what it does, `make test` checks it.
# Everything is set up inside the checkout; see `make help`.

SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
.DEFAULT_GOAL := help

# The interpreter that runs scripts/setup.py: any Python from 3.8 on.
SYSTEM_PYTHON ?= $(firstword $(foreach name,python3 python3.14 python,$(if $(shell command -v $(name)),$(name))))
PY := .venv/bin/python

# PYTHON=... (a CPython 3.14, or `private`) chooses the base of .venv.
ifdef PYTHON
export PYTHON
endif
# The project's own tools run without the JIT unless they ask for it.
unexport WHIPSNAKE

.PHONY: help setup venv run test test-rust test-python cpython-tests cpython-quick library-tests bench fuzz lint format clean distclean

help:
	@echo "make run            set up, then run real programs with and without Whipsnake and compare"
	@echo "make test           set up, then run every test"
	@echo "make setup          a private CPython 3.14, .venv, the native module (PYTHON=path|private)"
	@echo "make lint           formatting and lint of Rust and Python; make format repairs formatting"
	@echo "make test-rust | test-python | cpython-quick    parts of make test; make cpython-tests: all of CPython's named tests"
	@echo "make library-tests  the tests of NumPy, NetworkX, SymPy and others, with and without (ARGS=... is handed on)"
	@echo "make bench          the benchmarks (ARGS=... is handed on)"
	@echo "make fuzz           the differential fuzzer until stopped (ARGS=... is handed on)"
	@echo "make clean          remove what was built; make distclean also .venv, .venv-libraries and .python"

setup:
	@command -v cargo >/dev/null || { echo "[setup] FAILED: no cargo. What to do: install Rust (rustup, or Debian's cargo)."; exit 1; }
	@test -n "$(SYSTEM_PYTHON)" || { echo "[setup] FAILED: no Python at all. What to do: install any Python 3 (Debian: python3)."; exit 1; }
	@$(SYSTEM_PYTHON) scripts/setup.py all

venv:
	@test -n "$(SYSTEM_PYTHON)" || { echo "[setup] FAILED: no Python at all. What to do: install any Python 3 (Debian: python3)."; exit 1; }
	@$(SYSTEM_PYTHON) scripts/setup.py venv

run: setup
	@$(PY) bench/demo.py $(ARGS)

test: test-rust test-python cpython-quick

test-rust: venv
	@if cargo nextest --version >/dev/null 2>&1; then \
	  echo "[test] Rust tests (cargo nextest)"; cargo nextest run --workspace --no-tests=pass; cargo test --workspace --doc -q; \
	else \
	  echo "[test] Rust tests (cargo test)"; cargo test --workspace -q; \
	fi

test-python: setup
	@echo "[test] Python tests (pytest)"
	@$(PY) -m pytest tests $(ARGS)

cpython-quick: override ARGS += --quick
cpython-quick: cpython-tests

cpython-tests: setup
	@$(SYSTEM_PYTHON) scripts/setup.py tests
	@echo "[test] CPython's own tests, with and without Whipsnake"
	@$(PY) tests/cpython/run.py $(ARGS)

library-tests: setup
	@echo "[test] libraries' own tests, with and without Whipsnake"
	@$(PY) tests/libraries/run.py $(ARGS)

bench: setup
	@$(PY) bench/run.py $(ARGS)

fuzz: setup
	@$(PY) fuzz/run.py $(ARGS)

lint: venv
	@echo "[lint] cargo fmt";   cargo fmt --all --check
	@echo "[lint] cargo clippy"; cargo clippy --workspace --all-targets -q -- -D warnings
	@echo "[lint] ruff";        $(PY) -m ruff check -q . && $(PY) -m ruff format -q --check .

format: venv
	cargo fmt --all
	$(PY) -m ruff check -q --fix . ; $(PY) -m ruff format -q .

clean:
	rm -rf target dist python/whipsnake/_native*.so .pytest_cache .ruff_cache .hypothesis .venv/build.stamp
	find python tests bench scripts -name __pycache__ -type d -prune -exec rm -rf {} +

distclean: clean
	rm -rf .venv .venv-libraries .python
