#!/usr/bin/env bash
# Runs a command of cargo, and tells on standard error how far RocksDB is while that is compiled: it takes most of the first
# build, and cargo shows one crate meanwhile. Says nothing where RocksDB is there already.
set -euo pipefail
target=${CARGO_TARGET_DIR:?the folder that cargo builds into}
every=${PATIENCE_EVERY:-20} # seconds from one look to the next
begun=$(mktemp)
# Files are stamped by a clock that ticks every 10 ms at most: what is written from here on is newer than `begun`.
sleep 0.02

# Objects that were compiled since this began.
compiled() { find "$target/release/build" -path '*/librocksdb-sys-*/out/*.o' -newer "$begun" 2>/dev/null | wc -l; }

# All there are to compile, once cargo has fetched the crate that names them.
all() {
  find "${CARGO_HOME:-$HOME/.cargo}/registry/src" -maxdepth 3 -path '*/librocksdb-sys-*/rocksdb_lib_sources.txt' \
    -exec grep -c . {} + 2>/dev/null | sed 's/.*://' | sort -n | tail -1
}

tell() {
  # A folder that goes away while it is walked, or is not there yet, is no reason to stop telling.
  set +e +o pipefail
  local first=0 since=0 before=0 now of
  # Nobody waits for a sleep that outlives this: it holds none of their pipes.
  while sleep "$every" <&- >&- 2>&-; do
    now=$(compiled)
    # Nothing yet, or nothing more.
    if [ "$now" = "$before" ]; then continue; fi
    if [ "$first" = 0 ]; then first=$now since=$SECONDS; fi
    before=$now of=$(all) left=
    if [ -n "$of" ] && [ "$now" -ge $((first + 10)) ]; then
      left=", about $((((of - now) * (SECONDS - since) / (now - first) + 59) / 60)) minutes left"
    fi
    echo "  RocksDB is compiled, once per machine: $now of ${of:-some 350} files$left" >&2
  done
}

tell &
teller=$!
trap 'kill "$teller" 2>/dev/null || true; rm -f "$begun"' EXIT
"$@"
