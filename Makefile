# make run    everything, from a bare checkout to a served page (PORT=8000)
# make test   the whole suite, on embedded servers of its own
# make check  lint, types, import arrows
# make venv   install only
# make lock   resolve the two lock files again (needs uv)
# make audit  what it is made of: known weaknesses, licences, a list of all (build/sbom.cdx.json)
# make bench  the benchmarks, each beside what it is compared with

PYTHON ?= python3
PORT ?= 8000
VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip install --quiet --disable-pip-version-check

.PHONY: run venv test check lock audit bench clean

# exec: a Ctrl-C reaches callcenter itself, and no shell is left between.
run: $(VENV)/.run
	@exec $(BIN)/python -m ccm.cli up --port $(PORT)

venv: $(VENV)/.dev

$(VENV)/.run: requirements.lock pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit("Python 3.11 or newer is needed: make PYTHON=python3.11" if sys.version_info < (3, 11) else 0)'
	@test -x $(BIN)/pip || $(PYTHON) -m venv $(VENV)
	@echo "Installing into $(VENV)"
	@$(PIP) --require-hashes -r requirements.lock
	@$(PIP) --no-deps --no-build-isolation --editable .
	@touch $@

$(VENV)/.dev: $(VENV)/.run requirements-dev.lock
	@$(PIP) --require-hashes -r requirements-dev.lock
	@touch $@

test: $(VENV)/.dev
	$(BIN)/python -m pytest

check: $(VENV)/.dev
	$(BIN)/python -m ruff check .
	$(BIN)/python -m ruff format --check .
	$(BIN)/lint-imports
	$(BIN)/python -m mypy

lock:
	uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url \
	    --custom-compile-command "make lock" --extra build pyproject.toml -o requirements.lock
	uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url \
	    --custom-compile-command "make lock" --extra build --extra dev -c requirements.lock pyproject.toml -o requirements-dev.lock

audit: $(VENV)/.dev
	$(BIN)/python -m tests.heavy.supply

bench: $(VENV)/.dev
	$(BIN)/python -m benchmarks $(if $(ROWS),--rows $(ROWS))

clean:
	rm -rf $(VENV) build *.egg-info
