# Each target does its own set-up: Python 3.11 or later is all that must be there.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
# uv installs the same versions, several times as fast, where it is on the path.
INSTALL := $(if $(shell command -v uv),uv pip install --python $(BIN)/python,$(BIN)/pip install)

.PHONY: dashboard test check format hooks wheel release-check benchmarks screenshots samples clean

$(VENV)/.dashboard: requirements.txt constraints.txt
	$(PYTHON) -m venv $(VENV)
	$(INSTALL) --quiet -r requirements.txt -c constraints.txt
	touch $@

$(VENV)/.test: requirements-dev.txt requirements.txt constraints.txt
	$(PYTHON) -m venv $(VENV)
	$(INSTALL) --quiet -r requirements-dev.txt -c constraints.txt
	touch $@ $(VENV)/.dashboard

dashboard: $(VENV)/.dashboard
	$(BIN)/streamlit run dashboard.py

check: $(VENV)/.test
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports --no-logo

test: check
	$(BIN)/pytest -n auto --dist loadfile

format: $(VENV)/.test
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

hooks: $(VENV)/.test
	$(INSTALL) --quiet pre-commit
	$(BIN)/pre-commit install

wheel: $(VENV)/.test
	$(BIN)/python -m hatchling build

# A part of `make test`: the wheel in an environment of its own, started from an empty folder, and
# every page opened in Chromium.
release-check: wheel
	ALEXCORE_REQUIRE_BROWSER=1 $(BIN)/pytest tests/test_wheel.py

benchmarks: $(VENV)/.test
	$(BIN)/python -m benchmarks

screenshots: $(VENV)/.test
	$(BIN)/python -m tests.browser.screenshots docs/screenshots

samples: $(VENV)/.dashboard
	$(BIN)/python -m alexcore demo-data --samples

clean:
	rm -rf $(VENV) .mypy_cache .ruff_cache .pytest_cache .import_linter_cache dist data runs
