# The manual: `make` or `make help`. Every target installs what it needs first and starts and ends its own servers.
.DEFAULT_GOAL := help
SHELL := /bin/bash
export PATH := $(CURDIR)/.venv/bin:$(CURDIR)/.state/uv/bin:$(PATH)
PACKAGES := shared/shared shared/testkit/testkit $(foreach one,intake dispatch parts feedback notifier,services/$(one)/$(one))
ARGS ?=
LONGEST_FIRST := $(addprefix tests/,end_to_end component contract unit)

.PHONY: help setup setup-browser demo run clean test lint format generate rules lock

help:  ## show this
	@awk 'BEGIN {FS = ":.*## "} /^[a-z-]+:.*## / {printf "  make %-18s %s\n", $$1, $$2}' $(MAKEFILE_LIST)
	@printf '\n  ARGS="…" is handed on: make demo ARGS=--json, make test ARGS="tests/unit -k rota"\n'

setup:  ## install what is missing: uv, Python 3.13, the locked packages, RabbitMQ
	@scripts/setup

setup-browser:
	@scripts/setup browser

demo: setup  ## live through real calls on real servers and show who did what (ARGS=--json for one document)
	@python -m testkit.demo $(ARGS)

run: setup  ## start the suite, print its addresses and tokens; Ctrl-C ends it, the data stays
	@python -m testkit.run $(ARGS)

clean: setup  ## forget the data of `make run`
	@python -m testkit.run --forget

ifdef ARGS
test: setup-browser  ## run all tests but the long ones, on two cores (ARGS="tests/unit -k rota" runs some)
	@python -m pytest $(ARGS)
else
test: setup-browser
	@python -m pytest -q -n 2 --dist loadscope --no-loadscope-reorder $(LONGEST_FIRST)
	@python -m pytest -q tests/resilience  # kills and restarts servers: alone, so that others are not slowed
endif

lint: setup  ## style, types and the borders between the services
	@echo "lint: style" && ruff check . && ruff format --check --quiet .
	@echo "lint: types" && mypy $(PACKAGES) tests
	@echo "lint: borders between packages" && lint-imports --no-cache

format: setup  ## put the code into the house style
	@ruff check --fix .
	@ruff format .

generate: setup  ## write schemas, AsyncAPI, golden messages and OpenAPI documents from the code
	@echo "generate: asking the contracts and every service"
	@python -m testkit.published .

COMPILE := uv pip compile --quiet --universal --python-version 3.13 --generate-hashes --no-emit-package aftersales-shared \
           --custom-compile-command 'make lock' $(ARGS)

rules: setup  ## which rules of the rule book are in force, and which test proves each (ARGS=--json)
	@python -m testkit.rules $(ARGS)

lock: setup  ## write the locks after a change of a range (ARGS=--upgrade takes the newest versions)
	@echo "lock: resolving for development and for each service"
	@$(COMPILE) --group dev -o requirements.lock pyproject.toml shared/pyproject.toml shared/testkit/pyproject.toml services/*/pyproject.toml
	@for service in services/*/; do $(COMPILE) -o $$service/requirements.lock shared/pyproject.toml $$service/pyproject.toml; done
