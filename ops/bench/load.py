"""How load is made, and how figures are shown."""

import itertools
import json
import os
import statistics
import subprocess
import time

from servers import BIN, HERE, say

ROUNDS = int(os.environ.get("ROUNDS", "7"))


def window(server, slots, connections, seconds=1, **more):
    """One window of load: requests a second, and CPU microseconds a request."""
    environment = dict(os.environ, SLOTS=" ".join(slots)) | ({"TOKEN": server.token} if server.token else {}) | more
    before = server.cpu()
    command = ["wrk", "-t1", "--latency", f"-c{connections}", f"-d{seconds}s", "-s", HERE / "book.lua", server.url]
    said = subprocess.run(command, env=environment, check=True, capture_output=True, text=True).stdout
    spent = server.cpu() - before
    if "Non-2xx" in said:
        raise SystemExit(f"{server.name} refused requests:\n{said}")
    rate = float(said.split("Requests/sec:")[1].split()[0])
    count = int(next(line for line in said.splitlines() if " requests in " in line).split()[0])
    times = {line.split()[0]: micros(line.split()[1]) for line in said.splitlines() if line.strip()[:3] in ("50%", "99%")}
    return {"rate": rate, "cpu_us": spent / count * 1e6, "p50_us": times["50%"], "p99_us": times["99%"]}


def in_turn(part, servers):
    """One hot slot and 64, 64 connections and 256: windows of all servers in turn. Yields where, and the rounds by server's name."""
    for connections, slots in itertools.product((64, 256), (1, 64)):
        rounds = [
            {server.name: window(server, server.slots[:slots], connections) for server in servers}
            for _ in range(ROUNDS + 1)
        ][1:]  # the first warms up
        say(f"{part}: {connections} connections, {slots} slots: done")
        yield {"connections": connections, "slots": slots}, rounds


def medians(rounds, name, by=None):
    """Of one server's windows in these rounds, or of their ratios to another one's in the same round."""
    of = lambda one, what: one[name][what] / one[by][what] if by else one[name][what]
    return {what: statistics.median(of(one, what) for one in rounds) for what in ("rate", "cpu_us")}


def micros(text):
    """What wrk writes: 812.00us, 1.99ms, 1.01s."""
    for unit, factor in (("us", 1), ("ms", 1e3), ("s", 1e6)):
        if text.endswith(unit):
            return float(text.removesuffix(unit)) * factor
    raise SystemExit(f"wrk says {text}")


def drop(node, rate, customers, slots, connections, *more):
    """An open loop, judged by the witness."""
    report = node.folder / "drop.json"
    command = [BIN / "loadgen", "drop", "--target", node.url, "--key", node.key, "--json", report]
    command += ["--rate", str(rate), "--customers", str(customers), "--slots", str(slots), "--connections", str(connections), *more]
    ended = subprocess.run(command, capture_output=True, text=True)
    if ended.returncode not in (0, 3):
        raise SystemExit(f"the drop was not correct:\n{ended.stdout}{ended.stderr}")
    return json.loads(report.read_text())


def median_seconds(what, times=21):
    taken = []
    for _ in range(times):
        began = time.monotonic()
        what()
        taken.append(time.monotonic() - began)
    return statistics.median(taken)


def table(rows):
    columns = list(dict.fromkeys(column for row in rows for column in row))
    text = lambda value: f"{value:.2f}" if isinstance(value, float) else str(value if value is not None else "")
    cells = [columns, *([text(row.get(column)) for column in columns] for row in rows)]
    widths = [max(len(row[place]) for row in cells) for place in range(len(columns))]
    print("\n" + "\n".join("  ".join(cell.rjust(width) for cell, width in zip(row, widths)) for row in cells), flush=True)
