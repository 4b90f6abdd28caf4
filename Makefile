# Everything a contributor runs. Each target sets up .venv by itself; nothing outside this folder is changed.
# It needs Python 3.11 or later with its venv module, git, and make; without ssh-keygen and strace some tests are left out,
# and say so. `make interop` alone needs Node with npm, a C compiler and libical too; `make pages` Node with npm,
# Chromium, Pango and poppler-utils.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
# All tests on all cores; ARGS="-n 0" runs them in one process, as a debugger wants it.
PYTEST := -m pytest -n auto --dist worksteal
READY := $(VENV)/.ready
TOOLS := build/tools
CALENDARS := $(foreach tool,khal calendar-readers calendar-sync node libical,$(TOOLS)/$(tool)/.ready)
# Wheels and demos must not depend on what the caller happens to have switched on.
export PYTHONPATH :=
export PYTHONDONTWRITEBYTECODE :=
export PIP_DISABLE_PIP_VERSION_CHECK := 1

.DEFAULT_GOAL := help
.PHONY: help setup demo test check format schemas fuzz bench bench-smoke coverage wheel-test interop pages tools lock clean distclean

help:  ## Show this list
	@awk 'BEGIN {FS = ":.*  ## "} /^[a-z-]+:.*  ## / {printf "  make %-12s %s\n", $$1, $$2}' Makefile

setup: $(READY)  ## Make .venv from the lock (every other target does this by itself)

$(READY): requirements/dev.txt pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { \
	  echo "carectl needs Python 3.11 or later; $(PYTHON) is $$($(PYTHON) --version 2>/dev/null || echo not installed)." >&2; \
	  echo "If another one is installed: make PYTHON=python3.12 $(MAKECMDGOALS)" >&2; exit 1; }
	@test -x $(BIN)/pip || $(PYTHON) -m venv --clear $(VENV) || { \
	  echo "$(PYTHON) cannot make a virtual environment: its venv or ensurepip module is missing." >&2; \
	  echo "On Debian and Ubuntu that is a package of its own: apt install python3-venv" >&2; exit 1; }
	@echo "Setting up $(VENV) from requirements/dev.txt …"
	@$(BIN)/python -m pip install --quiet --requirement requirements/dev.txt
	@$(BIN)/python -m pip install --quiet --no-deps --no-build-isolation --editable .
	@touch $@

demo: $(READY)  ## Check the example caseload and make a plan, a letter and a calendar of it
	@CARECTL="$(CURDIR)/$(BIN)/carectl" sh examples/demo.sh build/demo

test: $(READY) $(TOOLS)/khal/.ready  ## Run every test but those of interop
	@PATH="$(CURDIR)/$(TOOLS)/khal/bin:$$PATH" $(BIN)/python $(PYTEST) $(ARGS)

coverage: $(READY) $(TOOLS)/khal/.ready  ## Run every test and state the coverage of branches
	@$(BIN)/python -m coverage erase
	@PATH="$(CURDIR)/$(TOOLS)/khal/bin:$$PATH" $(BIN)/python -m coverage run $(PYTEST) $(ARGS)
	@$(BIN)/python -m coverage combine --quiet
	@$(BIN)/python -m coverage report --skip-covered

check: $(READY)  ## Lint, format, types, and drift of what is generated
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/python -m carectl.caseload.schema --check
	$(BIN)/python -m carectl.commands.explain --check

format: $(READY)  ## Format the code and mend what the linter can
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

schemas: $(READY)  ## Write schemas/, the format reference and the page of codes anew
	$(BIN)/python -m carectl.caseload.schema
	$(BIN)/python -m carectl.commands.explain

fuzz: $(READY)  ## Read 200,000 damaged files (or COUNT) and say how many ran
	@set -e; for file in tests/fuzz/fuzz_*.py; do \
	  $(BIN)/python -m tests.fuzz.$$(basename $$file .py) --count $(or $(COUNT),200000); done

bench: $(READY) $(TOOLS)/beancount/.ready  ## Measure speed against hledger and beancount, beside the budgets (minutes)
	@$(BIN)/python benchmarks/run.py $(ARGS)

bench-smoke: $(READY) $(TOOLS)/beancount/.ready  ## Run every benchmark once on little data (seconds; its figures mean nothing)
	@$(BIN)/python benchmarks/run.py --smoke $(ARGS)

wheel-test: $(READY)  ## Build the wheel, install it into an empty environment, and run the demo with it
	@$(BIN)/python -m pytest -m wheel $(ARGS)

interop: $(READY) $(CALENDARS)  ## Let the calendar programs of others read our feeds, and print what each showed
	@$(BIN)/python -m pytest -m interop tests/interop $(ARGS)

pages: $(READY) $(TOOLS)/pdf/.ready $(TOOLS)/browser/.ready  ## Look at our pages in Chromium with axe, and at our PDFs
	@$(BIN)/python -m pytest -m browser tests/browser $(ARGS)

tools: $(TOOLS)/khal/.ready $(TOOLS)/beancount/.ready  ## Install the programs that tests and benchmarks compare with

$(TOOLS)/%/.ready: requirements/%.txt | $(READY)
	@echo "Setting up $* for comparison …"
	@$(BIN)/python -m venv --clear $(@D)
	@$(@D)/bin/python -m pip install --quiet --requirement $<
	@touch $@

define NODE_TOOL
$(TOOLS)/$(1)/.ready: tests/$(2)/package.json tests/$(2)/package-lock.json
	@command -v npm >/dev/null || { \
	  echo "This needs Node 20 or later with npm. On Debian and Ubuntu: apt install nodejs npm" >&2; exit 1; }
	@echo "Setting up $(1) for comparison …"
	@mkdir -p $$(@D)
	@cp $$^ $$(@D)
	@npm ci --prefix $$(@D) --cache $(TOOLS)/npm --ignore-scripts --no-audit --no-fund --loglevel error >/dev/null
	@touch $$@
endef
$(eval $(call NODE_TOOL,node,interop))
$(eval $(call NODE_TOOL,browser,browser))

$(TOOLS)/libical/.ready: tests/interop/read_with_libical.c
	@pkg-config --exists libical || { \
	  echo "make interop needs libical and a C compiler. On Debian and Ubuntu:" >&2; \
	  echo "apt install libical-dev gcc libc6-dev pkg-config" >&2; exit 1; }
	@echo "Setting up libical for comparison …"
	@mkdir -p $(@D)
	@$(CC) -O1 -Wall -Wextra -Werror -o $(@D)/read_with_libical $< $$(pkg-config --cflags --libs libical)
	@touch $@

lock: | $(READY)  ## Write requirements/*.txt anew with the newest versions that pyproject.toml allows (Python 3.11)
	@$(BIN)/python requirements/lock.py

clean:  ## Remove what the other targets made, except .venv
	rm -rf build dist .cache .coverage .coverage.* .hypothesis .mypy_cache .pytest_cache .ruff_cache
	find carectl tests benchmarks -name __pycache__ -type d -prune -exec rm -rf {} +

distclean: clean  ## … and .venv as well
	rm -rf $(VENV)
