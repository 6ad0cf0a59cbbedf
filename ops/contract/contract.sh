#!/usr/bin/env bash
# Three judges of the OpenAPI document that the node serves: a linter reads it, schemathesis asks a running node everything that
# it says and more, and a client that is generated from it lives a sale. What they need is pinned, comes from the registries of
# npm and PyPI, and lies beside what is built.
#
#   EXAMPLES=50  how many requests of its own schemathesis makes up for each operation and phase
#   SEED=1       and which
#   KEEP=1       leaves the node's data and what was generated, and says where
set -euo pipefail
cd "$(dirname "$0")"

bin=${BIN:?run this with make contract}
tools=${TOOLS:?run this with make contract}
work=$(mktemp -d)
process=

bold="" plain=""
[ -t 1 ] && bold=$'\033[1m' plain=$'\033[0m'
say() { printf '\n%s%s%s\n' "$bold" "$*" "$plain"; }

finish() {
  status=$?
  [ -z "$process" ] || kill "$process" 2>/dev/null || true
  wait 2>/dev/null || true
  if [ -n "${KEEP:-}" ]; then say "data, logs and what was generated are in $work"; else rm -rf "$work"; fi
  exit $status
}
trap finish EXIT

# Elsewhere than where every change is judged, tools that cannot be had are a reason to leave the judges out, and to say so.
left_out() {
  echo "LEFT OUT, since $1: the contract is not judged" >&2
  [ -z "${CI:-}" ] || exit 1
  exit 0
}
../setup.sh node=nodejs npm python3 python:ensurepip=python3-venv >&2 || left_out "the judges' tools cannot be installed"
new_enough='const [major, minor] = process.versions.node.split(".").map(Number); process.exit(major > 20 || (major === 20 && minor >= 19) ? 0 : 1)'
node -e "$new_enough" || left_out "they need Node.js 20.19 or newer, and this is $(node --version)"

# Installs what is pinned, once for each change of the pins.
install_once() { # PINS COMMAND
  if cmp -s "$1" "$tools/$1.installed"; then return; fi
  mkdir -p "$tools"
  "$2"
  cp "$1" "$tools/$1.installed"
}
install_npm() {
  cp package.json package-lock.json "$tools"
  npm ci --prefix "$tools" --ignore-scripts --no-audit --no-fund --loglevel=error
}
install_python() {
  python3 -m venv --clear "$tools/python"
  "$tools/python/bin/pip" install --quiet --disable-pip-version-check --no-deps -r requirements.txt
}
install_once package-lock.json install_npm
install_once requirements.txt install_python
PATH=$tools/node_modules/.bin:$tools/python/bin:$PATH

# Two free ports, so that a node that runs already is left alone.
read -r client admin < <(python3 - <<'PORTS'
import socket
held = [socket.socket() for _ in range(2)]
for one in held:
    one.bind(("127.0.0.1", 0))
print(*(one.getsockname()[1] for one in held))
PORTS
)
export NODE=http://127.0.0.1:$client

say "1. A node starts"
"$bin/boxoffice" dev --data "$work/data" --client "127.0.0.1:$client" --admin "127.0.0.1:$admin" >"$work/node.out" 2>"$work/node.log" &
process=$!
for _ in $(seq 300); do
  if curl -sf "http://127.0.0.1:$admin/readyz" >/dev/null; then break; fi
  kill -0 "$process" 2>/dev/null || { echo "the node did not start:" >&2; tail -5 "$work/node.log" >&2; exit 1; }
  sleep 0.1
done
token() { "$bin/boxctl" token --data "$work/data" --ttl-seconds 3600 "$@"; }
ORGANIZER=$(token --role organizer --organizer studio-7)
CUSTOMER=$(token --role customer --subject alice)
export ORGANIZER CUSTOMER
# The judges write where they work, and that is not the checkout.
cp -- * "$work"
cd "$work"
curl -sf "$NODE/openapi.json" -o openapi.json
echo "$NODE"

say "2. A linter reads the document"
# It asks its makers whether it is the newest, and tells them that it ran, unless it is told not to.
REDOCLY_TELEMETRY=off REDOCLY_SUPPRESS_UPDATE_NOTICE=true redocly lint --config lint.yaml openapi.json

say "3. A generated client lives a sale"
ln -s "$tools/node_modules" node_modules
openapi-typescript openapi.json -o document.d.ts --default-non-nullable=false
tsc -p .
node built/client.js

say "4. schemathesis asks everything that the document says, and more"
schemathesis run "$NODE/openapi.json" --seed "${SEED:-1}" --max-examples "${EXAMPLES:-50}"

say "The document is right: nothing was answered that it does not say."
