# Two commands do everything on a fresh machine: `make demo` and `make test`. Both set up what they need first.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready
CORES := $(shell nproc 2>/dev/null || echo 2)
# More threads than cores make OpenMP spin instead of work. On cores shared with other work OMP_WAIT_POLICY=PASSIVE helps;
# on quiet ones it doubles the time.
export OMP_NUM_THREADS ?= $(CORES)
export TOKENIZERS_PARALLELISM := false
export HF_HUB_OFFLINE := 1

.PHONY: demo test lint types bench chromium postgres clean

demo: $(READY)  ## Answer LIMA's question in the built-in laboratory; resumes if it was interrupted
	$(BIN)/thousand lab build lab
	$(BIN)/thousand run recipes/lab.yaml --out runs/lab

# A process of tests for each core, each with one thread: the tests of a file stay together, and share what they build.
test: lint types chromium postgres  ## Everything that must hold: lint, types, the import contract, tests
	OMP_NUM_THREADS=1 $(BIN)/pytest --numprocesses $(CORES) --maxprocesses 4 --dist loadscope --no-loadscope-reorder

lint: $(READY)
	$(BIN)/ruff check src tests benchmarks
	$(BIN)/ruff format --check src tests benchmarks
	$(BIN)/lint-imports

types: $(READY)
	$(BIN)/mypy

bench: $(READY)  ## The measurements behind docs/performance.md and the laboratory's second world; some twenty minutes
	$(BIN)/python benchmarks/second_world.py
	$(BIN)/python benchmarks/controls.py

# The report's tests open it in a real browser.
chromium:
	@command -v chromium >/dev/null || command -v chromium-browser >/dev/null || { \
	  if [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null; then \
	    apt-get update -qq && apt-get install -y -qq --no-install-recommends chromium fonts-dejavu-core; \
	  else \
	    echo "The browser tests need Chromium: install it (Debian: apt-get install chromium) and run make test again."; exit 1; \
	  fi; }

# The desk's tests start a PostgreSQL server of their own, and kill what writes to it.
postgres:
	@ls /usr/lib/postgresql/*/bin/initdb >/dev/null 2>&1 || command -v initdb >/dev/null || { \
	  if [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null; then \
	    apt-get update -qq && apt-get install -y -qq --no-install-recommends postgresql; \
	  else \
	    echo "The desk's tests need PostgreSQL: install it (Debian: apt-get install postgresql) and run make test again."; exit 1; \
	  fi; }

$(READY): pyproject.toml constraints.txt
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "Thousand needs Python 3.11 or newer: make PYTHON=python3.11 ..."; exit 1; }
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --constraint constraints.txt --editable '.[dev]'
	@touch $(READY)

clean:
	rm -rf $(VENV) lab runs
