#!/usr/bin/env bash
# Three nodes on this machine that are one cluster, for people who want to see it: kill one while loadgen sells.
#
#   WORK=folder   where configuration, data and logs are; a folder that goes with the cluster otherwise
set -euo pipefail
cd "$(dirname "$0")/.."

bin=${BIN:?run this with make cluster}
work=${WORK:-$(mktemp -d)}
mkdir -p "$work"
work=$(cd "$work" && pwd)
pids=()

finish() {
  status=$?
  [ ${#pids[@]} -eq 0 ] || kill "${pids[@]}" 2>/dev/null || true
  wait 2>/dev/null || true
  [ -n "${WORK:-}" ] || rm -rf "$work"
  exit $status
}
trap finish EXIT
trap 'exit 0' INT TERM

if [ ! -e "$work/token.key" ]; then
  (umask 077 && head -c 32 /dev/urandom | base64 | tr '+/' '-_' | tr -d '=\n' >"$work/token.key")
fi

configure() { # NUMBER BOOTSTRAP-OR-JOIN
  cat >"$work/node$1.toml" <<TOML
[node]
data = "$work/node$1"
[listen]
client = "127.0.0.$1:8080"
admin = "127.0.0.$1:9090"
peer = "127.0.0.$1:7000"
[cluster]
$2
groups = 4
[[auth.keys]]
id = "main"
algorithm = "HS256"
secret_file = "$work/token.key"
[rate_limit]
enabled = false
TOML
}

founder='bootstrap = true
peers = ["127.0.0.2:7000", "127.0.0.3:7000"]'
for number in 1 2 3; do
  if [ "$number" = 1 ]; then configure 1 "$founder"; else configure "$number" 'join = ["127.0.0.1:7000"]'; fi
  "$bin/boxoffice" serve --config "$work/node$number.toml" 2>>"$work/node$number.log" &
  pids+=($!)
done
for number in 1 2 3; do
  for _ in $(seq 300); do
    curl -sf "http://127.0.0.$number:9090/readyz" >/dev/null && continue 2
    kill -0 "${pids[$((number - 1))]}" 2>/dev/null || break
    sleep 0.1
  done
  echo "node $number is not ready; it said last:" >&2
  tail -n 5 "$work/node$number.log" >&2
  exit 1
done

cat <<TEXT
Three nodes are one cluster. Any of them takes any request.

  node  client                 admin                  process
  1     http://127.0.0.1:8080  http://127.0.0.1:9090  ${pids[0]}
  2     http://127.0.0.2:8080  http://127.0.0.2:9090  ${pids[1]}
  3     http://127.0.0.3:8080  http://127.0.0.3:9090  ${pids[2]}

In another terminal, sell at the second node, and kill the first meanwhile:

  $bin/loadgen drop --target http://127.0.0.2:8080 --key $work/token.key
  kill -9 ${pids[0]}
  $bin/boxctl --key $work/token.key --admin http://127.0.0.2:9090 status
  $bin/boxoffice serve --config $work/node1.toml     # and it comes back

Ctrl-C stops all three.
TEXT
# One that is killed on purpose is no reason to stop the others.
for pid in "${pids[@]}"; do wait "$pid" || true; done
