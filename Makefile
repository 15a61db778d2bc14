# The two commands of the README: `make run` and `make test`. Both make their own virtual environment first.
PYTHON ?= python3
VENV ?= .venv
BIN = $(VENV)/bin
READY = $(VENV)/.ready
BENCH_VENV ?= .venv-benchmarks
BENCH_BIN = $(BENCH_VENV)/bin
BENCH_READY = $(BENCH_VENV)/.ready
PYTEST = $(BIN)/python -m pytest

.PHONY: help run test test-unit test-local test-notebooks test-nbval lint types lab refresh bench lock clean

help:
	@echo "make run      every notebook headless on DynamoDB Local and PostgreSQL, with a report under runs/"
	@echo "make test     every test: lint, types, unit, local, notebooks, nbval"
	@echo "make lab      JupyterLab with engine and database up"
	@echo "make lint     ruff, mypy and the notebooks' metadata"
	@echo "make refresh  run the notebooks and rewrite their committed outputs"
	@echo "make bench    the benchmarks under benchmarks/"
	@echo "make lock     resolve requirements.lock anew (needs uv)"

run: $(READY)
	$(BIN)/workbench run

test: $(READY) lint test-unit test-local test-notebooks test-nbval

test-unit: $(READY)
	$(PYTEST) tests/unit -n 2

# The tests start the engines they need, fetched at the first time, and stop them.
test-local: $(READY)
	$(PYTEST) tests/local -n 2 --dist loadfile

test-notebooks: $(READY)
	$(PYTEST) tests/notebooks -n 2 --dist loadfile

test-nbval: $(READY)
	$(PYTEST) --nbval --nbval-current-env --nbval-cell-timeout=120 --nbval-sanitize-with=tests/notebooks/sanitize.cfg -n 2 --dist loadscope notebooks

lint: $(READY)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/nbstripout --verify --keep-output --keep-count --keep-id notebooks/*.ipynb

lab: $(READY)
	$(BIN)/workbench lab

refresh: $(READY)
	$(BIN)/python -m workbench.notebooks.refresh

# The libraries measured beside the workbench need other versions than its lock, so they have an environment of their own.
bench: $(READY) $(BENCH_READY)
	$(BIN)/python -m benchmarks.first_cell
	$(BIN)/python -m benchmarks.suite
	$(BENCH_BIN)/python -m benchmarks.exactness
	$(BENCH_BIN)/python -m benchmarks
	$(BENCH_BIN)/python -m benchmarks.document

lock:
	uv pip compile --quiet --universal --python-version 3.11 --extra test --no-header --output-file requirements.lock pyproject.toml
	uv pip compile --quiet --universal --python-version 3.11 --extra benchmarks --no-header --output-file benchmarks/requirements.lock pyproject.toml

clean:
	rm -rf $(VENV) $(BENCH_VENV) runs build dist *.egg-info .pytest_cache .mypy_cache .ruff_cache .hypothesis

$(READY): requirements.lock pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(0 if sys.version_info >= (3, 11) else "Python 3.11 or later is needed, this is " + sys.version.split()[0] + ". Name another one: make PYTHON=python3.12 ...")'
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV) || { echo "This Python cannot make a virtual environment. On Debian and Ubuntu: apt-get install python3-venv"; exit 2; }
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --requirement requirements.lock
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --editable .
	@touch $(READY)

$(BENCH_READY): $(READY) benchmarks/requirements.lock
	@test -x $(BENCH_BIN)/python || $(PYTHON) -m venv $(BENCH_VENV)
	$(BENCH_BIN)/python -m pip install --quiet --disable-pip-version-check --requirement benchmarks/requirements.lock
	$(BENCH_BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --editable .
	@touch $(BENCH_READY)
