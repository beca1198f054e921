# Two commands: `make run` shows the dashboards, `make test` proves that all of it works. `make help` lists the rest.
SHELL := /bin/bash
# A version manager may have a name on the path that does not run: the first that does is taken.
PYTHON ?= $(shell for python in python3.12 python3.11 python3; do $$python -c '' 2> /dev/null && command -v $$python && break; done)
VENV := .venv
BIN := $(VENV)/bin
INSTALLED := $(VENV)/.installed
UV := $(BIN)/uv
# sqlfluff lets dbt render the models, and dbt opens its database files: empty ones will do, in one process.
LINT_DATA := $(CURDIR)/.cache/lint

export DO_NOT_TRACK := 1
# Modules are compiled once, when they are installed: else every command compiles its libraries again, which takes longer
# than its work.
unexport PYTHONDONTWRITEBYTECODE
export DAGSTER_DISABLE_TELEMETRY := 1

.DEFAULT_GOAL := help
.PHONY: help setup run test fast-tests lint format soak bench dev lock browser

help: ## list the targets
	@grep -hE '^[a-z]+:.*## ' Makefile | sed -E 's/:.*## /\t/' | expand -t 10

setup: $(INSTALLED) ## install everything into .venv

$(INSTALLED): requirements.lock pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info[:2] not in ((3, 11), (3, 12)))' \
	  || { echo "Hotline needs Python 3.11 or 3.12, $(PYTHON) is $$($(PYTHON) -V). Say which one: make PYTHON=/path/to/python3.11"; exit 1; }
	@test -x $(BIN)/pip || $(PYTHON) -m venv $(VENV) \
	  || { echo "Python's venv module is missing. On Debian: apt-get install python3-venv"; exit 1; }
	@test -x $(UV) || $(BIN)/pip install --quiet --disable-pip-version-check 'uv>=0.5'
	$(UV) pip install --quiet --compile-bytecode --python $(BIN)/python --require-hashes -r requirements.lock
	$(UV) pip install --quiet --python $(BIN)/python --no-deps --no-build-isolation -e .
	@touch $@

lock: ## resolve requirements.lock again from pyproject.toml
	$(UV) pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-header \
	  --group build --group dashboards --group test pyproject.toml -o requirements.lock

run: setup ## simulate when landing is empty, load, build, check, publish, serve the dashboards
	@$(BIN)/hotline serve --run

dev: setup ## Dagster's web page on the pipeline
	@$(BIN)/hotline dev

browser:
	@tests/browser/install-chromium.sh

lint: setup ## ruff and sqlfluff
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	@mkdir -p $(LINT_DATA)/build
	HOTLINE_DATA=$(LINT_DATA) HOTLINE_ONLY_RENDERS=1 $(BIN)/sqlfluff lint models tests/dbt

format: setup ## let ruff and sqlfluff mend what they can
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .
	@mkdir -p $(LINT_DATA)/build
	HOTLINE_DATA=$(LINT_DATA) HOTLINE_ONLY_RENDERS=1 $(BIN)/sqlfluff fix models tests/dbt

test: setup browser ## lint, and every test that fits in half an hour on two cores
	@$(MAKE) --no-print-directory -j 2 lint fast-tests

fast-tests:
	$(BIN)/pytest --numprocesses 2 --dist loadscope --no-loadscope-reorder --durations 40

soak: setup browser ## long campaigns: many kills, long searches
	$(BIN)/pytest -m soak

bench: setup ## measure; rewrites benchmarks/RESULTS.md
	$(BIN)/python -m benchmarks
