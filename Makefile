# The front door. `make` alone lists what there is.
#
#   CONFIGURATION=release   optimised build; the first one takes about ten minutes, a debug build about five
#   ARGUMENTS=…             passed on to the tests or the demo, e.g. make test ARGUMENTS='--filter Retry'

CONFIGURATION ?= debug
ARGUMENTS ?=
SWIFT_BUILD = swift build --configuration $(CONFIGURATION)
STUDIO = .build/$(CONFIGURATION)/studio
# What people wrote: generated code has its generator's form.
SOURCES = Package.swift $(shell find Sources Tests -name '*.swift' -not -path '*/Generated/*')

.DEFAULT_GOAL := help
.PHONY: help setup build release test demo dev-up dev-down format lint proto clean

help: ## list the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-10s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

setup: ## install what is missing to build and to run the local stack
	@.ci/install

build: setup ## build every program
	$(SWIFT_BUILD)

release: ## build every program, optimised
	@$(MAKE) build CONFIGURATION=release

test: setup ## run every test on a real Postgres, RabbitMQ and S3, started for it and stopped after it
	@.ci/test $(ARGUMENTS)

demo: build ## start the local stack, render the sample film, print its path, stop everything
	@$(STUDIO) demo $(ARGUMENTS)

dev-up: build ## start the local stack and all programs, and leave them running
	@$(STUDIO) dev up $(ARGUMENTS)

dev-down: ## stop what dev-up started; the data stays
	@if [ -x $(STUDIO) ]; then $(STUDIO) dev down; else echo 'Nothing is built, so nothing was started.'; fi

format: ## bring the sources into form
	@swift format --in-place --parallel $(SOURCES)

lint: ## check the form of the sources and of the scripts
	@swift format lint --strict --parallel $(SOURCES)
	@for script in .ci/*; do bash -n $$script || exit 1; done

proto: ## generate Sources/StudioProto/Generated from proto/
	@proto/generate

clean: dev-down ## stop the local stack and remove everything that was built or stored
	@swift package clean
	@rm -rf .dev/stack .dev/test
