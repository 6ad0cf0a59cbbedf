#!/usr/bin/env bash
# Holds deny.toml: what may come in as a dependency, under which licences and from where; and what is known to be wrong with it,
# where the database of advisories can be reached. Installs cargo-deny where it is missing.
set -euo pipefail
cd "$(dirname "$0")/.."
version=0.20.2
database=120 # seconds that fetching the advisories may take

if [ "$(cargo deny --version 2>/dev/null || true)" != "cargo-deny $version" ]; then
  echo "installing cargo-deny $version: two minutes, once per machine"
  # Not optimized: it compiles in half the time, and runs for seconds.
  cargo install --locked --debug --force --version "$version" cargo-deny
fi

cargo deny --locked check --hide-inclusion-graph bans licenses sources
if timeout "$database" cargo deny --locked fetch db; then
  cargo deny --locked check --hide-inclusion-graph --disable-fetch advisories
else
  echo "ADVISORIES WERE NOT CHECKED: their database (github.com/rustsec/advisory-db) cannot be reached from here." >&2
fi
