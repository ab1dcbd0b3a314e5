# Two commands do it all: `make run` opens the app, `make test` checks everything as CI does.
PYTHON ?= python3
BIN := .venv/bin

.PHONY: run test format clean

run: .venv/.app
	$(BIN)/selfie app

test: .venv/.dev
	sh tests/support/need_chromium.sh
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/pyright
	$(BIN)/pytest

format: .venv/.dev
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

.venv/.app: pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
	  { echo 'found '`$(PYTHON) --version`', wanted Python 3.11 or newer; try: make PYTHON=python3.12'; exit 1; }
	test -x $(BIN)/pip || $(PYTHON) -m venv .venv
	$(BIN)/pip install --quiet --upgrade pip
	$(BIN)/pip install --quiet --editable .
	touch $@

.venv/.dev: .venv/.app
	$(BIN)/pip install --quiet --editable '.[dev]'
	touch $@

clean:
	rm -rf .venv .pytest_cache .ruff_cache
