# Everything that builds, starts and checks Truefilm; CI runs the same targets.
.DELETE_ON_ERROR:
.DEFAULT_GOAL := help
SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c

PYTHON ?= python3
UV_VERSION := 0.13.9
BIN := .venv/bin
PY := $(BIN)/python
# uv lives in its own folder: a sync removes whatever the lock does not name.
UV := $(shell command -v uv 2>/dev/null || echo .venv/uv/bin/uv)
PYTEST := $(BIN)/pytest -q
SOURCES := apps workers tests bench manage.py
FRONTEND_SOURCES := $(shell find frontend -type d \( -name node_modules -o -name dist \) \
	-prune -o -type f -print 2>/dev/null | grep -v -e '/openapi.json$$' | tr ' ' '?')

.PHONY: help setup run manage dev test test-fast test-pure test-frontend e2e screenshots check fmt \
	bench api lock chromium oracles torch prerequisites

help:
	@echo 'make run        install what is missing and start Truefilm on this machine'
	@echo 'make setup      install only'
	@echo 'make manage ARGS="ingest FOLDER"   a management command on the data of make run'
	@echo 'make test       all tests, with e2e in a real browser'
	@echo 'make test-fast  all but e2e        make test-pure  only workers/'
	@echo 'make check      format, lint, types, import borders, migrations, frontend'
	@echo 'make fmt | bench | api | lock | torch (to train the residual network)'

# --- install --------------------------------------------------------------------------
setup: .venv/.runtime frontend/dist/index.html

prerequisites:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null || \
	  { echo 'Truefilm needs Python 3.11 or newer (set PYTHON=/path/to/python3.11).'; exit 1; }
	@node -e 'process.exit(+process.versions.node.split(".")[0] < 20 ? 1 : 0)' 2>/dev/null || \
	  { echo 'Truefilm needs Node 20 or newer, with npm.'; exit 1; }

$(PY): | prerequisites
	@echo 'setup: making .venv'
	@$(PYTHON) -m venv --without-pip .venv

.venv/uv/bin/uv: | $(PY)
	@echo 'setup: fetching uv'
	@$(PYTHON) -m venv .venv/uv || \
	  { rm -rf .venv/uv; echo 'Python lacks venv (Debian: apt install python3-venv).'; exit 1; }
	@.venv/uv/bin/pip install --quiet --disable-pip-version-check uv==$(UV_VERSION)

# Once the development packages are in, a changed lock renews those.
.venv/.runtime: requirements.lock | $(PY) $(UV)
	@echo 'setup: installing the Python packages'
	@lock=requirements.lock; test ! -e .venv/.dev || lock=requirements-dev.lock; \
	  $(UV) pip sync --quiet --require-hashes --python $(PY) $$lock
	@touch $@

.venv/.dev: requirements-dev.lock requirements.lock | $(PY) $(UV)
	@echo 'setup: installing the development packages'
	@$(UV) pip sync --quiet --require-hashes --python $(PY) requirements-dev.lock
	@touch .venv/.runtime $@

frontend/node_modules/.installed: frontend/package-lock.json | prerequisites
	@echo 'setup: installing the frontend packages'
	@cd frontend && npm ci --no-audit --no-fund --loglevel=error
	@touch $@

frontend/dist/index.html: frontend/node_modules/.installed $(FRONTEND_SOURCES)
	@echo 'setup: building the frontend'
	@cd frontend && npm run --silent build -- --logLevel warn
	@touch $@

dev: .venv/.dev frontend/node_modules/.installed

# For training the residual network. Not in the lock: the platform decides which build.
torch: .venv/.dev
	@$(PY) -c 'import torch' 2>/dev/null || \
	  $(PYTHON) -m pip --disable-pip-version-check --python $(PY) install --quiet torch==2.13.0

chromium: .venv/.dev
	@$(PY) -m tests.e2e.browser

# What tests hold ours against: dcmsign, and a token in software. They say it if it is missing.
oracles:
	@command -v dcmsign >/dev/null && ls /usr/lib/softhsm/libsofthsm2.so >/dev/null 2>&1 || \
	  { apt-get update -qq && apt-get install -y -qq --no-install-recommends dcmtk softhsm2; } \
	  >/dev/null 2>&1 || echo 'DCMTK and SoftHSM are not installed (Debian: dcmtk softhsm2)'

# --- run ------------------------------------------------------------------------------
run: setup
	@exec $(PY) -m apps.core.stack

manage: .venv/.runtime
	@exec $(PY) -m apps.core.stack manage $(ARGS)

# --- test -----------------------------------------------------------------------------
test: dev setup chromium oracles
	$(PYTEST) -n 2 -c tests/pure/pytest.ini tests/pure
	$(PYTEST) -n 2 --dist loadfile tests --ignore=tests/pure --ignore=tests/e2e
	$(PYTEST) tests/e2e
	$(MAKE) --no-print-directory test-frontend

# Training imports heavy packages for little: `make test` runs it.
FAST := -m "not slow" --ignore=tests/e2e --ignore=tests/pure/training

test-fast: dev
	$(PYTEST) -n 2 --dist loadfile $(FAST) tests
	$(MAKE) --no-print-directory test-frontend

test-pure: .venv/.dev
	$(PYTEST) -n 2 -c tests/pure/pytest.ini $(FAST) tests/pure

test-frontend: frontend/node_modules/.installed
	cd frontend && npm test --silent

e2e: dev setup chromium
	$(PYTEST) tests/e2e

screenshots: dev setup chromium
	KEEP_SCREENSHOTS=1 $(PYTEST) tests/e2e/test_outcome.py \
	  tests/e2e/test_practice.py tests/e2e/test_viewer.py tests/e2e/test_compare.py \
	  tests/e2e/test_compare_stacks.py

# --- check ----------------------------------------------------------------------------
# A throw-away key and folder: these commands load the settings and keep nothing.
SCRATCH_ENV = TRUEFILM_SECRET_KEY=scratch-key-for-checks-only TRUEFILM_HTTPS=0 \
	TRUEFILM_DATA_DIR=$$(mktemp -d) TRUEFILM_LOG_LEVEL=ERROR

check: dev
	$(BIN)/ruff format --check $(SOURCES)
	$(BIN)/ruff check $(SOURCES)
	$(BIN)/mypy apps workers tests bench
	$(BIN)/lint-imports --no-logo
	$(SCRATCH_ENV) $(PY) manage.py makemigrations --check --dry-run
	$(SCRATCH_ENV) $(PY) manage.py export_openapi_schema --api apps.config.api.api \
	  --sorted --indent 2 | diff -q - frontend/openapi.json >/dev/null || \
	  { echo 'frontend/openapi.json is stale: run make api'; exit 1; }
	cd frontend && npm run --silent check

fmt: dev
	$(BIN)/ruff format $(SOURCES)
	$(BIN)/ruff check --fix $(SOURCES)
	cd frontend && npm run --silent format

bench: .venv/.dev
	$(SCRATCH_ENV) $(PY) -m bench

api: dev
	$(SCRATCH_ENV) $(PY) manage.py export_openapi_schema --api apps.config.api.api \
	  --sorted --indent 2 > frontend/openapi.json.part
	mv frontend/openapi.json.part frontend/openapi.json
	cd frontend && npm run --silent api

COMPILE = $(UV) pip compile --quiet --generate-hashes --no-emit-index-url \
	--no-emit-find-links --universal --python-version 3.11 pyproject.toml
lock: | $(PY) $(UV)
	$(COMPILE) -o requirements.lock
	$(COMPILE) --extra dev --extra pkcs11 --extra train -c requirements.lock -o requirements-dev.lock
