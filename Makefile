# The front door. `make help` lists what there is.
.DEFAULT_GOAL := help
PYTHON ?= python3
BIN := .venv/bin
UV := $(BIN)/uv pip install --quiet --require-hashes
STAMPS := .venv/.stamps

.PHONY: help front screens demo test fuzz fuzz-outcomes fuzz-ingest faults lint audit format docs bench bench-jobs bench-registry bench-outcomes bench-ingest lock clean

help:  ## List the targets
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 12

$(STAMPS)/bootstrap: requirements/bootstrap.txt
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' \
	  || { echo "Afterdose needs Python 3.11 or newer; set PYTHON=/path/to/python3.11"; exit 1; }
	@echo "Setting up .venv"
	@test -x $(BIN)/python || $(PYTHON) -m venv .venv \
	  || { echo "python3 cannot make a virtual environment; on Debian: apt install python3-venv"; exit 1; }
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r $<
	@mkdir -p $(STAMPS) && touch $@

$(STAMPS)/%: requirements/%.txt $(STAMPS)/bootstrap
	@echo "Installing what '$*' needs"
	@$(UV) --python $(BIN)/python -r $<
	@touch $@

$(STAMPS)/package: $(STAMPS)/run pyproject.toml
	@$(BIN)/uv pip install --quiet --python $(BIN)/python --no-deps --no-build-isolation -e .
	@touch $@

# pymsprog asks for an older numpy than ours, so the reference programs live apart.
ORACLES := .cache/peers-outcomes/.ready
INGEST_PEERS := .cache/peers-ingest/.ready
.cache/peers-%/.ready: requirements/peers-%.txt $(STAMPS)/bootstrap
	@echo "Installing the reference programs for $*"
	@rm -rf $(@D) && $(BIN)/uv venv --quiet $(@D)
	@$(UV) --python $(@D)/bin/python -r $<
	@touch $@

# Node of this machine, else the one that comes as a wheel. No lock file: it would hold addresses.
FRONT := src/afterdose/web/front
PAGES := src/afterdose/web/static/afterdose/afterdose.css
ifeq ($(shell command -v npm 2>/dev/null),)
WITH_NODE := PATH="$(CURDIR)/$(BIN):$$PATH"
NODE := $(STAMPS)/web-test
endif
NPM := npm install --silent --no-package-lock --ignore-scripts --no-audit --no-fund

$(FRONT)/node_modules/.ready: $(FRONT)/package.json $(NODE)
	@echo "Installing what styles and scripts are built from"
	@cd $(FRONT) && rm -rf node_modules && $(WITH_NODE) $(NPM) && touch node_modules/.ready

$(PAGES): $(FRONT)/node_modules/.ready $(FRONT)/build.mjs $(wildcard $(FRONT)/styles/* $(FRONT)/scripts/* $(FRONT)/images/*)
	@cd $(FRONT) && $(WITH_NODE) npm run --silent build

front: $(PAGES)  ## Build the styles and scripts of the clinic's pages

# A browser of this machine, else one that comes by npm.
ifeq ($(shell command -v chromium chromium-browser google-chrome 2>/dev/null),)
BROWSER := .cache/chromium/chromium
endif
.cache/chromium/chromium: scripts/chromium.mjs $(NODE)
	@echo "Unpacking a browser"
	@mkdir -p $(@D) && cp $< $(@D)/ && cd $(@D) && $(WITH_NODE) $(NPM) @sparticuz/chromium@153.0.0 \
	  && $(WITH_NODE) node chromium.mjs && touch chromium

serve: $(STAMPS)/package $(STAMPS)/web $(PAGES)  ## The clinic with simulated people, in a browser at http://127.0.0.1:8000
	@AFTERDOSE_DEMO=1 AFTERDOSE_HOME=$${AFTERDOSE_HOME:-demo/clinic} $(BIN)/python -m afterdose.web.manage demo

screens: $(STAMPS)/package $(STAMPS)/web $(STAMPS)/web-test $(PAGES) $(BROWSER)  ## Photograph the clinic's pages for the documentation
	@$(BIN)/python scripts/screens.py

demo: $(STAMPS)/package  ## Set up, then run the main job on three laboratories' files and a simulated cohort
	@$(BIN)/python scripts/demo.py

test: $(STAMPS)/package $(STAMPS)/test $(STAMPS)/web $(STAMPS)/web-test $(STAMPS)/docs $(STAMPS)/lint $(ORACLES) $(INGEST_PEERS) $(PAGES) $(BROWSER)  ## Every test
	@scripts/test.sh

fuzz: $(STAMPS)/package $(STAMPS)/test $(ORACLES)  ## The drawn tests with twenty times as many examples; about half an hour
	@AFTERDOSE_EXAMPLES_TIMES=20 $(BIN)/python -m pytest -q -n2 tests/engines tests/monitoring tests/ingest tests/stats

fuzz-outcomes: $(STAMPS)/package $(STAMPS)/test $(ORACLES)  ## Disability by both engines and beside pymsprog on many more histories; some twenty minutes
	@AFTERDOSE_FUZZ=$${AFTERDOSE_FUZZ:-20} AFTERDOSE_EXAMPLES_TIMES=20 $(BIN)/python -m pytest -q -n2 \
	  tests/outcomes/test_pymsprog.py tests/engines/test_disability_equality.py

fuzz-ingest: $(STAMPS)/package $(STAMPS)/test  ## A hundred thousand files with a few changed bytes; some twenty minutes
	@AFTERDOSE_MUTANTS=$${AFTERDOSE_MUTANTS:-100000} AFTERDOSE_MUTANTS_SECONDS=7200 \
	  $(BIN)/python -m pytest -q -s tests/ingest/test_mutations.py
	@AFTERDOSE_EXAMPLES_TIMES=20 $(BIN)/python -m pytest -q -n2 tests/ingest/test_fuzz.py

faults: $(STAMPS)/package $(STAMPS)/test  ## Ingest killed at 200 moments and at every step; bombs, endless lines, full disks; some ten minutes
	@AFTERDOSE_FAULTS=1 $(BIN)/python -m pytest -q tests/ingest/test_faults.py tests/ingest/test_bad_input.py

lint: $(STAMPS)/package $(STAMPS)/test $(STAMPS)/web $(STAMPS)/web-test $(STAMPS)/lint  ## Style, types in the pure layers, who may import whom
	@$(BIN)/ruff check . && $(BIN)/ruff format --check .
	@$(BIN)/mypy
	@$(BIN)/lint-imports --no-cache

audit: $(STAMPS)/package $(STAMPS)/lint  ## Security: mistakes in our code, known vulnerabilities of what a clinic installs
	@$(BIN)/bandit -q -c pyproject.toml -r src
	@$(BIN)/pip-audit --progress-spinner off --strict --require-hashes --disable-pip -r requirements/web.txt \
	  || { echo "Something is vulnerable, or this machine's registry tells nothing of vulnerabilities: what was not asked is not clean"; exit 1; }

format: $(STAMPS)/lint  ## Put the code into house style
	@$(BIN)/ruff check --fix-only . && $(BIN)/ruff format .

docs: $(STAMPS)/package $(STAMPS)/web $(STAMPS)/docs  ## Build the documentation site; a warning is an error
	@$(BIN)/python -m sphinx -W --keep-going -q -b html docs docs/_build/html
	@echo "Open docs/_build/html/index.html"

bench: bench-jobs bench-registry bench-outcomes bench-ingest  ## Measure everything on this machine, peers beside; some minutes, with nothing else running

bench-jobs: $(STAMPS)/package  ## Measure the main jobs
	@$(BIN)/python scripts/bench.py

bench-registry: $(STAMPS)/package  ## Measure the local engine beside peers
	@$(BIN)/python scripts/bench_registry.py

bench-outcomes: $(STAMPS)/package $(ORACLES)  ## Measure outcomes, their estimates and the report, peers beside; some minutes
	@$(BIN)/python scripts/bench_outcomes.py

bench-ingest: $(STAMPS)/package $(INGEST_PEERS)  ## Measure ingest of FHIR and HL7 v2, peers beside; some four minutes
	@$(BIN)/python scripts/bench_ingest.py

lock: $(STAMPS)/bootstrap  ## Renew the hash-pinned requirements from pyproject.toml
	@cd requirements && ../$(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-header bootstrap.in -o bootstrap.txt
	@$(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-header pyproject.toml -o requirements/run.txt
	@$(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-header -c requirements/run.txt --extra web pyproject.toml -o requirements/web.txt
	@for use in test lint docs web-test; do $(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-header -c requirements/run.txt --group $$use -o requirements/$$use.txt || exit 1; done
	@for use in peers peers-fhir peers-ingest peers-outcomes; do $(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-header --group $$use -o requirements/$$use.txt || exit 1; done

clean:  ## Remove what make made
	rm -rf .venv .cache demo docs/_build docs/generated dist $(FRONT)/node_modules src/afterdose/web/static
