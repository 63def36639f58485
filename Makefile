# Two commands to know: `make run` and `make test`. Both need nothing but Python 3.11 or newer.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
SOURCES := src tests migrations bench

.DEFAULT_GOAL := help
.PHONY: help run test test-long bench bench-soak bench-profile check fmt lock clean

help: ## Show this list
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):.*## /\1|/' | column -t -s '|'

# The marker files say which pinned set is installed; the development set contains the other one.
$(VENV)/.runtime: requirements/runtime.txt pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo 'calbridge needs Python 3.11 or newer (make PYTHON=python3.11 ...)'; exit 1; }
	test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements/runtime.txt
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps -e .
	@touch $@

$(VENV)/.dev: requirements/dev.txt $(VENV)/.runtime
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements/dev.txt
	@touch $@

run: $(VENV)/.runtime ## Start everything on embedded defaults: the sandbox, the service, a demo to try
	@exec $(BIN)/calbridge dev

test: $(VENV)/.dev ## Run the whole suite, on SQLite and on a real PostgreSQL
	$(BIN)/pytest -n 2 -m 'not long'

test-long: $(VENV)/.dev ## Run the long scenarios at full size
	$(BIN)/pytest -n 2 -m long

bench: $(VENV)/.dev ## Measure what the service costs, in ratios, in under ten minutes; see docs/performance.md
	$(BIN)/python -m bench run

bench-soak: $(VENV)/.dev ## Measure ten minutes of steady load: memory and errors
	$(BIN)/python -m bench soak

bench-profile: $(VENV)/.dev ## Show where the service's time goes, function by function
	$(BIN)/python -m bench profile

check: $(VENV)/.dev ## Check format, lint, types, import contracts, dependencies and migrations
	$(BIN)/ruff format --check $(SOURCES)
	$(BIN)/ruff check $(SOURCES)
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/deptry src
	@folder=$$(mktemp -d) && export CALBRIDGE_DATABASE_URL="sqlite:///$$folder/check.db" && $(BIN)/calbridge db upgrade && $(BIN)/calbridge db check; code=$$?; rm -rf "$$folder"; exit $$code

fmt: $(VENV)/.dev ## Format the code, and fix what can be fixed by a tool
	$(BIN)/ruff format $(SOURCES)
	$(BIN)/ruff check --fix $(SOURCES)

lock: $(VENV)/.dev ## Resolve the dependencies anew and pin them with hashes
	$(BIN)/uv pip compile --quiet --upgrade --universal --python-version 3.11 --generate-hashes --custom-compile-command 'make lock' --extra mcp pyproject.toml -o requirements/runtime.txt
	$(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --custom-compile-command 'make lock' -c requirements/runtime.txt --extra mcp pyproject.toml --group dev -o requirements/dev.txt

clean: ## Remove the environment, the caches and the demo's data
	rm -rf $(VENV) .calbridge .pytest_cache .mypy_cache .ruff_cache .import_linter_cache .hypothesis bench/profiles
