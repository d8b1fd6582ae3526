# Everything starts here. Needed: Python 3.11 or newer with venv and pip, git, make, a package index. Nothing else.

.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
SHELL := /bin/sh

VENV := .venv
BIN := $(VENV)/bin
UV := $(BIN)/python requirements/uv.py
WORKERS ?= 3
LOCK = $(UV) pip compile --quiet --universal --python-version 3.11 --generate-hashes \
       --no-emit-index-url --no-emit-find-links --custom-compile-command "make lock" $(if $(UPGRADE),--upgrade)

PYTHON ?= $(shell for name in python3 python3.11 python3.12 python3.13 python3.14 python3.15 python; do \
	"$$name" -c 'import sys, venv, ensurepip; sys.exit(sys.version_info < (3, 11))' >/dev/null 2>&1 \
	&& { echo "$$name"; break; }; done)

CATALOGUES := $(wildcard src/deskapp/locales/*/*.po)

.PHONY: help run test lint bench proof pictures lock wheel clean

help: ## show this list
	@sed -n 's/^\([a-z]*\):.*## \(.*\)/  make \1\t\2/p' Makefile | expand -t 18

run: $(VENV)/.ready ## open a demo desk; without a terminal, print it
	@$(BIN)/deskapp demo $(ARGS)

test: $(VENV)/.ready $(VENV)/.dev ## run the tests on SQLite and PostgreSQL (ARGS=… for pytest)
	@$(BIN)/python -m pytest -q -n $(WORKERS) --dist worksteal $(ARGS)

lint: $(VENV)/.ready $(VENV)/.dev ## check style, types and the imports between the rooms
	@$(BIN)/ruff check --quiet .
	@$(BIN)/ruff format --quiet --check .
	@$(BIN)/mypy --strict
	@$(BIN)/lint-imports

bench: $(VENV)/.ready $(VENV)/.dev ## measure the figures of the README
	@$(BIN)/python -m bench $(ARGS)

proof: $(VENV)/.ready $(VENV)/.dev ## hold the promises of reliability at full size (ARGS="--scale 0.01" for less)
	@$(BIN)/python -m bench.proof $(ARGS)

pictures: $(VENV)/.ready $(VENV)/.dev ## draw the pictures of the README
	@$(BIN)/python -m bench.pictures $(ARGS)

lock: $(VENV)/.uv ## resolve and lock the packages again (UPGRADE=1 for newer ones)
	@echo uv | $(LOCK) - --output-file requirements/uv.txt
	@$(LOCK) pyproject.toml --output-file requirements/runtime.txt
	@$(LOCK) --group build --constraints requirements/runtime.txt --output-file requirements/build.txt
	@$(LOCK) pyproject.toml --group dev --constraints requirements/runtime.txt --constraints requirements/build.txt \
		--output-file requirements/dev.txt

wheel: $(VENV)/.ready ## build the wheel into dist/
	@$(BIN)/python -m hatchling build -t wheel

clean: ## remove everything that was made here
	rm -rf $(VENV) dist build .mypy_cache .pytest_cache .ruff_cache .hypothesis .import_linter_cache snapshot_report.html
	find src migrations tests bench -name __pycache__ -type d -prune -exec rm -rf {} + 2>/dev/null || true
	find src -name '*.mo' -delete

# Set-up, in steps that are each done once --------------------------------------------------------------------------

$(VENV)/pyvenv.cfg:
	@test -n "$(PYTHON)" || { \
		echo "deskapp needs Python 3.11 or newer with venv and pip; none was found as python3, python3.11 … python3.15." >&2; \
		echo "Install one (on Debian or Ubuntu: python3 and python3-venv), or name it: make PYTHON=/path/to/python $(MAKECMDGOALS)" >&2; \
		exit 1; }
	@echo "Making $(VENV) with $$($(PYTHON) --version)"
	@$(PYTHON) -m venv --clear $(VENV)

$(VENV)/.uv: requirements/uv.txt | $(VENV)/pyvenv.cfg
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes --requirement requirements/uv.txt
	@touch $@

$(VENV)/.packages: requirements/runtime.txt requirements/build.txt requirements/uv.py | $(VENV)/.uv
	@echo "Installing the locked packages"
	@$(UV) pip install --quiet --require-hashes --compile-bytecode -r requirements/runtime.txt -r requirements/build.txt
	@touch $@

$(VENV)/.dev: requirements/dev.txt requirements/uv.py | $(VENV)/.packages
	@echo "Installing the packages for tests and checks"
	@$(UV) pip install --quiet --require-hashes --compile-bytecode -r requirements/dev.txt
	@touch $@

$(VENV)/.project: pyproject.toml | $(VENV)/.packages
	@$(UV) pip install --quiet --no-deps --no-build-isolation --offline --editable .
	@touch $@

$(VENV)/.ready: $(VENV)/.packages $(VENV)/.project $(CATALOGUES) hatch_build.py
	@$(BIN)/python hatch_build.py >/dev/null
	@$(BIN)/python -m compileall -q src
	@touch $@
