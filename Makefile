# Two commands do everything on a fresh machine: `make run` and `make test`.
PYTHON ?= python3
VENV ?= .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check -q

.PHONY: run test check format bench lock translations clean

run: $(VENV)/.runtime ## a federation of five nodes on this machine, to be searched in the browser
	$(BIN)/lonja demo

test: $(VENV)/.all ## all tests; what this machine cannot run is skipped with its reason
	$(BIN)/python -m pytest -n 2 --dist loadgroup -m "not e2e"
	$(BIN)/python -m pytest -n 2 --dist loadfile -m e2e

check: $(VENV)/.all ## style, types, layers, spelling
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/codespell README.md CHANGELOG.md docs

format: $(VENV)/.all
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

bench: $(VENV)/.all ## figures and ratios, never a gate
	$(BIN)/python -m tests.bench

lock: ## pin every package with its hashes, without index addresses
	$(BIN)/uv pip compile -q --universal --python-version 3.11 --generate-hashes --no-header \
	  --no-emit-index-url --no-annotate pyproject.toml --group build -o requirements/runtime.txt
	$(BIN)/uv pip compile -q --universal --python-version 3.11 --generate-hashes --no-header \
	  --no-emit-index-url --no-annotate pyproject.toml --extra opensearch --extra oidc --group build --group test --group lint \
	  -o requirements/all.txt

$(VENV)/bin/python:
	$(PYTHON) -m venv $(VENV)

$(VENV)/.runtime: requirements/runtime.txt pyproject.toml | $(VENV)/bin/python
	$(PIP) install --require-hashes -r requirements/runtime.txt
	$(PIP) install --no-deps --no-build-isolation -e .
	touch $@

$(VENV)/.all: requirements/all.txt pyproject.toml | $(VENV)/bin/python
	$(PIP) install --require-hashes -r requirements/all.txt
	$(PIP) install --no-deps --no-build-isolation -e .
	touch $@ $(VENV)/.runtime

translations: $(VENV)/.all ## bring the catalogues up to date with the program's sentences
	$(BIN)/pybabel -q extract -F babel.cfg -k UserError -k Sentence --no-location --sort-output -o $(VENV)/messages.pot .
	$(BIN)/pybabel -q update -i $(VENV)/messages.pot -d node/translations -N --ignore-obsolete --no-wrap --ignore-pot-creation-date

clean:
	rm -rf $(VENV) .mypy_cache .ruff_cache .pytest_cache dist lonja-demo
