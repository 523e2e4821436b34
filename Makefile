# Two commands do everything from a bare Python 3.11 and make:
#   make run    the national oximeter scenario, from nothing to figures and verdicts
#   make test   the test suite
# Also: make check (static checks), make verify (slow tests), make coverage, make bench, make lock,
# make campaigns (run every scenario and rebuild the pages that report them), and make study (the
# statistics on experiments whose truth is known, and their page).

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
SHELL := bash
READY := $(VENV)/.ready

# The suites start many processes: each would compile all modules again if none may be kept.
unexport PYTHONDONTWRITEBYTECODE
# A file's tests stay together, and files are begun in the order of tests/conftest.py.
PYTEST := $(BIN)/python -m pytest -n 2 --dist loadfile --no-loadscope-reorder

.PHONY: run test check verify coverage bench campaigns study lock clean

$(READY): requirements.lock pyproject.toml
	$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Postroad needs Python 3.11 or newer")'
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -r requirements.lock
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	touch $@

run: $(READY)
	$(BIN)/postroad run scenarios/oximeters-2023.toml --overwrite

test: $(READY)
	$(PYTEST)

check: $(READY)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

verify: $(READY)
	$(PYTEST) -m slow

# Which branches of sim the default suite takes. Each process leaves a file: erased before, and after.
coverage: $(READY)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -r tools/requirements-coverage.txt
	$(BIN)/python -m coverage erase
	$(BIN)/python -m coverage run -m pytest -p no:xdist
	$(BIN)/python -m coverage combine --quiet
	$(BIN)/python -m coverage report --skip-covered --show-missing

bench: $(READY)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -r requirements-routing.lock
	$(BIN)/python benchmarks/national.py
	$(BIN)/python benchmarks/experiments.py
	$(BIN)/python benchmarks/routing.py

campaigns: $(READY)
	$(BIN)/postroad run scenarios/*.toml --out results/campaigns --overwrite
	$(BIN)/python tools/build_campaigns.py results/campaigns

study: $(READY)
	$(BIN)/python tools/study_statistics.py

# Resolve the newest versions that pyproject.toml allows, and write them down without any address.
lock:
	rm -rf .venv-lock
	$(PYTHON) -m venv .venv-lock
	.venv-lock/bin/python -m pip install --quiet -e '.[dev]' hatchling editables
	{ echo '# Versions of everything that make installs; written by make lock.'; \
	  .venv-lock/bin/python -m pip freeze --exclude-editable; } > requirements.lock
	.venv-lock/bin/python -m pip install --quiet -e '.[routing]'
	{ echo '# What make bench adds; written by make lock.'; \
	  .venv-lock/bin/python -m pip freeze --exclude-editable \
	  | grep -v -x -F -f <(tail -n +2 requirements.lock) || true; } > requirements-routing.lock
	rm -rf .venv-lock

clean:
	rm -rf $(VENV) .venv-lock .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache
