# The words a developer types. Each makes the environment it needs.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin

.PHONY: demo serve test house lint types browser crash container wheel fuzz clean

demo: $(VENV)/.installed
	$(BIN)/ivy demo

serve: $(VENV)/.installed
	$(BIN)/ivy serve

test: $(VENV)/.dev
	$(BIN)/pytest

house: $(VENV)/.dev
	$(BIN)/pytest tests/house -s

lint: $(VENV)/.dev
	$(BIN)/ruff check ivy_engine tests
	$(BIN)/ruff format --check ivy_engine tests

types: $(VENV)/.dev
	$(BIN)/mypy

browser crash container wheel fuzz: $(VENV)/.dev
	$(BIN)/pytest -m slow tests/slow/test_$@.py

clean:
	rm -rf $(VENV) .demo build dist *.egg-info .pytest_cache .mypy_cache .ruff_cache .hypothesis

$(VENV)/bin/python:
	$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Ivy needs Python 3.11 or newer")'
	$(PYTHON) -m venv $(VENV)

$(VENV)/.installed: setup.cfg pyproject.toml | $(VENV)/bin/python
	$(BIN)/pip install --quiet --disable-pip-version-check --editable .
	touch $@

$(VENV)/.dev: $(VENV)/.installed
	$(BIN)/pip install --quiet --disable-pip-version-check --editable '.[dev]'
	touch $@
