# The commands of a checkout; `make help` lists them.
.DEFAULT_GOAL := help
SHELL := /bin/bash
PYTHON ?= python3
UV_VERSION := 0.13.9
VENV := .venv
BIN := $(VENV)/bin
UV := $(BIN)/uv
# uv does not read pip's settings: this makes it use the registry that pip is configured for.
export UV_DEFAULT_INDEX ?= $(or $(PIP_INDEX_URL),$(shell $(PYTHON) -m pip config get global.index-url 2>/dev/null))
ifeq ($(UV_DEFAULT_INDEX),)
unexport UV_DEFAULT_INDEX
endif

# The web application needs Node 20.19, 22.12 or later. Without it one plain page is served, and the rest works.
NPM := $(shell node -e 'const [a, b] = process.versions.node.split(".").map(Number); process.exit(a > 22 || (a == 22 && b >= 12) || (a == 20 && b >= 19) ? 0 : 1)' 2>/dev/null && command -v npm)
WEB := $(shell find web/src web/index.html web/vite.config.ts -type f ! -name schema.ts ! -name "*.test.*") web/package-lock.json schemas/contracts/openapi.json docs/levels.md
WEB_CHECKED := $(WEB) $(shell find web/src web/e2e -type f ! -name schema.ts; find web -maxdepth 1 -type f)
NO_NODE := @echo "the web application and the TypeScript client are skipped: they need Node 20.19, 22.12 or later, with npm" >&2

# Compiled modules are kept even where PYTHONDONTWRITEBYTECODE is set: otherwise every test worker and every role that a
# test starts compiles ccxt, SQLAlchemy and FastAPI from source, about 10 s of CPU for each process.
export PYTHONDONTWRITEBYTECODE :=
export PYTHONPYCACHEPREFIX := $(abspath $(VENV))/bytecode

.PHONY: help install up ui test test-fast test-web test-client e2e check check-web check-documents check-client examples format contracts release-contracts lock bench bench-levels bench-watches bench-scheduler bench-pipeline bench-sink bench-api faults faults-cuts faults-feed faults-kills faults-levels faults-long faults-watches chart coverage generators freqtrade docs smoke audit sbom wheels clean

help: ## list the targets
	@[ -t 1 ] && bold='\033[1m' plain='\033[0m'; \
	awk -F ':.*## ' -v bold="$$bold" -v plain="$$plain" '/^[a-z0-9-]+:.*## /{printf "  " bold "%-15s" plain " %s\n", $$1, $$2}' $(MAKEFILE_LIST)

$(UV):
	@echo "setting up: virtual environment in $(VENV)/"
	@$(PYTHON) -m venv $(VENV) || { echo "Python's venv module is missing: apt-get install python3-venv" >&2; exit 1; }
	@$(BIN)/pip install --quiet --disable-pip-version-check uv==$(UV_VERSION)

$(VENV)/.run: requirements.lock pyproject.toml | $(UV)
	@echo "setting up: run-time dependencies, from requirements.lock"
	@VIRTUAL_ENV=$(VENV) $(UV) pip install --quiet --require-hashes -r requirements.lock
	@VIRTUAL_ENV=$(VENV) $(UV) pip install --quiet --no-deps --no-build-isolation --editable .
	@touch $@

$(VENV)/.dev: requirements-dev.lock pyproject.toml | $(VENV)/.run
	@echo "setting up: test dependencies, from requirements-dev.lock"
	@VIRTUAL_ENV=$(VENV) $(UV) pip install --quiet --require-hashes -r requirements-dev.lock
	@touch $@

web/node_modules/.ready: web/package-lock.json
	@echo "setting up: dependencies of the web application, from web/package-lock.json"
	@$(NPM) --prefix web ci --silent --no-progress
	@touch $@

api/static/.built: web/node_modules/.ready $(WEB)
	@echo "setting up: the web application, in api/static/"
	@$(NPM) --prefix web run --silent build -- --logLevel warn
	@touch $@

web/node_modules/.checked: web/node_modules/.ready $(WEB_CHECKED)
	@$(NPM) --prefix web run --silent check
	@touch $@

DOCUMENTS := tests/contract/documents
$(DOCUMENTS)/node_modules/.ready: $(DOCUMENTS)/package-lock.json
	@echo "setting up: validators of the contracts, from $(DOCUMENTS)/package-lock.json"
	@$(NPM) --prefix $(DOCUMENTS) ci --silent --no-progress --ignore-scripts
	@touch $@

CLIENT := clients/typescript
CLIENT_SOURCES := $(shell find $(CLIENT) -path '*/node_modules' -prune -o -path '*/dist' -prune -o -type f ! -name schema.ts ! -name events.ts ! -name README.md -print) $(wildcard schemas/contracts/*.json)
$(CLIENT)/node_modules/.ready: $(CLIENT)/package-lock.json
	@echo "setting up: dependencies of the TypeScript client, from $(CLIENT)/package-lock.json"
	@$(NPM) --prefix $(CLIENT) ci --silent --no-progress
	@touch $@

$(CLIENT)/node_modules/.checked: $(CLIENT)/node_modules/.ready $(CLIENT_SOURCES)
	@$(NPM) --prefix $(CLIENT) run --silent check
	@touch $@

EXAMPLES := examples/typescript
$(EXAMPLES)/node_modules/.ready: $(EXAMPLES)/package-lock.json
	@echo "setting up: dependencies of the recipes, from $(EXAMPLES)/package-lock.json"
	@$(NPM) --prefix $(EXAMPLES) ci --silent --no-progress
	@touch $@

$(EXAMPLES)/dist/.built: $(EXAMPLES)/node_modules/.ready $(wildcard $(EXAMPLES)/*.ts) $(EXAMPLES)/tsconfig.json
	@$(NPM) --prefix $(EXAMPLES) run --silent build
	@touch $@

examples/go/bin/.built: $(wildcard examples/go/*/*.go) examples/go/go.mod
	@cd examples/go && go build -buildvcs=false -o bin/ ./...
	@touch $@

tests/callers/go/bin/.built: tests/callers/go/main.go tests/callers/go/go.mod
	@cd tests/callers/go && go build -buildvcs=false -o bin/ .
	@touch $@

examples/java/target/.built: $(wildcard examples/java/src/main/java/*.java) examples/java/pom.xml
	@cd examples/java && mvn -q -B compile dependency:build-classpath -Dmdep.outputFile=target/classpath.txt
	@touch $@

tests/connect/target/.built: tests/connect/pom.xml
	@cd tests/connect && mvn -q -B dependency:build-classpath -Dmdep.outputFile=target/classpath.txt
	@touch $@

# Each language whose compiler is there.
examples: $(if $(NPM),$(EXAMPLES)/dist/.built) $(if $(shell command -v go),examples/go/bin/.built tests/callers/go/bin/.built) $(if $(shell command -v mvn),examples/java/target/.built tests/connect/target/.built) ## compile the recipes in TypeScript, Go and Java, and the tests' callers

ifneq ($(NPM),)
check-client: $(CLIENT)/node_modules/.checked ## build and type-check the TypeScript client

test-client: $(CLIENT)/node_modules/.checked ## run the TypeScript client's unit tests
	@$(NPM) --prefix $(CLIENT) test --silent

check-documents: $(DOCUMENTS)/node_modules/.ready ## validate the OpenAPI and AsyncAPI documents and their examples
	@$(NPM) --prefix $(DOCUMENTS) run --silent check

ui: api/static/.built ## build the web application, if its sources changed
	@:

check-web: web/node_modules/.checked

test-web: web/node_modules/.ready ## run the web application's unit tests
	@$(NPM) --prefix web run --silent types && $(NPM) --prefix web test --silent
else
ui check-web check-documents check-client test-web test-client:
	$(NO_NODE)
endif

CHROMIUM ?= /usr/bin/chromium
# Set when the tests of the pages can run. IMAGES=1 retakes the pictures of the README.
BROWSER := $(and $(NPM),$(wildcard $(CHROMIUM)))
ifneq ($(BROWSER),)
e2e: $(VENV)/.run api/static/.built ## test the pages in Chromium, against a pipeline of their own
	@CHROMIUM=$(CHROMIUM) STRANDLINE_E2E_IMAGES=$(IMAGES) $(NPM) --prefix web run --silent e2e -- $(SPECS)
else
e2e:
	@echo "THE PAGES ARE NOT TESTED: that needs Node and Chromium (apt-get install chromium, or CHROMIUM=path)" >&2
	@[[ "$$STRANDLINE_TEST_REQUIRE" != *chromium* ]]
endif

# An unreachable npm registry must not prevent the rest from running.
UI_OR_NONE = $(MAKE) --no-print-directory ui || echo "the web application was not built (see above); continuing without it" >&2

install: $(VENV)/.dev ## set everything up without running anything
	@$(UI_OR_NONE)

up: $(VENV)/.run ## run the whole pipeline in one process: no Docker, no account, no internet after the set-up
	@$(UI_OR_NONE)
	@exec $(BIN)/strandline up

# Tests on a shared Kafka run in one process: roles of parallel tests would share its topics.
JOBS ?= $(if $(STRANDLINE_TEST_KAFKA),1,4)
test: $(VENV)/.dev generators freqtrade ## run all tests (with a real Kafka, MySQL and Redis where STRANDLINE_TEST_* or Docker provides them)
	@$(MAKE) --no-print-directory --keep-going check-client examples || echo "a client or recipe was not built (see above): its tests are skipped" >&2
	@$(BIN)/pytest --numprocesses $(JOBS) --dist worksteal $(ARGS)
	@$(MAKE) --no-print-directory test-web test-client
	@$(MAKE) --no-print-directory e2e

test-fast: $(VENV)/.dev ## run the unit tests only
	@$(BIN)/pytest tests/unit $(ARGS)

# Rounds mostly wait: two run at a time, each on servers of its own.
FAULT_JOBS ?= 2
faults: $(VENV)/.dev ## run a short round of every fault, on Kafka, MySQL and Redis in containers of their own
	@$(BIN)/pytest tests/faults -m nemesis --numprocesses $(FAULT_JOBS) --dist worksteal $(ARGS)

REQUESTS ?= 20000
ROUNDS ?= 1
RATE ?= 100
faults-long: $(VENV)/.dev ## run ROUNDS rounds of REQUESTS requests, RATE a second, per fault (FAULTS: only these) and print the ledger; resumes after a stop
	@$(BIN)/python -m tests.support.faults.long --requests $(REQUESTS) --rounds $(ROUNDS) --rate $(RATE) --only $(FAULTS)

faults-watches: $(VENV)/.dev ## measure which crossings 2,000 watches find while prices are cut and roles are killed: on Kafka, then on `strandline up`
	@$(BIN)/python -m tests.support.faults.watching $(ARGS)
	@$(BIN)/python -m tests.support.faults.watching --embedded $(ARGS)

faults-levels: $(VENV)/.dev ## fold the events of levels after 50 kills of a tracker on Kafka, then after 50 of a `strandline up`
	@$(BIN)/python -m tests.support.faults.tracking $(ARGS)
	@$(BIN)/python -m tests.support.faults.tracking --embedded $(ARGS)

faults-kills: $(VENV)/.dev ## measure how long requests take while a role is killed every 6 s, with the default settings
	@$(BIN)/python -m tests.support.faults.killing $(ARGS)

faults-cuts: $(VENV)/.dev ## cut the feed's stream 20 times among all its other faults, and compare every candles_hash with REST's: klines and trades in process, klines on Kafka
	@$(BIN)/python -m tests.support.faults.cutting $(ARGS)
	@$(BIN)/python -m tests.support.faults.cutting --trades $(ARGS)
	@$(BIN)/python -m tests.support.faults.cutting --kafka $(ARGS)

faults-feed: $(VENV)/.dev ## kill, freeze and double a feed of 200 symbols on Kafka, and compare every candle with REST's
	@$(BIN)/python -m tests.support.faults.feeding_rounds $(ARGS)

coverage: $(VENV)/.dev ## run the unit tests and list uncovered lines; fails below the floor in pyproject.toml
	@$(BIN)/pytest tests/unit --numprocesses $(JOBS) --dist worksteal --cov --cov-report=term $(ARGS)

GENERATORS := tests/contract/generated/python/requirements.lock
$(VENV)/generators/.ready: $(GENERATORS) | $(UV)
	@echo "setting up: the generator of Python clients, from $(GENERATORS)"
	@$(PYTHON) -m venv $(VENV)/generators
	@VIRTUAL_ENV=$(VENV)/generators $(UV) pip install --quiet --require-hashes -r $(GENERATORS)
	@touch $@

generators: $(VENV)/generators/.ready ## install the generator of Python clients that the tests try

FREQTRADE := examples/freqtrade/requirements.lock
$(VENV)/freqtrade/.ready: $(FREQTRADE) | $(UV)
	@echo "setting up: freqtrade, from $(FREQTRADE)"
	@$(PYTHON) -m venv $(VENV)/freqtrade
	@VIRTUAL_ENV=$(VENV)/freqtrade $(UV) pip install --quiet --require-hashes -r $(FREQTRADE)
	@touch $@

freqtrade: $(VENV)/freqtrade/.ready ## install freqtrade, in which the tests try the strategy of examples/freqtrade

$(VENV)/.docs: requirements-docs.lock | $(VENV)/.dev
	@echo "setting up: dependencies of the documentation, from requirements-docs.lock"
	@VIRTUAL_ENV=$(VENV) $(UV) pip install --quiet --require-hashes -r requirements-docs.lock
	@touch $@

docs: $(VENV)/.docs ## build the documentation site in dist/docs, with the OpenAPI and AsyncAPI documents
	@NO_MKDOCS_2_WARNING=1 $(BIN)/mkdocs build --quiet
	@echo "docs: dist/docs/index.html"

HELM_VERSION := v3.20.2
$(BIN)/helm: | $(UV)
	@echo "setting up: helm $(HELM_VERSION), compiled from its module (minutes)"
	@GOBIN=$(abspath $(BIN)) go install helm.sh/helm/v3/cmd/helm@$(HELM_VERSION)

chart: $(VENV)/.dev $(BIN)/helm ## render the Helm chart and validate it against the schemas of Kubernetes and KEDA (needs Go)
	@$(BIN)/pytest tests/chart $(ARGS)

smoke: $(VENV)/.dev ## start the compose file, load it, kill parts of it, check it from outside, and remove it (needs Docker)
	@$(BIN)/python -m tests.smoke

audit: $(VENV)/.dev ## list security advisories of the dependencies, from the services that can be reached
	@$(BIN)/python deploy/audit.py

sbom: $(VENV)/.dev ## write the image's bill of materials as CycloneDX, in dist/
	@mkdir -p dist
	@$(BIN)/cyclonedx-py requirements --pyproject pyproject.toml --output-reproducible --validate -o dist/sbom-python.cdx.json deploy/runtime.lock
	@cd web && npm sbom --sbom-format cyclonedx --sbom-type application --omit dev --package-lock-only > ../dist/sbom-web.cdx.json
	@ls -l dist/sbom-*.cdx.json

wheels: $(VENV)/.run ui check-client ## build the packages of the application, of the level finder and of the clients, in dist/
	@$(BIN)/python -m hatchling build -t wheel -d dist
	@cd clients/strandline-levels && ../../$(BIN)/python -m hatchling build -t sdist -t wheel -d ../../dist
	@cd clients/strandline-client && ../../$(BIN)/python -m hatchling build -t sdist -t wheel -d ../../dist
	@$(if $(NPM),$(NPM) pack --silent --pack-destination dist ./$(CLIENT) >/dev/null)
	@ls -l dist/*.whl dist/*gz

check: $(VENV)/.dev ## run linters, type checkers, the layer rule, names and prose; check that generated files are fresh
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/mypy
	@$(BIN)/mypy --config-file clients/strandline-client/pyproject.toml
	@$(BIN)/lint-imports --no-cache --no-logo
	@$(BIN)/python -m schemas.contracts.generate --check
	@$(BIN)/python -m schemas.contracts.compatibility
	@$(BIN)/python -m api.openapi --check
	@$(BIN)/openapi-spec-validator schemas/contracts/openapi.json >/dev/null
	@$(MAKE) --no-print-directory check-documents
	@$(BIN)/python -m runtime.metric_table --check
	@$(BIN)/python -m tests.contract.exchanges.docs --check
	@$(BIN)/python -m tests.house
	@$(MAKE) --no-print-directory check-web check-client
	@echo "check: passed"

contracts: $(VENV)/.dev ## generate the JSON Schemas, asyncapi.yaml, openapi.json and docs/metrics.md
	@$(BIN)/python -m schemas.contracts.generate
	@$(BIN)/python -m api.openapi
	@$(BIN)/python -m runtime.metric_table
	@$(BIN)/python -m tests.contract.exchanges.docs

release-contracts: contracts ## in a release's commit: keep the contracts in schemas/contracts/released, with which later ones are compared
	@$(BIN)/python -m schemas.contracts.compatibility --release

ONLY ?=
bench: $(VENV)/.dev ## measure every performance figure beside a baseline, and write docs/performance.md (ONLY=levels,sink: these sections)
	@$(BIN)/python -m benchmarks --only "$(ONLY)"

bench-levels: $(VENV)/.dev ## measure the speed of the level finder beside argrelextrema, trendln and a naive oracle
	@$(BIN)/python -m benchmarks.levels

bench-watches: $(VENV)/.dev ## measure prices per second against 100,000 watches, beside evaluating every watch
	@$(BIN)/python -m benchmarks.watches

bench-scheduler: $(VENV)/.dev ## measure a round of the scheduler with 100,000 markets, beside a scan of them
	@$(BIN)/python -m benchmarks.scheduler

bench-pipeline: $(VENV)/.dev ## measure requests to results through Kafka, beside bare aiokafka and the analysis alone
	@$(BIN)/python -m benchmarks.pipeline

bench-sink: $(VENV)/.dev ## measure results to rows in MySQL, beside plain multi-row upserts of the same values
	@$(BIN)/python -m benchmarks.sink

bench-api: $(VENV)/.dev ## measure reads of the API from Redis and from tables of 3,000 and 100,000 rows, beside constant bytes
	@$(BIN)/python -m benchmarks.api_reads

court: $(VENV)/.dev ## our levels beside those of nine other methods, on the candle files of STRANDLINE_TEST_DATA (minutes)
	@$(BIN)/python -m benchmarks.court $(STRANDLINE_TEST_DATA)

format: $(VENV)/.dev ## fix and format the code with ruff
	@$(BIN)/ruff check --fix .
	@$(BIN)/ruff format .

lock: | $(UV) ## resolve the dependencies and write the lock files
	@$(UV) pip compile -q --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-header pyproject.toml --all-extras -o requirements.lock
	@$(UV) pip compile -q --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-header pyproject.toml --all-extras --group dev -c requirements.lock -o requirements-dev.lock
	@$(UV) pip compile -q --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-header --group docs -c requirements-dev.lock -o requirements-docs.lock
	@$(UV) pip compile -q --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-header pyproject.toml --extra mcp --extra plot -c requirements.lock -o deploy/runtime.lock
	@$(UV) pip compile -q --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-header tests/contract/generated/python/requirements.in -o $(GENERATORS)
	@echo hatchling | $(UV) pip compile -q --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-header - -c requirements.lock -o deploy/build.lock

clean: ## remove the environment, build results and caches
	@rm -rf $(VENV) api/static web/node_modules $(DOCUMENTS)/node_modules $(CLIENT)/node_modules $(CLIENT)/dist .mypy_cache .pytest_cache .ruff_cache .hypothesis
