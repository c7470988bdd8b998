# make run | make test | make check | make demo: each installs what it needs first.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
JOBS ?= $(shell nproc 2>/dev/null || echo 2)
# Each takes neighbouring tests, which share what they set up, and helps the others in the end.
TOGETHER := -n $(JOBS) --dist worksteal
IMAGE ?= pionne-feedback
ENGINE ?= $(firstword $(foreach each,docker podman buildah,$(shell $(each) info >/dev/null 2>&1 && echo $(each))))
UV_COMPILE := $(BIN)/uv pip compile --universal --python-version 3.11 --generate-hashes \
	--no-emit-index-url --quiet --custom-compile-command "make requirements"

# The locks are complete and are installed as they are: nothing is resolved, because pip looks past a
# pin for an extra that a newer release of a dependency names; nothing is built, because what builds
# is pinned nowhere. `pip check` then tells whether the lock was complete.
define install_lock
@echo "Installing the $$(grep -c '^[a-z0-9].*==' $(1)) pinned packages of $(1) into $(VENV), in a minute or two:"
@$(BIN)/python -m pip install --disable-pip-version-check --no-input --require-hashes --no-deps \
	--only-binary :all: -r $(1)
@$(BIN)/python -m pip check || { echo "If a package was left by an older version: make clean, and again." >&2; exit 1; }
endef
# Of pip's own variables, those that would install something else, or elsewhere.
unexport PIP_CONSTRAINT PIP_EDITABLE PIP_NO_BINARY PIP_PREFIX PIP_REQUIREMENT PIP_ROOT PIP_TARGET PIP_USER

.PHONY: help install package run migrate demo doctor retention test check format lint types imports docs conformance tour \
	requirements bench capacity image clean

help: ## Show what can be made
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 16

install: $(VENV)/.installed $(BIN)/pionne-feedback ## Create .venv with the pinned dependencies

run: install ## Serve on http://127.0.0.1:8000 (HOST, PORT)
	@exec $(BIN)/pionne-feedback

migrate: install ## Create the database, or bring its tables up to date
	@$(BIN)/pionne-feedback db upgrade

demo: migrate ## Fill a demo project and print curl lines to paste
	@$(BIN)/pionne-feedback demo

doctor: install ## Say what is wrong with this instance, and what to do
	@$(BIN)/pionne-feedback doctor

retention: migrate ## Delete what is older than the settings allow
	@$(BIN)/pionne-feedback retention run

test: $(VENV)/.installed-dev ## Run all tests (JOBS at a time)
	@echo "Running all tests with $(JOBS) processes, which takes some minutes:"
	@$(BIN)/pytest $(TOGETHER)

check: $(VENV)/.installed-dev lint types imports ## Format, lint, types, imports, tests with coverage
	$(BIN)/pytest $(TOGETHER) --cov --cov-report=term-missing:skip-covered

lint: $(VENV)/.installed-dev
	$(BIN)/black --check --diff --quiet --line-length 100 .
	$(BIN)/isort --check-only --quiet .
	$(BIN)/flake8
	$(BIN)/codespell

types: $(VENV)/.installed-dev
	$(BIN)/mypy

imports: $(VENV)/.installed-dev
	$(BIN)/lint-imports

format: $(VENV)/.installed-dev ## Format the code
	$(BIN)/isort .
	$(BIN)/black --quiet --line-length 100 .

docs: $(VENV)/.installed-dev ## Print the settings into docs/configuration.md
	PYTHONPATH=. $(BIN)/python docs/write_settings.py

conformance: $(VENV)/.installed-dev ## Send the vectors of the Sentry dialect, and print what holds into docs/sentry-conformance.md
	$(BIN)/python -m tests.sentry.conformance

tour: $(VENV)/.installed-dev ## Take the screenshots of docs/tour.md, from the demo
	$(BIN)/python docs/make_tour.py

requirements: $(VENV)/.installed-dev ## Pin the newest versions that setup.cfg allows
	$(UV_COMPILE) --upgrade setup.cfg -o requirements.txt
	$(UV_COMPILE) --upgrade setup.cfg --extra dev -c requirements.txt -o requirements-dev.txt

package: $(VENV)/.installed-dev ## Build the wheel into dist/
	@rm -rf build dist pionne_feedback.egg-info
	@$(BIN)/python -m pip wheel --quiet --disable-pip-version-check --no-index --no-deps --no-build-isolation \
		--wheel-dir dist .
	@rm -rf build pionne_feedback.egg-info && ls dist/*

# Tables to stdout, progress to stderr. BENCH=--quick for a short run.
bench: $(VENV)/.installed-dev ## Measure speed and size: the ladder of routes, a million rows, the console, many releases
	$(BIN)/python -m bench.ladder $(BENCH)
	$(BIN)/python -m bench.scale $(BENCH)
	$(BIN)/python -m bench.console $(BENCH)
	$(BIN)/python -m bench.releases $(BENCH)
	$(BIN)/python -m bench.release_reads $(BENCH)

# ENGINE is docker, podman or buildah: the first that works, unless said. BASE and BUILD (more options)
# are for where no registry is reached: docs/container.md. Podman's own format keeps no health check.
image: ## Build the container image (BASE, IMAGE, ENGINE)
	@test -n "$(ENGINE)" || { echo "docker, podman or buildah is needed, and none works here." >&2; exit 1; }
	BUILDAH_FORMAT=docker DOCKER_BUILDKIT=1 $(ENGINE) build --file Containerfile --tag $(IMAGE) \
		$(if $(BASE),--build-arg BASE=$(BASE)) $(BUILD) .

capacity: $(VENV)/.installed-dev ## Measure what a request costs on SQLite and PostgreSQL (docs/scaling.md)
	$(BIN)/python -m bench.capacity

clean: ## Remove .venv and caches; instance/ stays
	rm -rf $(VENV) .mypy_cache .pytest_cache .hypothesis .import_linter_cache .coverage

$(VENV)/bin/python:
	@$(PYTHON) -c 'import sys; sys.version_info >= (3, 11) or sys.exit("Python 3.11 or newer is needed: make run PYTHON=python3.12")'
	@echo "Making $(VENV) with $(PYTHON)."
	@$(PYTHON) -m venv $(VENV)

$(VENV)/.installed: requirements.txt | $(VENV)/bin/python
	$(call install_lock,$<)
	@touch $@

$(VENV)/.installed-dev: requirements-dev.txt | $(VENV)/bin/python
	$(call install_lock,$<)
	@touch $@ $(VENV)/.installed

# The command `pionne-feedback`, as installing the wheel would make it, of the code of this folder.
# Like pip's own it starts with sh, because a path in `#!` must be short and without blanks.
$(BIN)/pionne-feedback: Makefile | $(VENV)/bin/python
	@printf '%s\n' '#!/bin/sh' "'''exec' \"$(CURDIR)/$(BIN)/python\" \"\$$0\" \"\$$@\"" "' '''" 'import sys' \
		'sys.path.insert(0, "$(CURDIR)")' 'from app.entrypoints.command_line import main' 'main()' > $@.new
	@chmod 755 $@.new && mv $@.new $@
