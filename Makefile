# make run: the app in a browser.  make test: all tests.  make check: style, types, layering.  make lock: the versions.
# make docs: the API reference, in build/reference.
PYTHON ?= python3.11
VENV ?= .venv
BIN := $(VENV)/bin
# Python compiles what is imported, a fifth of all that is installed.
INSTALL := $(BIN)/python -m pip install --quiet --disable-pip-version-check --no-compile

.PHONY: run test check style format bench docs lock clean

run: $(VENV)/.run
	$(BIN)/python -m app serve

# All parts run and report, whatever the first one finds. The model's and its analysis's also check the shapes that
# annotations say. Files run in the order of their names: the last ones, examples in docstrings, are short.
# A worker has one core: threads of BLAS or torch would wait for each other, many times as long as they work.
SHAPED := tests/model tests/analysis
CHROMIUM := tests/browser
PYTEST := OPENBLAS_NUM_THREADS=1 OMP_NUM_THREADS=1 $(BIN)/python -m pytest -n 2 --dist loadfile --no-loadscope-reorder
test: $(VENV)/.dev
	@$(BIN)/python -m tests.compiled; \
	$(PYTEST) $(addprefix --ignore=,$(SHAPED) $(CHROMIUM)); units=$$?; \
	$(PYTEST) --shapes $(SHAPED); shaped=$$?; \
	$(PYTEST) -n 3 $(CHROMIUM); browser=$$?; \
	echo "exit code of the tests without a browser: $$units; with shapes checked: $$shaped; in Chromium: $$browser"; \
	exit $$((units | shaped | browser))

check: style
	$(BIN)/python -m pytest tests/test_layers.py

style: $(VENV)/.dev node_modules/.package-lock.json
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/oxlint app
	$(BIN)/node node_modules/typescript/bin/tsc
	$(BIN)/hadolint Dockerfile

format: $(VENV)/.dev
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

docs: $(VENV)/.dev
	$(BIN)/python docs/reference.py build/reference

bench: $(VENV)/.dev
	$(BIN)/python -m tests.benchmarks

# Pins what pyproject.toml asks for; UPGRADE="--upgrade-package numpy" takes newer ones. torch pins its GPU libraries
# itself, and only some platforms have them; +cpu is the name of a build, not part of a version.
lock: $(VENV)/.dev
	CUSTOM_COMPILE_COMMAND="make lock" $(BIN)/pip-compile --quiet $(UPGRADE) --extra page --extra paper --strip-extras \
	  --no-emit-index-url --no-emit-find-links --annotation-style line --unsafe-package collapse-lab \
	  --output-file requirements.txt pyproject.toml
	sed -i -E -e 's/\+cpu//' -e '/^(nvidia|cuda|triton)-?/d' -e '/^# The following/,$$d' requirements.txt
	echo "-e ." >> requirements.txt

$(VENV)/bin/python:
	$(PYTHON) -m venv $(VENV)

$(VENV)/.run: requirements.txt pyproject.toml | $(VENV)/bin/python
	$(INSTALL) -r requirements.txt
	touch $@

$(VENV)/.dev: requirements-dev.txt requirements.txt pyproject.toml | $(VENV)/bin/python
	$(INSTALL) -r requirements-dev.txt
	touch $@ $(VENV)/.run

# TypeScript, which checks the scripts' types, comes by way of the npm that is in Node's wheel.
node_modules/.package-lock.json: package-lock.json package.json | $(VENV)/.dev
	$(BIN)/npm ci --silent

clean:
	rm -rf $(VENV) node_modules build *.egg-info .pytest_cache .ruff_cache .mypy_cache .hypothesis
