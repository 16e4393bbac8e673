# The commands of the project; README.md says what each is for.
PYTHON ?= $(shell command -v python3.11 || command -v python3)
PORT ?= 8000
VENV := .venv
RUN := $(VENV)/bin/python

export PORT
export PIP_DISABLE_PIP_VERSION_CHECK = 1

.PHONY: run run-services test test-services check bench pictures assets \
	check-format check-lint check-types check-floors check-migrations check-templates check-tests \
	format audit clean

# --- Running -------------------------------------------------------------------------------------------------

run: $(VENV)/.runtime assets
	@exec $(RUN) -m tools.serve

run-services: $(VENV)/.runtime assets
	@exec $(RUN) -m tools.serve_services

# --- Tests and checks ----------------------------------------------------------------------------------------

test: $(VENV)/.dev assets
	@$(RUN) -m tools.run_tests $(TESTS)

test-services: $(VENV)/.dev assets
	@$(RUN) -m tools.run_tests --only services

check: check-format check-lint check-types check-floors check-migrations check-templates check-tests
	@echo "make check: everything passed"

check-format: $(VENV)/.dev
	$(VENV)/bin/ruff format --check .

check-lint: $(VENV)/.dev
	$(VENV)/bin/ruff check .

check-types: $(VENV)/.dev
	$(VENV)/bin/mypy

check-floors: $(VENV)/.dev
	$(VENV)/bin/lint-imports

check-migrations: $(VENV)/.dev
	$(RUN) manage.py makemigrations --check --dry-run

check-templates: $(VENV)/.dev assets
	$(VENV)/bin/djlint templates --lint --quiet
	$(RUN) -m tools.compile_templates

check-tests: $(VENV)/.dev assets
	$(RUN) -m tools.run_tests --everything $(TESTS)

# Rewrites the files in place.
format: $(VENV)/.dev
	$(VENV)/bin/ruff format .
	$(VENV)/bin/ruff check --fix .

audit: $(VENV)/.dev
	$(VENV)/bin/pip-audit -r requirements.txt

# --- Figures and pictures ------------------------------------------------------------------------------------

bench: $(VENV)/.dev assets
	$(RUN) -m bench

pictures: $(VENV)/.dev assets
	$(RUN) -m tools.pictures

# --- What the rest stands on ---------------------------------------------------------------------------------

$(VENV)/bin/python:
	@"$(PYTHON)" -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Python 3.11 or newer is needed")'
	"$(PYTHON)" -m venv $(VENV)

$(VENV)/.runtime: requirements.txt | $(VENV)/bin/python
	$(RUN) -m pip install --quiet --requirement requirements.txt
	@touch $@

$(VENV)/.dev: requirements-dev.txt requirements.txt | $(VENV)/bin/python
	$(RUN) -m pip install --quiet --requirement requirements-dev.txt
	@touch $(VENV)/.runtime $@

assets: $(VENV)/.runtime
	@$(RUN) -m tools.assets

clean:
	rm -rf $(VENV) node_modules static/vendor var
