# `make` lists what there is. Everything but `setup` works in .venv, which it makes or mends first.
# ARGS goes to pytest, the demo, the preview, the verdict or the benchmarks: make test ARGS="tests/domain -k weekend".

PYTHON_OF_VENV := .venv/bin/python
ARGS ?=
PORT ?= 8080
# Tests wait for servers and schedulers, so four processes keep two cores busy; what is slow is named.
TEST_OPTIONS := --numprocesses 4 --dist worksteal --durations 10 --durations-min 5

.PHONY: help setup demo up test check format lock backtest preview verdict bench clean

help: ## List the targets.
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-9s %s\n", $$1, $$2}' Makefile

setup: ## Make .venv hold what requirements.lock says (PYTHON=/path/to/python3.12 chooses the interpreter).
	@scripts/setup.sh

demo: setup ## Run the DAG over some weeks against local servers, and show what it found.
	@$(PYTHON_OF_VENV) -m demo $(ARGS)

up: setup ## Serve the Airflow UI with the demo's data until Ctrl-C (PORT=8080).
	@$(PYTHON_OF_VENV) -m demo.up --port $(PORT)

test: setup ## Run all tests.
	@$(PYTHON_OF_VENV) -m pytest -p tests.no_skips $(TEST_OPTIONS) $(ARGS)

check: setup ## Run the linters: format, lint, types, architecture, SQL, spelling, YAML, shell.
	@scripts/check.sh

format: setup ## Format Python and SQL, and fix what can be fixed.
	@.venv/bin/ruff check --fix --quiet . ; .venv/bin/ruff format . && .venv/bin/sqlfluff fix --quiet include/sql

lock: setup ## Write requirements.lock and requirements.txt from pyproject.toml (UPGRADE=1, or UPGRADE="duckdb pandas").
	@UPGRADE="$(UPGRADE)" scripts/lock.sh && scripts/setup.sh

backtest: setup ## Say what would have been alerted (ARGS="costs.csv --sensitivities 0.5 1 2").
	@$(PYTHON_OF_VENV) -m demo.backtest $(ARGS)

preview: setup ## Show a stored alert as text, blocks and page (ARGS="2026-11-23", or a spike's, incident's or message's id).
	@$(PYTHON_OF_VENV) -m demo.preview $(ARGS)

verdict: setup ## Say what an incident was (ARGS="INCIDENT planned_activity --note 'load test'", or anomaly, false_positive).
	@$(PYTHON_OF_VENV) -m demo.give_verdict $(ARGS)

bench: setup ## Run the benchmarks, and print their ratios.
	@$(PYTHON_OF_VENV) -m benchmarks $(ARGS)

clean: ## Remove .venv, caches, and what the demo wrote under var/.
	rm -rf .venv var .mypy_cache .pytest_cache .ruff_cache .import_linter_cache .hypothesis .coverage
	find . -name __pycache__ -type d -not -path './.git/*' -prune -exec rm -rf {} +
