#!/usr/bin/env python3
"""The node beside what its users would build instead, in one run.

Absolute figures of one machine mean nothing: all servers are up at once on ports of their own, take windows of a second in
turn, and the medians of the rounds' ratios are what counts. CPU is the processes' own accounting.

  make bench PEERS=folder     beside the peers in that folder (their README says what they are); without it the node alone
  PARTS="peak latency ..."    which parts: peak, groups, latency, overload, watched, growth, asleep; three, roles, six, failover, handover, rolling, slow_disk, behind
  BOOKINGS=2000000            how many bookings growth makes in one slot, below ten million
  SLOTS=1000000               how many slots asleep makes
  WATCHERS=10000              how many watch in watched
  KILLS=50                    how often failover kills whoever leads
  HANDOVERS=100               how often handover lets another lead
  RESTARTS=10                 how often rolling stops each node
  BEHIND=1000000              how many bookings a follower lacks in behind
  ROUNDS=7 JSON=file          windows a server, and where the figures go as JSON
"""

import json
import os
import pathlib
import subprocess
import sys
import tempfile

import alone
import cluster
from servers import HERE, say

PARTS = {
    part.__name__: part
    for part in (
        alone.peak, alone.groups, alone.latency, alone.overload, alone.watched, alone.growth, alone.asleep,
        cluster.three, cluster.roles, cluster.six, cluster.failover, cluster.handover, cluster.rolling, cluster.slow_disk, cluster.behind,
    )
}


def main():
    subprocess.run([HERE.parent / "setup.sh", "wrk", "redis-server", "strace", "etcd=etcd-server", "protoc=protobuf-compiler"], check=True, stdout=sys.stderr)
    figures = {}
    for name in os.environ.get("PARTS", " ".join(PARTS)).split():
        with tempfile.TemporaryDirectory() as folder:
            say(f"{name}: {PARTS[name].__doc__}")
            figures[name] = PARTS[name](pathlib.Path(folder))
    if os.environ.get("JSON"):
        pathlib.Path(os.environ["JSON"]).write_text(json.dumps(figures, indent=1) + "\n")


main()
