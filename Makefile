# Cailian 材链. Every target sets up what it needs inside this checkout; `make help` lists them.
SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
.DEFAULT_GOAL := help
PYTHON ?= python3
UV := .venv-uv/bin/uv
BIN := .venv/bin
WORKERS ?= 2
export XDG_RUNTIME_DIR ?= /tmp

.PHONY: help setup demo serve test test-extra bench bench-full lint format types lock contracts clean

help: ## list the targets
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 14

setup: .venv/.ready contracts/node_modules/.anvil web/node_modules/.ready web/verifier/dist/.ready web/citizen/dist/.ready web/console/dist/.ready web/auditor/dist/.ready web/home/dist/.ready ## install the locked dependencies into this checkout

.venv/.ready: requirements.txt deploy/uv.txt pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "Python 3.11 or newer is needed: make PYTHON=python3.12 ..."; exit 1; }
	@test -x $(UV) || $(PYTHON) -m venv .venv-uv
	@.venv-uv/bin/pip install --quiet --disable-pip-version-check --require-hashes -r deploy/uv.txt
	@test -x $(BIN)/python || $(UV) venv --quiet --python $(PYTHON) .venv
	@$(UV) pip sync --quiet --require-hashes --python $(BIN)/python requirements.txt
	@$(UV) pip install --quiet --no-deps --no-build-isolation --python $(BIN)/python --editable .
	@touch $@

%/node_modules/.ready: %/package-lock.json
	@node -e 'const [a, b] = process.versions.node.split("."); process.exit(a < 20 || (a == 20 && b < 19) ? 1 : 0)' || \
		{ echo "Node 20.19 or newer is needed"; exit 1; }
	@npm ci --prefix $* --no-audit --no-fund --ignore-scripts --loglevel=error
	@touch $@

web/verifier/dist/.ready: web/node_modules/.ready web/pack.mjs web/verifier/build.mjs $(wildcard web/verifier/src/* web/verifier/page/*)
	@node web/verifier/build.mjs
	@touch $@

web/citizen/dist/.ready: web/node_modules/.ready web/pack.mjs $(wildcard web/shared/* web/shared/*/* web/citizen/*.* web/citizen/public/* web/citizen/src/* web/citizen/src/*/*)
	@node web/node_modules/vite/bin/vite.js build web/citizen --logLevel warn
	@touch $@

web/console/dist/.ready: web/node_modules/.ready web/pack.mjs $(wildcard web/shared/* web/shared/*/* web/console/*.* web/console/public/* web/console/src/* web/console/src/*/*)
	@node web/node_modules/vite/bin/vite.js build web/console --logLevel warn
	@touch $@

web/auditor/dist/.ready: web/node_modules/.ready web/pack.mjs $(wildcard web/shared/* web/shared/*/* web/verifier/src/* web/auditor/*.* web/auditor/public/* web/auditor/src/* web/auditor/src/*/*)
	@node web/node_modules/vite/bin/vite.js build web/auditor --logLevel warn
	@touch $@

web/home/dist/.ready: web/node_modules/.ready web/pack.mjs web/console/public/icon.svg $(wildcard web/shared/* web/shared/*/* web/home/*.* web/home/src/*)
	@node web/home/build.mjs
	@touch $@

# The lock knows the chain node of linux-amd64; elsewhere the same version for this machine is added beside it.
ANVIL := @foundry-rs/anvil-$(shell node -p 'process.platform + "-" + (process.arch === "x64" ? "amd64" : process.arch)' 2>/dev/null)
contracts/node_modules/.anvil: contracts/node_modules/.ready
	@test -d contracts/node_modules/$(ANVIL) || npm install --prefix contracts --no-save --no-package-lock --no-audit \
		--no-fund --ignore-scripts --loglevel=error $(ANVIL)@$$(node -p 'Object.values(require("./contracts/package.json").optionalDependencies)[0]')
	@touch $@

demo: setup ## bring up a fresh exchange, do its main job, prove it, stop (leaves var/demo/)
	@$(BIN)/cailian demo

serve: setup ## everything up on http://127.0.0.1:8080 until stopped, data kept in var/
	@$(BIN)/cailian up

test: setup ## the whole test suite on real PostgreSQL, S3 and chain
	@$(BIN)/python -m pytest -n $(WORKERS) --dist loadfile --no-loadscope-reorder

test-extra: setup ## tests that need more tools: a Java OFD reader (mvn), a PKCS #11 module (softhsm2)
	@$(BIN)/python -m pytest tests/extra

bench: setup ## throughput and latency as ratios measured in one run
	@$(BIN)/cailian bench

bench-full: setup ## as bench, reading every page of the labelled set and checking 100,000 rows (half an hour more)
	@$(BIN)/cailian bench --full

lint: setup ## style, types, direction of imports, compiled contracts
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/mypy
	@$(BIN)/lint-imports
	@node contracts/build.mjs --check
	@node web/node_modules/typescript/bin/tsc --project web/verifier
	@node web/node_modules/typescript/bin/tsc --project web/home
	@node web/node_modules/vue-tsc/bin/vue-tsc.js --project web/citizen
	@node web/node_modules/vue-tsc/bin/vue-tsc.js --project web/console
	@node web/node_modules/vue-tsc/bin/vue-tsc.js --project web/auditor

format: setup ## rewrite the sources in the house style
	@$(BIN)/ruff check --fix .
	@$(BIN)/ruff format .

contracts: setup ## compile the contracts
	@node contracts/build.mjs

types: setup ## the TypeScript of what our pages call, from the exchange's description
	@node web/types.mjs

lock: ## pin every dependency anew, hashes only, no addresses
	@$(UV) pip compile pyproject.toml --all-extras --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-header --quiet -o requirements.txt
	@echo 'uv==0.13.8' | $(UV) pip compile - --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-header --quiet -o deploy/uv.txt

clean: ## remove what the targets made, data included
	@rm -rf .venv .venv-uv var build/reading-set contracts/node_modules web/node_modules web/verifier/dist web/citizen/dist web/console/dist web/auditor/dist web/home/dist
