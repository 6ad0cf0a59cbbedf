# Everything that a person runs. Each target sets up what it needs on a Debian machine.
#
# RocksDB is compiled once per machine: one target directory outside the checkout, one profile, one set of flags.

SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help

export CARGO_TARGET_DIR ?= $(or $(XDG_CACHE_HOME),$(HOME)/.cache)/boxoffice/target
export PATH := $(HOME)/.cargo/bin:$(PATH)
BIN := $(CARGO_TARGET_DIR)/release
PAGES := node/pages

.PHONY: help setup build pages demo cluster test contract rules browser torture faults lint bench instructions

SECONDS := 60
SEED := 1

help: ## What there is
	@grep -E '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:[^#]*## /\t/' | expand -t 14

setup: ## Installs what is missing: a C++ compiler, libclang, Rust
	@ops/setup.sh

build: setup pages ## Builds everything; the first time takes a while, because of RocksDB
	ops/patience.sh cargo build --release --locked --workspace

# What npm has put there is as new as the list of it.
pages: setup ## Builds the shop in the browser, which the node carries
	@ops/setup.sh node=nodejs npm
	@cd $(PAGES) && { [ node_modules/.package-lock.json -nt package-lock.json ] || npm ci --omit=dev --loglevel=error; }
	@node $(PAGES)/build.mjs

demo: build ## Sells a timetable to 20,000 customers and an arena to 5,000, kills the node in the middle, proves that nothing was lost
	@BIN=$(BIN) ops/demo.sh

cluster: build ## Runs three nodes on loopback, to see one die while the others sell
	@BIN=$(BIN) ops/cluster.sh

test: faults pages ## Runs every test
	ops/patience.sh cargo test --release --locked --workspace
	@$(MAKE) --no-print-directory contract rules browser

contract: build ## Judges the OpenAPI document: a linter, a generated client, and schemathesis at a running node
	@BIN=$(BIN) TOOLS=$(CARGO_TARGET_DIR)/contract ops/contract/contract.sh

rules: pages ## Tests what the pages decide without a browser
	@cd $(PAGES) && node tests/run.mjs unit

browser: build ## Tests the pages in a browser, with a running node
	@ops/setup.sh chromium || true
	@cd $(PAGES) && { [ -d node_modules/playwright-core ] || npm ci --loglevel=error; }
	@cd $(PAGES) && BIN=$(BIN) node tests/run.mjs browser

torture: faults ## Hurts three nodes while they sell, for SECONDS, as SEED says; before, as many simulated worlds
	BOXOFFICE_WORLDS=$(SECONDS) BOXOFFICE_SEED=$(SEED) \
	  cargo test --release --locked --workspace --lib -- --nocapture worlds_are_survived
	BOXOFFICE_TORTURE_SECONDS=$(SECONDS) BOXOFFICE_SEED=$(SEED) \
	  cargo test --release --locked --workspace --test node -- --nocapture a_cluster_stands_whatever_comes

# Networks and disks can be cut off by root alone; tests that need that say so where they leave themselves out.
faults: setup
	@[ "$$(id -u)" != 0 ] || ops/setup.sh ip=iproute2 iptables-legacy=iptables strace mkfs.ext4=e2fsprogs || true

lint: setup ## Formatting, lints, dependencies
	@ops/setup.sh node=nodejs npm
	@cd $(PAGES) && { [ -d node_modules/typescript ] || npm ci --loglevel=error; }
	cd $(PAGES) && npx --no-install tsc --noEmit
	cargo fmt --all --check
	ops/patience.sh cargo clippy --release --locked --workspace --all-targets -- -D warnings
	ops/deny.sh

bench: build ## Measures the node beside its peers (PEERS: the folder of their sources)
	@BIN=$(BIN) python3 ops/bench

instructions: setup ## Counts what a booking costs, in instructions, against a budget
	@ops/instructions.sh
