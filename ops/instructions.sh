#!/usr/bin/env bash
# What one booking costs, in instructions: a test that takes bookings through the whole node, but for the kernel and the
# disk, runs under valgrind with few and with many, and the difference is what the bookings cost. Times are noise on shared
# machines; this figure moves by a few parts in a hundred. The build fails if it is above the budget.
set -euo pipefail
cd "$(dirname "$0")/.."

# When a change makes a booking cheaper, lower this with it; a change that makes it dearer says in its commit what for.
budget=${BUDGET:-59900}
# Bookings of each of the test's 32 clients. So many that what a start costs is lost among them: a clock measures the processor
# for a while then (quanta), which is ten million instructions more or less.
few=10
many=310

if ! ops/setup.sh valgrind >&2; then
  echo "valgrind is not installed, and cannot be: instructions are not counted" >&2
  exit 0
fi
binary=$(cargo test --release --locked --workspace --lib --no-run --message-format=json 2>/dev/null |
  grep -o '"executable":"[^"]*/node-[^"]*"' | cut -d'"' -f4 | tail -1)

# The least of five runs: what the node does ten times a second, a slow or busy machine counts more often.
count() { # BOOKINGS
  for _ in 1 2 3 4 5; do
    BOXOFFICE_TEST_BOOKINGS=$1 valgrind --tool=callgrind --callgrind-out-file=/dev/null "$binary" --exact \
      http::tests::bookings_from_many_connections_are_all_answered 2>&1 >/dev/null | awk '/Collected/ { print $4 }'
  done | sort -n | head -1
}

each=$((($(count $many) - $(count $few)) / (32 * (many - few))))
echo "a booking costs $each instructions; the budget is $budget"
if [ "$each" -gt "$budget" ]; then
  echo "that is too many: find what made it dearer, or say in the commit why it is worth it and raise the budget in $0" >&2
  exit 1
fi
