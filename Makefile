# make test: sets everything up and runs all the checks and tests. make demo: try it.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready

.PHONY: test demo check format pictures second-opinion lock clean

test: check
	$(BIN)/pytest

demo: $(READY)
	$(BIN)/grapevine demo

check: $(READY)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

format: $(READY)
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

pictures: $(READY)
	$(BIN)/python -m docs.pictures

# Servers and clients that others wrote, against ours: Bluesky's own servers (npm; node 20 or 22), PostgreSQL if there,
# mastodon_mock and tweepy. They are kept apart from .venv, whose versions they do not agree with.
OTHERS := .second-opinion
second-opinion: $(READY)
	mkdir -p $(OTHERS)
	cp tests/second_opinion/package.json $(OTHERS)/
	npm install --prefix $(OTHERS) --no-audit --no-fund
	$(BIN)/pip install --quiet --upgrade --target $(OTHERS)/mastodon mastodon_mock==0.6.1
	$(BIN)/pip install --quiet --upgrade --target $(OTHERS)/python --no-deps tweepy==4.17.0
	PYTHONPATH=$(OTHERS)/python $(BIN)/python -m pytest tests/second_opinion

# The versions that are tested, with their hashes; the address of the registry is each machine's own business.
LOCK := $(BIN)/uv pip compile pyproject.toml --quiet --universal --python-version 3.11 --generate-hashes \
	--no-emit-index-url --no-emit-find-links --custom-compile-command "make lock" --extra embedded
lock:
	test -x $(BIN)/uv || $(BIN)/pip install --quiet uv
	$(LOCK) --output-file requirements.txt
	$(LOCK) --group dev --constraint requirements.txt --output-file requirements-dev.txt

clean:
	rm -rf $(VENV) .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache

$(READY): requirements-dev.txt pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
		{ echo "Grapevine needs Python 3.11 or newer: install it, then run make PYTHON=python3.11 $(MAKECMDGOALS)"; exit 1; }
	@$(PYTHON) -c 'import ensurepip, venv' 2>/dev/null || \
		{ echo "Python's venv is missing: install it (on Debian and Ubuntu: apt install python3-venv), then run make again."; exit 1; }
	test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	$(BIN)/pip install --quiet --disable-pip-version-check --require-hashes -r requirements-dev.txt
	$(BIN)/pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .
	touch $@
