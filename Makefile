# `make run` and `make test` need Python 3.11 or newer and nothing else: each installs what it needs into .venv.
.DEFAULT_GOAL := help
.DELETE_ON_ERROR:

NEW_ENOUGH := -c 'import sys; sys.exit(sys.version_info < (3, 11))'
PYTHON ?= $(shell for name in python3 python3.13 python3.12 python3.11; do \
  $$name $(NEW_ENOUGH) 2>/dev/null && { command -v $$name; break; }; done)
PORT ?= 8050
ENDPOINT_PORT ?= 4566
ROWS ?= 3000000
DATA ?=
TESTS ?=
FAST := $(wildcard tests/test_*.py) tests/backend_lambdas tests/dashboard tests/assets
# Random walks and values, deaths at every call, processes and millions of cells: `make test` runs them.
LONG := $(patsubst tests/%,%,$(wildcard tests/backend_lambdas/test_walks*.py)) backend_lambdas/exports dashboard/bridge/test_tab_bridge.py dashboard/test_gunicorn_conf.py \
  dashboard/charts/test_nothing_silent.py dashboard/charts/test_charts_draw.py dashboard/filters/test_query_codec.py \
  dashboard/downloads/test_memory.py dashboard/downloads/test_routes.py dashboard/downloads/test_as_parquet.py
SUITES ?=
EMAIL ?=
GROUPS ?=
ARGS ?=

VENV := .venv
BIN := $(VENV)/bin
RUN_READY := $(VENV)/run-ready
DEV_READY := $(VENV)/dev-ready
# Once all tests have been read, two at a time: workers that read them first would each compile all that they import.
COMPILED := $(VENV)/compiled
READ := $(BIN)/python -m pytest --collect-only -qq -p no:cacheprovider
# What reads the templates as AWS would pins what Pushboard pins otherwise, so it has an environment of its own.
TEMPLATES := .venv-templates
TEMPLATES_READY := $(TEMPLATES)/ready
# So has the other imitation of AWS that they are deployed to.
ELSEWHERE := .venv-elsewhere
ELSEWHERE_READY := $(ELSEWHERE)/ready
# Otherwise checkov asks its vendor for more rules, and PyPI whether there is a newer one.
CHECKOV := env -u BC_API_KEY CKV_SKIP_PACKAGE_UPDATE_CHECK=true \
  $(TEMPLATES)/bin/checkov --framework cloudformation --skip-download --quiet --compact --file
# What runs at the same time tells one after the other, where this make can.
SYNC := $(if $(filter output-sync,$(.FEATURES)),--output-sync=target)

.PHONY: help run invite deploy publish-reports destroy test test-fast check check-elsewhere truth bench simulate
.PHONY: format lock clean types templates style reports

help: ## Tell what can be made
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-15s %s\n", $$1, $$2}' $(MAKEFILE_LIST)
	@echo
	@echo "  make run PORT=8051 ENDPOINT_PORT=4567   other ports"
	@echo "  make run DATA='trips/*.parquet'         real TLC trip files instead of simulated ones"
	@echo "  make run ROWS=100000                    a smaller sample"
	@echo "  make invite EMAIL=ana@example.com GROUPS='finance operations'"
	@echo "  make deploy ARGS=--dry-run              only tell what would be done; also of publish-reports and destroy"
	@echo "  make test TESTS=tests/dashboard         some of the tests"
	@echo "  make bench SUITES='imports exports'     some of the measurements"
	@echo "  make bench SUITES=page ARGS='--only ours-warm'   one case of the page's"
	@echo "  make bench SUITES=turn                  pages that turn when a table changes, beside pages that refresh"
	@echo "  make simulate ARGS='--viewers 3000'     a morning of so many viewers on AWS; ARGS=laptop: the suite morning"

run: $(RUN_READY) ## Serve the dashboard on sample data, all of it on this machine
	@$(BIN)/python -m infra.local --port $(PORT) --endpoint-port $(ENDPOINT_PORT) --rows $(ROWS) --hold-back $(if $(DATA),--data '$(DATA)')

invite: $(RUN_READY) ## Make an account for EMAIL in GROUPS and mail its invitation
	@$(BIN)/python -m infra.users invite '$(EMAIL)' --groups $(GROUPS)

deploy: $(RUN_READY) ## Make everything on AWS, as deploy.toml says, or bring it up to date
	@$(BIN)/python -m infra.deploy deploy $(ARGS)

publish-reports: $(RUN_READY) ## Check the reports and upload to AWS those that changed
	@$(BIN)/python -m infra.deploy publish-reports $(ARGS)

destroy: $(RUN_READY) ## Remove from AWS what was deployed, after asking
	@$(BIN)/python -m infra.deploy destroy $(ARGS)

test: $(COMPILED) ## Run every test, in a real browser too
	@$(BIN)/python -m tests.browser
	$(BIN)/python -m pytest --numprocesses auto --maxprocesses 4 --no-loadscope-reorder $(TESTS)

test-fast: $(DEV_READY) ## Run the tests that need neither a browser nor a running stack
	$(BIN)/python -m pytest --numprocesses auto --maxprocesses 4 --no-loadscope-reorder -m "not e2e" $(LONG:%=--ignore=tests/%) $(FAST)

check: $(DEV_READY) $(TEMPLATES_READY) ## Check style, types, templates, reports and jobs
	@$(MAKE) --no-print-directory --jobs=2 $(SYNC) types templates style reports

# Parts of `check`, the longest first, since two of them run at a time.
types:
	$(BIN)/mypy

templates:
	@$(TEMPLATES)/bin/python -m infra.expanded build/expanded
	@$(CHECKOV) infra/*.yaml build/expanded/*.json
	$(BIN)/cfn-lint infra/*.yaml build/expanded/*.json

style:
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/hadolint infra/image/Dockerfile

reports:
	$(BIN)/python -m infra.check

check-elsewhere: $(DEV_READY) $(ELSEWHERE_READY) ## Deploy everything to another imitation of AWS and walk through it: a minute or two
	$(BIN)/python -m pytest tests/elsewhere $(ARGS)

truth: $(DEV_READY) ## Run the documented examples of Redshift on the laptop's warehouse and count them
	@$(BIN)/python -m tests.infra.redshift_sql.truth

bench: $(DEV_READY) ## Measure ours beside the alternatives: some minutes
	@$(BIN)/python -m tests.browser
	$(BIN)/python -m tests.bench $(SUITES) $(ARGS)

simulate: $(DEV_READY) ## Simulate mornings of 100 to 100,000 viewers against AWS's published quotas: two minutes
	@$(BIN)/python -m tests.bench.simulate $(ARGS)

format: $(DEV_READY) ## Put the code into its form
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

lock: $(DEV_READY) ## Choose the newest allowed versions again
	$(BIN)/uv pip compile --quiet --upgrade --universal --python-version 3.11 --generate-hashes --no-header --no-annotate \
	  --extra lambdas --extra local pyproject.toml -o requirements/run.lock
	$(BIN)/uv pip compile --quiet --upgrade --universal --python-version 3.11 --generate-hashes --no-header --no-annotate \
	  --extra lambdas --extra local --extra dev -c requirements/run.lock pyproject.toml -o requirements/dev.lock
	$(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-header --no-annotate \
	  -c requirements/run.lock pyproject.toml -o requirements/dashboard.lock
	$(BIN)/python -c 'import tomllib; project = tomllib.load(open("pyproject.toml", "rb"))["project"]; \
	  print(*project["optional-dependencies"]["lambdas"], sep="\n")' \
	  | $(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-header --no-annotate \
	  -c requirements/run.lock - -o requirements/lambdas.lock
	$(BIN)/uv pip compile --quiet --upgrade --universal --python-version 3.11 --generate-hashes --no-header --no-annotate \
	  requirements/templates.in -o requirements/templates.lock
	$(BIN)/uv pip compile --quiet --upgrade --universal --python-version 3.11 --generate-hashes --no-header --no-annotate \
	  requirements/elsewhere.in -o requirements/elsewhere.lock
	$(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-header --no-annotate \
	  -c requirements/dev.lock requirements/install.in -o requirements/install.lock

clean: ## Remove what was installed and loaded: .venv, .venv-templates, .venv-elsewhere and var
	rm -rf $(VENV) $(TEMPLATES) $(ELSEWHERE) var

$(VENV)/bin/python:
	@test -n "$(PYTHON)" && $(PYTHON) $(NEW_ENOUGH) \
	  || { echo "Pushboard needs Python 3.11 or newer: make PYTHON=/path/to/python3.12"; exit 1; }
	@$(PYTHON) -m venv $(VENV) || { echo "Python's venv module is missing (on Debian: apt-get install python3-venv)."; exit 1; }

$(TEMPLATES_READY): requirements/templates.lock | $(VENV)/bin/python
	@echo "Installing what checks the templates into $(TEMPLATES), once:"
	@$(BIN)/python -m venv $(TEMPLATES)
	@$(TEMPLATES)/bin/python infra/install.py $<
	@touch $@

$(ELSEWHERE_READY): requirements/elsewhere.lock | $(VENV)/bin/python
	@echo "Installing another imitation of AWS into $(ELSEWHERE), once:"
	@$(BIN)/python -m venv $(ELSEWHERE)
	@$(ELSEWHERE)/bin/python infra/install.py $<
	@touch $@

$(RUN_READY): requirements/run.lock | $(VENV)/bin/python
	@echo "Installing what Pushboard needs into $(VENV), once:"
	@$(BIN)/python infra/install.py $<
	@touch $@

$(COMPILED): $(DEV_READY)
	@echo "  compiling what tests import ..."
	@{ $(READ) tests/infra tests/backend_lambdas & $(READ) --ignore=tests/infra --ignore=tests/backend_lambdas; wait; } >$@.log 2>&1
	@touch $@

$(DEV_READY): requirements/dev.lock | $(VENV)/bin/python
	@echo "Installing what Pushboard and its tests need into $(VENV), once:"
	@$(BIN)/python infra/install.py $<
	@touch $@
