# The words a developer types. Each makes the environment it needs.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin

.PHONY: demo serve test house lint types browser clients crash container load month wheel fuzz clean

demo: $(VENV)/.installed
	$(BIN)/ivy demo

serve: $(VENV)/.installed
	$(BIN)/ivy serve

test: $(VENV)/.dev
	$(BIN)/pytest --numprocesses auto

house: $(VENV)/.dev
	$(BIN)/pytest tests/house -s

lint: $(VENV)/.dev
	$(BIN)/ruff check ivy_engine tests
	$(BIN)/ruff format --check ivy_engine tests

types: $(VENV)/.dev
	$(BIN)/mypy

browser clients crash fuzz load month wheel: $(VENV)/.dev
	$(BIN)/pytest -m slow tests/slow/test_$@*.py

# Building and judging images needs tools of the machine: CHECK names the program that does it.
container:
	@test -n "$(CHECK)" || { echo "Say which program builds and checks the image: make container CHECK=path/to/program" >&2; exit 2; }
	$(CHECK)

clean:
	rm -rf $(VENV) .demo build dist *.egg-info .pytest_cache .mypy_cache .ruff_cache .hypothesis

# pip is the last thing that venv makes: an environment left half made is made again.
$(VENV)/bin/pip:
	@$(PYTHON) -c 'import ensurepip' 2>/dev/null || \
	    { echo "$(PYTHON) is missing or cannot make environments: on Debian or Ubuntu, apt install python3-venv" >&2; exit 1; }
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Ivy needs Python 3.11 or newer: make PYTHON=python3.12")'
	$(PYTHON) -m venv --clear $(VENV)

$(VENV)/.installed: setup.cfg pyproject.toml | $(VENV)/bin/pip
	$(BIN)/pip install --quiet --disable-pip-version-check --editable .
	touch $@

$(VENV)/.dev: $(VENV)/.installed
	$(BIN)/pip install --quiet --disable-pip-version-check --editable '.[dev]'
	touch $@
