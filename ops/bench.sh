#!/usr/bin/env bash
# The node beside its peers in one run: servers up at once on their own ports, one-second windows of load in turn, several
# rounds; the medians of the rounds' ratios. Absolute figures of one machine mean nothing; ratios within one run do.
#
#   PEERS=folder       the sources of the peers (their README says what they are); without it the node runs alone
#   ROUNDS=7           how often each server gets its window
#   CONNECTIONS=64     at once, from one thread of wrk
#   PEER_KINDS="..."   which peers: bare journal
set -euo pipefail
cd "$(dirname "$0")/.."

bin=${BIN:?run this with make bench}
rounds=${ROUNDS:-7}
connections=${CONNECTIONS:-64}
kinds=${PEER_KINDS:-bare journal}
work=$(mktemp -d)
pids=()
finish() { kill "${pids[@]}" 2>/dev/null || true; wait 2>/dev/null || true; rm -rf "$work"; }
trap finish EXIT

command -v wrk >/dev/null || { [ "$(id -u)" = 0 ] || sudo=sudo; ${sudo:-} apt-get install -y -q wrk >/dev/null; }

"$bin/boxoffice" dev --data "$work/data" --client 127.0.0.1:17080 --admin 127.0.0.1:17090 >"$work/node.out" 2>"$work/node.log" &
pids+=($!)
for _ in $(seq 300); do curl -sf 127.0.0.1:17090/readyz >/dev/null && break; sleep 0.1; done
organizer=$("$bin/boxctl" token --data "$work/data" --role organizer --organizer bench)
export TOKEN=$("$bin/boxctl" token --data "$work/data" --role customer --subject bench)
export SLOT=$(curl -sf 127.0.0.1:17080/v1/slots -H "Authorization: Bearer $organizer" -H 'Content-Type: application/json' \
  -d '{"title": "bench", "starts_at": "2090-01-01T00:00:00Z", "ends_at": "2090-01-02T00:00:00Z",
       "inventory": {"units": {"capacity": 10000000}}}' | grep -o 'slot_[A-Za-z0-9_-]*' | head -1)

ports=()
names=()
if [ -n "${PEERS:-}" ]; then
  # From their own folder: this workspace's flags would compile all that they use once more.
  (cd "$PEERS" && cargo build --release --target-dir "${CARGO_TARGET_DIR:-target}/peers") >&2
  port=17100
  for kind in $kinds; do
    "${CARGO_TARGET_DIR:-target}/peers/release/peers" --backend "$kind" --url "$work/$kind" --listen 127.0.0.1:$port >>"$work/peers.log" 2>&1 &
    pids+=($!)
    names+=("$kind") ports+=("$port")
    for _ in $(seq 100); do curl -s -o /dev/null 127.0.0.1:$port/ && break; sleep 0.1; done
    curl -sf -X POST -H 'Content-Type: application/json' -d '{"capacity": 10000000}' 127.0.0.1:$port/v1/slots/s0 >/dev/null
    port=$((port + 1))
  done
fi

# One window of load on one server: requests a second, and the server's CPU seconds in it.
window() { # NAME URL PID
  local before after
  before=$(awk '{ print $14 + $15 }' "/proc/$3/stat")
  WRK_NAME=$1 wrk -t1 -c"$connections" -d1s -s ops/bench.lua "$2" >"$work/wrk"
  after=$(awk '{ print $14 + $15 }' "/proc/$3/stat")
  if grep -q 'Non-2xx' "$work/wrk"; then echo "$1 refused requests:" >&2; cat "$work/wrk" >&2; exit 1; fi
  awk -v name="$1" -v ticks=$((after - before)) -v hertz="$(getconf CLK_TCK)" '
    /Requests\/sec/ { rate = $2 } /requests in/ { count = $1 }
    END { printf "%s %.0f %.2f\n", name, rate, ticks / hertz / count * 1e6 }' "$work/wrk"
}

for round in $(seq 0 "$rounds"); do
  window node http://127.0.0.1:17080 "${pids[0]}" >>"$work/round-$round"
  for place in "${!names[@]}"; do
    window "${names[$place]}" "http://127.0.0.1:${ports[$place]}" "${pids[$((place + 1))]}" >>"$work/round-$round"
  done
  printf 'round %s of %s\n' "$round" "$rounds" >&2
done

# The first round warms up and does not count.
median() { sort -n | awk '{ v[NR] = $1 } END { print (NR % 2) ? v[(NR + 1) / 2] : (v[NR / 2] + v[NR / 2 + 1]) / 2 }'; }
figure() { for round in $(seq 1 "$rounds"); do awk -v name="$1" -v column="$2" '$1 == name { print $column }' "$work/round-$round"; done; }
ratio() { for round in $(seq 1 "$rounds"); do awk -v peer="$1" '$1 == "node" { node = $2 } $1 == peer { other = $2 } END { print node / other }' "$work/round-$round"; done; }

printf '\none hot slot, %s connections, medians of %s windows of a second\n' "$connections" "$rounds"
printf '%-10s %12s %16s %14s\n' server requests/s 'CPU us a request' 'node / server'
for name in node "${names[@]}"; do
  printf '%-10s %12.0f %16.1f %14.2f\n' "$name" "$(figure "$name" 2 | median)" "$(figure "$name" 3 | median)" "$(ratio "$name" | median)"
done
