# SPDX-License-Identifier: Apache-2.0
# Every target has one line of help; CI calls `make test`, as anybody does.

# One configuration for everything: the demo and the end-to-end tests need an optimised data plane, and building
# the dependencies twice would double the wait.
CONFIGURATION := release
# The compiler's driver has been seen to wait for ever for a child that had ended: then, and only then, once more.
SWIFT_BUILD = Scripts/build -c $(CONFIGURATION)
PLAIT := .build/$(CONFIGURATION)/plait
FUZZERS := $(patsubst Fuzz/%.swift,fuzz-%,$(wildcard Fuzz/*.swift))

.DEFAULT_GOAL := help
.PHONY: help setup build test test-core test-units test-judges test-scenarios test-e2e test-allocations test-long fuzz $(FUZZERS) bench \
	bench-growth bench-bonding simulate pictures demo demo-moves lint format clean

help: ## list the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  %-18s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

setup: ## install what building, testing and the demo need (Debian packages, a Python environment)
	@Scripts/setup

build: setup ## build plait and the tests
	$(SWIFT_BUILD) --build-tests

# What computes, on one processor each: as many at a time as there are, the longest first, and what one says stays whole.
# What has real clocks has the machine to itself.
COMPUTING = test-judges $(FUZZERS) test-scenarios test-allocations

test: build ## everything that has to pass before a change lands
	@$(MAKE) --no-print-directory lint test-units
	@$(MAKE) --no-print-directory -j$(shell nproc) --output-sync=target $(COMPUTING)
	@$(MAKE) --no-print-directory test-e2e

test-units: ## units, conversations, real kernel parts in namespaces
	@CONFIGURATION=$(CONFIGURATION) Scripts/test-units

# Captures that other decoders read without objection.
CAPTURES = $(wildcard Tests/WireTests/Captures/*.pcap) \
	$(addprefix Tests/WireTests/Captures/peers/,opmip-icmp.pcap opmip-lma-vs-rfc8278-pbu.pcap umip-nemo-explicit.pcap)

test-judges: ## other decoders read our messages and options as we do, and say no where they should
	.venv/bin/python Scripts/test-check-signalling.py
	.venv/bin/python Scripts/test-check-options.py
	.venv/bin/python Scripts/check-options.py
	.venv/bin/python Scripts/test-check-selectors.py
	.venv/bin/python Scripts/check-selectors.py --plait $(PLAIT) --dissector docs/wireshark/plait.lua \
		$(wildcard Tests/WireTests/Captures/*.pcap)
	.venv/bin/python Scripts/test-check-decoding.py
	.venv/bin/python Scripts/check-decoding.py --plait $(PLAIT) --vectors Tests/WireTests/Vectors/messages $(CAPTURES)

test-scenarios: ## bonding in virtual time is no worse than docs/simulated-bonding.md has it
	@BENCH=.build/$(CONFIGURATION)/Bench Scripts/check-scenarios

test-allocations: ## no heap allocation per packet
	.build/$(CONFIGURATION)/Bench allocations

test-core: ## the pure targets only: under a minute once built
	PLAIT_MODEL_LIVES=50 PLAIT_CORE=1 swift test --scratch-path .build-core

test-e2e: ## real daemons in network namespaces
	@Scripts/run-e2e

test-long: build ## for hours: all combinations, lives at random (LIVES=n), half an hour of fuzzing a target, a soak (SECONDS=n, SOAK=n)
	@BENCH=.build/$(CONFIGURATION)/Bench Scripts/check-scenarios --hundred
	MATRIX=all Scripts/run-e2e
	PLAIT_MODEL_LIVES=$(or $(LIVES),400000) swift test -c $(CONFIGURATION) --skip-build --filter "ModelTests|RoamingTests"
	SOAK=$(or $(SOAK),1800) Scripts/run-e2e --long
	@Scripts/fuzz $(or $(SECONDS),1800)

bench: build ## measure registrations, forwarding and the lab; results into docs/benchmarks.md
	@Scripts/bench

bench-growth: build ## what an update costs an anchor with a thousand to a million bindings, and its restart (10 min)
	@Scripts/bench-anchor.sh growth

bench-bonding: build ## one flow over two emulated lines: ours beside MPTCP, ECMP and others (1 h; N=1 SCENARIOS="S1 S4" for a part)
	@Scripts/bench-bonding $(if $(N),--repetitions $(N)) $(SCENARIOS)

pictures: setup ## runs of bonding in the lab, drawn for docs/bonding.md (2 min once built)
	$(SWIFT_BUILD) --product plait
	$(SWIFT_BUILD) --product Bench
	.venv/bin/pip install --quiet --disable-pip-version-check matplotlib==3.11.2
	.venv/bin/python Scripts/draw-bonding $(SCENARIOS)

simulate: build ## the same scenarios in virtual time (SCENARIOS="S1 random=100" for others)
	@.build/$(CONFIGURATION)/Bench simulate $(SCENARIOS)

demo: setup ## two lines become one: registers, carries traffic, loses a line in mid-download
	$(SWIFT_BUILD) --product plait
	$(PLAIT) lab demo

demo-moves: setup ## a host walks from one gateway to another in mid-upload, and keeps its address and connection
	$(SWIFT_BUILD) --product plait
	$(PLAIT) lab walk

fuzz: ## random and mutated octets into every decoder, a minute a target (SECONDS=n)
	@Scripts/fuzz $(or $(SECONDS),60)

$(FUZZERS): fuzz-%:
	@Scripts/fuzz $(or $(SECONDS),60) $*

lint: ## formatting, imports, unsafe code, shell scripts
	@Scripts/lint

format: ## rewrite the sources as the formatter wants them
	swift format --in-place --recursive --parallel Sources Tests Bench Package.swift

clean: ## remove what was built
	rm -rf .build .build-core .build-fuzz
