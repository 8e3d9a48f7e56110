# make run   sets everything up and serves on http://localhost:8080
# make test  sets everything up and runs the whole suite

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin

# Every test that starts a server starts five processes: without compiled modules that takes three times as long.
unexport PYTHONDONTWRITEBYTECODE

.PHONY: run test hands system-packages setup setup-dev native web lint test-web bench-forward bench-join bench-plane bench-recorder bench-readiness quality load fuzz lighthouse lock screenshots clean

run: setup web hands
	$(BIN)/parley serve

# Many tests wait more than they work, so there are more at a time than cores; those marked "alone" come last, one by one.
test:
	$(MAKE) --no-print-directory -j3 system-packages setup-dev web
	$(MAKE) --no-print-directory hands
	$(MAKE) --no-print-directory -j2 --output-sync lint test-web
	$(BIN)/pytest -n 3 --dist loadfile -m "not e2e and not alone"
	$(BIN)/pytest -n 2 --dist loadfile -m "e2e and not alone"
	$(BIN)/pytest -m alone

# --- what the two commands stand on ---------------------------------------------------------------------------------

setup: $(VENV)/.run.stamp native
setup-dev: $(VENV)/.dev.stamp
	$(MAKE) --no-print-directory native
native: $(VENV)/.native.stamp
web: web/dist/.stamp
# What gestures are found with; where it can't be had Parley runs without.
hands:
	-@$(BIN)/python -m scripts.hand_models

system-packages:
	bash scripts/system_packages.sh

$(BIN)/python:
	$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Parley needs Python 3.11 or newer")'
	$(PYTHON) -m venv $(VENV)

$(VENV)/.run.stamp: requirements.lock pyproject.toml | $(BIN)/python
	$(BIN)/pip install --quiet --disable-pip-version-check --require-hashes -r requirements.lock
	$(BIN)/pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	touch $@

# The larger lock holds all of the smaller one. What tests use of it is compiled when they do.
$(VENV)/.dev.stamp: requirements-dev.lock requirements.lock pyproject.toml | $(BIN)/python
	$(BIN)/pip install --quiet --disable-pip-version-check --no-compile --require-hashes -r requirements-dev.lock
	$(BIN)/pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	touch $(VENV)/.run.stamp $@

# The media plane in C, where there is a compiler; without one it says so, and Python does the work.
$(VENV)/.native.stamp: $(wildcard parley/sfu/native/*.[ch]) parley/sfu/native/build.py $(VENV)/.run.stamp
	$(BIN)/python -m parley.sfu.native.build
	test ! -e parley/sfu/native/plane.so || touch $@

web/node_modules/.stamp: web/package.json web/package-lock.json
	cd web && npm ci --no-audit --no-fund --loglevel=error
	touch $@

web/dist/.stamp: web/node_modules/.stamp web/index.html $(shell find web/src web/public -type f 2>/dev/null) $(wildcard web/*.ts)
	cd web && npm run --silent build
	touch $@

# The browser client's types are checked by its build.
lint: setup-dev web
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

test-web: web
	cd web && npm test --silent

# --- longer runs, each with a short form in the suite -----------------------------------------------------------------

bench-forward: setup-dev web
	$(BIN)/python -m loadtest.forward

bench-join: setup-dev web
	$(BIN)/python -m loadtest.join

bench-plane: setup-dev
	$(BIN)/python benchmarks/plane.py

bench-recorder: setup-dev
	$(BIN)/python benchmarks/recorder.py

bench-readiness: setup-dev
	$(BIN)/python -m evaluation.readiness

# How good recaps are: every module of evaluation/ that has a table to print, but for the one that bench-readiness runs.
quality: setup-dev
	for file in $$(grep -l '__main__' evaluation/*.py | grep -v readiness); do \
		$(BIN)/python -m evaluation.$$(basename $$file .py) || exit 1; done

load: setup-dev
	$(BIN)/python -m loadtest.load

fuzz: setup-dev
	HYPOTHESIS_PROFILE=fuzz $(BIN)/pytest -m fuzz tests --timeout 3600

# Lighthouse on the page before a meeting. What it stands on weighs 185 MB, so only this command installs it.
lighthouse: setup-dev web web/lighthouse/node_modules/.stamp
	$(BIN)/python scripts/lighthouse.py

web/lighthouse/node_modules/.stamp: web/lighthouse/package.json web/lighthouse/package-lock.json
	cd web/lighthouse && npm ci --no-audit --no-fund --loglevel=error
	touch $@

# --- upkeep -----------------------------------------------------------------------------------------------------------

lock: setup-dev
	$(BIN)/uv pip compile -q --generate-hashes --no-emit-index-url --no-header --universal --python-version 3.11 --extra build -o requirements.lock pyproject.toml
	$(BIN)/uv pip compile -q --generate-hashes --no-emit-index-url --no-header --universal --python-version 3.11 --extra build --extra dev -o requirements-dev.lock pyproject.toml

screenshots: setup-dev web
	$(BIN)/python scripts/screenshots.py

clean:
	rm -rf $(VENV) web/node_modules web/lighthouse/node_modules web/dist parley/sfu/native/plane.so
