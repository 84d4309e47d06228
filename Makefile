# The manual: `make` or `make help`. Every target installs what it needs first and starts and ends its own servers.
.DEFAULT_GOAL := help
SHELL := /bin/bash
export PATH := $(CURDIR)/.venv/bin:$(CURDIR)/.state/uv/bin:$(PATH)
PACKAGES := shared/shared shared/testkit/testkit $(foreach one,intake dispatch parts feedback notifier,services/$(one)/$(one))
ARGS ?=
# four of the tests at a time on two cores: some of them wait for something; what begins last must be short
LONG := $(addprefix tests/component/,dispatch parts intake)
LONGEST_FIRST := $(wildcard tests/resilience/test_*.py) tests/end_to_end $(LONG) \
  $(filter-out $(LONG) %__pycache__,$(patsubst %/,%,$(wildcard tests/component/*/)) $(wildcard tests/component/test_*.py)) \
  tests/contract tests/unit

export DOCKER_BUILDKIT := 1
# as compose finds it: from the shell, else from .env
said = $(or $($1),$(shell scripts/said .env $1))
VERSION := $(or $(call said,AFTERSALES_VERSION),0.1.0)
export AFTERSALES_REVISION := $(or $(call said,AFTERSALES_REVISION),$(shell git rev-parse HEAD 2>/dev/null),unknown)
BUILD_ARGS := --build-arg VERSION='$(VERSION)' --build-arg REVISION='$(AFTERSALES_REVISION)' \
  $(foreach one,PYTHON_IMAGE PIP_INDEX_URL PIP_EXTRA_INDEX_URL PIP_TRUSTED_HOST,$(if $(call said,$(one)),--build-arg $(one)='$(call said,$(one))')) \
  --secret id=pip.conf,src='$(or $(call said,AFTERSALES_PIP_CONF),deploy/images/pip.conf)'
COMPOSE := docker compose -f docker-compose.yml $(if $(REPLICAS),-f docker-compose.replicas.yml)
WORKERS := $(if $(REPLICAS),intake-worker dispatch-worker parts-worker feedback-worker notifier-worker)
OBSERVERS := $(if $(filter observability,$(PROFILE)),prometheus grafana)

.PHONY: help setup setup-browser demo run clean up down token logs ps installation test test-demo test-resilience test-containers bench
.PHONY: lint format generate rules lock

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

up: installation  ## start the suite in containers (REPLICAS=2: so many APIs and workers of each; PROFILE=observability)
	@$(COMPOSE) build --quiet
	@$(COMPOSE) up --detach --remove-orphans --wait intake dispatch parts feedback notifier mail $(WORKERS) $(OBSERVERS)
	@$(COMPOSE) ps

down:  ## end the suite in containers; the data stay (ARGS=--volumes forgets them)
	@docker compose -f docker-compose.yml -f docker-compose.replicas.yml --profile observability down $(ARGS)

token:  ## a bearer token for the suite in containers (ARGS="--role agent", "--role machine --scope contacts:read")
	@$(COMPOSE) run --rm --no-deps --quiet-pull token $(ARGS)

logs:  ## follow what the containers say (ARGS="intake dispatch": only those)
	@$(COMPOSE) logs --follow --tail 100 $(ARGS)

ps:  ## which containers run, how they are, and where they listen
	@$(COMPOSE) ps --all $(ARGS)

# .env with random passwords, where there is none, and the files that follow from it
installation:
	@docker build --quiet $(BUILD_ARGS) --file services/intake/Dockerfile --tag 'aftersales-intake:$(VERSION)' . >/dev/null
	@mkdir -p .state
	@docker run --rm --network none --user "$$(id -u):$$(id -g)" --volume "$(CURDIR):$(CURDIR)" \
	  --entrypoint python 'aftersales-intake:$(VERSION)' \
	  -m shared.installation "$(CURDIR)/.env" "$(CURDIR)/.state/compose"

ifdef ARGS
test: setup-browser  ## run all tests but the long ones, on two cores (ARGS="tests/unit -k rota" runs some)
	@python -m pytest $(ARGS)
else
test: setup-browser
	@python -m pytest -q -n 4 --dist loadscope --no-loadscope-reorder $(LONGEST_FIRST)
endif

test-demo: setup  ## live through the demo as `make demo` does, and look at what it tells
	@python -m pytest -q tests/demo $(ARGS)

test-resilience: setup  ## the long fault tests, tens of minutes (ARGS="-k everything_at_once --cases=20000 --report=docs")
	@python -m pytest -q tests/resilience/long $(ARGS)

test-containers: setup  ## build the images and test the suite in containers; skipped, and said so, where no engine answers
	@python -m pytest -q tests/containers $(ARGS)

bench: setup  ## measure what the suite costs, as ratios (ARGS="--quick accept_push": smaller, only some); see docs/performance.md
	@PYTHONPATH=tests python -m benchmarks $(ARGS)

lint: setup  ## style, types and the borders between the services
	@echo "lint: style" && ruff check . && ruff format --check --quiet .
	@echo "lint: types" && mypy $(PACKAGES) tests benchmarks
	@echo "lint: borders between packages" && lint-imports --no-cache

format: setup  ## put the code into the house style
	@ruff check --fix .
	@ruff format .

generate: setup  ## write schemas, AsyncAPI, golden messages, OpenAPI documents and pages of rules from the code
	@echo "generate: asking the contracts and every service"
	@python -m testkit.published .

COMPILE := uv pip compile --quiet --universal --python-version 3.13 --generate-hashes \
           $(foreach one,shared intake dispatch parts feedback notifier,--no-emit-package aftersales-$(one)) \
           --custom-compile-command 'make lock' $(ARGS)

rules: setup  ## which rules are in force, by which code and tests (ARGS=--json, ARGS="--service parts": fails while one is missing)
	@python -m testkit.rules $(ARGS)

lock: setup  ## write the locks after a change of a range (ARGS=--upgrade takes the newest versions)
	@echo "lock: resolving for development, for each service and for the images"
	@$(COMPILE) --group dev --extra embedded --extra containers -o requirements.lock pyproject.toml shared/pyproject.toml shared/testkit/pyproject.toml services/*/pyproject.toml
	@for service in services/*/; do $(COMPILE) -o $$service/requirements.lock shared/pyproject.toml $$service/pyproject.toml; done
	@for tools in deploy/images/tools deploy/mail/requirements; do $(COMPILE) -o $$tools.lock $$tools.in; done
