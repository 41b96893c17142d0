# make run: the gateway on 127.0.0.1:8080 with a demo org.  make test: everything that is checked.
PYTHON ?= python3
PORT ?= 8080
VENV := .venv
BIN := $(VENV)/bin

.PHONY: run test lint types imports docs pytest faults clients laws bench bench-large bench-chainloop bench-github bench-gitlab manifests clean

run: $(VENV)/.installed
	mkdir -p .run
	$(BIN)/deployment-gateway serve --demo --port $(PORT) --database-url sqlite:///.run/demo.db

test: lint types imports pytest

lint: $(VENV)/.test-installed
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

types: $(VENV)/.test-installed
	$(BIN)/mypy

imports: $(VENV)/.test-installed
	$(BIN)/lint-imports

docs: $(VENV)/.test-installed
	$(BIN)/python -m tests.docs.tables

pytest: $(VENV)/.test-installed
	$(BIN)/python -m pytest -n auto --dist loadfile

laws: $(VENV)/.test-installed
	$(BIN)/python -m pytest -n auto tests/laws/long_run.py

clients: $(VENV)/.test-installed
	$(BIN)/python -m pytest -rs tests/clients

$(VENV)/bin/python:
	$(PYTHON) -m venv $(VENV)

# What pip does with all that it installs, but not with a checkout.
COMPILE := $(BIN)/python -m compileall -q gateway adapters

$(VENV)/.installed: pyproject.toml | $(VENV)/bin/python
	$(BIN)/python -m pip install --quiet --editable .
	$(COMPILE)
	touch $@

$(VENV)/.test-installed: pyproject.toml | $(VENV)/bin/python
	$(BIN)/python -m pip install --quiet --editable '.[test]'
	$(COMPILE)
	touch $@ $(VENV)/.installed

manifests: $(VENV)/.test-installed
	$(BIN)/python -m tests.deploy.engines

bench: $(VENV)/.test-installed
	$(COMPILE)
	$(BIN)/python -m bench.speed

# Faults, the long ones too. One needs pgbouncer, two mount file systems, which takes root; each
# fails by its name where it cannot.
faults: $(VENV)/.test-installed
	$(BIN)/python -m pytest tests/faults faults

bench-large: $(VENV)/.test-installed
	$(BIN)/python -m bench.large

bench-chainloop: $(VENV)/.test-installed
	$(BIN)/python -m bench.chainloop
	$(BIN)/python -m bench.chainloop --postgresql

bench-github: $(VENV)/.test-installed
	$(BIN)/python -m bench.github

bench-gitlab: $(VENV)/.test-installed
	$(BIN)/python -m bench.gitlab
	$(BIN)/python -m bench.gitlab --postgresql

clean:
	rm -rf $(VENV) .run dist
