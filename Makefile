# Everything a person does with a checkout. `make help` lists it.
.DEFAULT_GOAL := help
SHELL := /bin/bash
PYTHON ?= python3
UV_VERSION := 0.13.9
VENV := .venv
BIN := $(VENV)/bin
UV := $(BIN)/uv
# uv does not read pip's settings: whatever registry this machine is set up for serves both.
export UV_DEFAULT_INDEX ?= $(or $(PIP_INDEX_URL),$(shell $(PYTHON) -m pip config get global.index-url 2>/dev/null))
ifeq ($(UV_DEFAULT_INDEX),)
unexport UV_DEFAULT_INDEX
endif

.PHONY: help install up test test-fast check format contracts lock bench bench-levels faults faults-long smoke clean

help: ## list the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## /{printf "  \033[1m%-14s\033[0m %s\n", $$1, $$2}' $(MAKEFILE_LIST)

$(UV):
	@echo "setting up: virtual environment in $(VENV)/"
	@$(PYTHON) -m venv $(VENV) || { echo "Python's venv module is missing: apt-get install python3-venv" >&2; exit 1; }
	@$(BIN)/pip install --quiet --disable-pip-version-check uv==$(UV_VERSION)

$(VENV)/.run: requirements.lock pyproject.toml | $(UV)
	@echo "setting up: what it runs on, from requirements.lock"
	@VIRTUAL_ENV=$(VENV) $(UV) pip install --quiet --require-hashes -r requirements.lock
	@VIRTUAL_ENV=$(VENV) $(UV) pip install --quiet --no-deps --no-build-isolation --editable .
	@touch $@

$(VENV)/.dev: requirements-dev.lock pyproject.toml | $(VENV)/.run
	@echo "setting up: what its tests need, from requirements-dev.lock"
	@VIRTUAL_ENV=$(VENV) $(UV) pip install --quiet --require-hashes -r requirements-dev.lock
	@touch $@

install: $(VENV)/.dev ## set everything up, and nothing else

up: $(VENV)/.run ## run the whole pipeline in one process: no Docker, no account, no internet
	@exec $(BIN)/strandline up

JOBS ?= 4
test: $(VENV)/.dev ## run the tests (Kafka, MySQL, Redis: real where STRANDLINE_TEST_* or Docker offers them)
	@$(BIN)/pytest --numprocesses $(JOBS) --dist worksteal $(ARGS)

test-fast: $(VENV)/.dev ## run the unit tests only
	@$(BIN)/pytest tests/unit $(ARGS)

faults: $(VENV)/.dev ## a short round of every fault, on Kafka, MySQL and Redis in containers of their own
	@$(BIN)/pytest tests/faults -m nemesis $(ARGS)

REQUESTS ?= 20000
ROUNDS ?= 1
faults-long: $(VENV)/.dev ## the ledger of long rounds: REQUESTS in each of ROUNDS a fault; resumes where it was stopped
	@$(BIN)/python -m tests.support.faults.long --requests $(REQUESTS) --rounds $(ROUNDS)

smoke: $(VENV)/.dev ## the compose file for real: loaded, broken, looked at from outside, and removed (Docker)
	@$(BIN)/python -m tests.smoke

check: $(VENV)/.dev ## linters, types, the layer rule, and that generated files are fresh
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/mypy
	@$(BIN)/lint-imports --no-cache --no-logo
	@$(BIN)/python -m schemas.contracts.generate --check
	@$(BIN)/python -m api.openapi --check
	@echo "check: all is well"

contracts: $(VENV)/.dev ## write the JSON Schemas, asyncapi.yaml and openapi.json anew
	@$(BIN)/python -m schemas.contracts.generate
	@$(BIN)/python -m api.openapi

bench: bench-levels ## every figure we claim about speed, against a baseline in the same run

bench-levels: $(VENV)/.dev ## the speed of the core, beside argrelextrema, trendln and a naive oracle
	@$(BIN)/python -m benchmarks.levels

format: $(VENV)/.dev ## let ruff put the code in order
	@$(BIN)/ruff check --fix .
	@$(BIN)/ruff format .

lock: | $(UV) ## resolve the dependencies anew
	@$(UV) pip compile -q --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-header pyproject.toml --all-extras -o requirements.lock
	@$(UV) pip compile -q --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-header pyproject.toml --all-extras --group dev -c requirements.lock -o requirements-dev.lock
	@$(UV) pip compile -q --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-header pyproject.toml -c requirements.lock -o deploy/runtime.lock
	@echo hatchling | $(UV) pip compile -q --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-header - -c requirements.lock -o deploy/build.lock

clean: ## remove the environment and what the tools left
	@rm -rf $(VENV) .mypy_cache .pytest_cache .ruff_cache .hypothesis
