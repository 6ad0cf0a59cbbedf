#!/usr/bin/env bash
# The whole promise in one run: a node sells a timetable to 20,000 customers, is killed with `kill -9` in the middle,
# starts again, and the answers alone prove that nothing was oversold, lost, doubled or reordered. Then the same with the
# numbered seats of an arena, at prices, and a quarter of the customers.
#
#   TIMETABLE=file.ics   a timetable of your own (it is shifted to begin on STARTING)
#   CUSTOMERS=20000      how many want to get in
#   CAPACITY=100         places of each slot
#   STARTING=2030-05-01  the day on which the timetable begins; next year's first of May otherwise
#   KEEP=1               leaves the logs too, and says where
#
# What was sold stays in the user's cache, to be looked at in a browser: the last thing it says is how.
set -euo pipefail
cd "$(dirname "$0")/.."

bin=${BIN:?run this with make demo}
timetable=${TIMETABLE:-ops/samples/timetable.ics}
customers=${CUSTOMERS:-20000}
capacity=${CAPACITY:-100}
for number in "CUSTOMERS=$customers" "CAPACITY=$capacity"; do
  [[ ${number#*=} =~ ^[1-9][0-9]*$ ]] || { echo "$number: give a whole number, 1 or more" >&2; exit 2; }
done
[ -r "$timetable" ] || { echo "TIMETABLE=$timetable: there is no such file" >&2; exit 2; }
starting=${STARTING:-$(($(date +%Y) + 1))-05-01}
work=$(mktemp -d)
node=
seller=

bold="" plain=""
[ -t 1 ] && bold=$'\033[1m' plain=$'\033[0m'
say() { printf '\n%s%s%s\n' "$bold" "$*" "$plain"; }

finish() {
  status=$?
  [ -z "$seller" ] || kill "$seller" 2>/dev/null || true
  [ -z "$node" ] || kill "$node" 2>/dev/null || true
  wait 2>/dev/null || true
  if [ -n "${KEEP:-}" ]; then say "data and logs are in $work"; else rm -rf "$work"; fi
  exit $status
}
trap finish EXIT

# Two free ports, so that a node that runs already is left alone.
read -r client admin < <(python3 - <<'PORTS' 2>/dev/null || echo "18080 19090"
import socket
held = [socket.socket() for _ in range(2)]
for one in held:
    one.bind(("127.0.0.1", 0))
print(*(one.getsockname()[1] for one in held))
PORTS
)

start_node() {
  "$bin/boxoffice" dev --data "$work/data" --client "127.0.0.1:$client" --admin "127.0.0.1:$admin" \
    >"$work/node.out" 2>>"$work/node.log" &
  node=$!
  for _ in $(seq 300); do
    if curl -sf "http://127.0.0.1:$admin/readyz" >/dev/null; then return; fi
    if ! kill -0 "$node" 2>/dev/null; then
      echo "the node did not start:" >&2
      tail -5 "$work/node.log" >&2
      exit 1
    fi
    sleep 0.1
  done
  echo "the node was not ready within 30 seconds; it said last:" >&2
  tail -5 "$work/node.log" >&2
  exit 1
}

# How many answers the node has given to bookings since it was started.
answered() {
  curl -sf "http://127.0.0.1:$admin/metrics" |
    awk '/^boxoffice_http_requests_total\{/ && /bookings/ { sum += $NF } END { printf "%d", sum }' || echo 0
}

say "1. A node starts"
start_node
echo "client http://127.0.0.1:$client, admin http://127.0.0.1:$admin"

say "2. A timetable is imported: $timetable"
"$bin/boxctl" import "$timetable" --organizer demo --capacity "$capacity" --starting "$starting" \
  --client "http://127.0.0.1:$client" --data "$work/data"

# Sells a drop to so many customers, kills the node when half of them have been answered, starts it again, and lets the witness judge.
sell_and_kill() { # CUSTOMERS OPTIONS-OF-LOADGEN...
  local count=$1 enough killed
  shift
  enough=$(($(answered) + count / 2))
  "$bin/loadgen" drop --target "http://127.0.0.1:$client" --key "$work/data/token.key" --organizer demo \
    --customers "$count" "$@" &
  seller=$!
  until [ "$(answered)" -ge "$enough" ] || ! kill -0 "$seller" 2>/dev/null; do sleep 0.05; done
  kill -9 "$node"
  wait "$node" 2>/dev/null || true
  killed=$(date +%s%N)
  start_node
  say "   killed, started again, and ready after $((($(date +%s%N) - killed) / 1000000)) ms; the sale goes on, and the witness judges"
  wait "$seller" || verdict=$?
  seller=
}

verdict=0
say "3. $customers customers want in; half way through, the node is killed with kill -9"
sell_and_kill "$customers" --existing --json "$work/report.json"

say "4. $((customers / 4 + 1)) customers want seats in an arena, for adults, children and students, in quotas, at prices: they pick theirs or take the best, swap them, look at the map; killed again"
sell_and_kill $((customers / 4 + 1)) --house arena --products --holds 40 --closed-seats 20 --json "$work/seats.json"

# The arena: the one slot of seats, and the last that was made.
arena=$(curl -sf "http://127.0.0.1:$client/v1/slots?organizer=demo&limit=200" | python3 -c '
import json, sys
seats = [slot["id"] for slot in json.load(sys.stdin)["items"] if "seats" in slot["inventory"]]
print(f"slots/{seats[-1]}" if seats else "")')

say "5. The node drains and stops"
kill -TERM "$node"
wait "$node" || { echo "the node did not drain cleanly" >&2; exit 1; }
node=
[ "$verdict" = 0 ] || exit "$verdict"
say "Sold, killed, started again, and correct."

# Whoever looks at the last demo still goes on doing so.
kept=${XDG_CACHE_HOME:-$HOME/.cache}/boxoffice/demo
pgrep -f -- "--data $kept" >/dev/null && kept=$(mktemp -d)
rm -rf "$kept"
mv "$work/data" "$kept"
say "All of it is still there to see: start the node again, and open http://127.0.0.1:8080/$arena"
echo "  $bin/boxoffice dev --data $kept"
