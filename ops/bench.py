#!/usr/bin/env python3
"""The node beside what its users would build instead, in one run.

Absolute figures of one machine mean nothing: all servers are up at once on ports of their own, take windows of a second in
turn, and the medians of the rounds' ratios are what counts. CPU is the processes' own accounting.

  make bench PEERS=folder     beside the peers in that folder (their README says what they are); without it the node alone
  PARTS="peak latency ..."    which parts: peak, latency, overload, growth, asleep
  BOOKINGS=2000000            how many bookings growth makes in one slot, below ten million
  SLOTS=1000000               how many slots asleep makes
  ROUNDS=7 JSON=file          windows a server, and where the figures go as JSON
"""

import itertools
import json
import os
import pathlib
import signal
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.request

HERE = pathlib.Path(__file__).resolve().parent
BIN = pathlib.Path(os.environ["BIN"])
PEERS = os.environ.get("PEERS")
KINDS = os.environ.get("PEER_KINDS", "bare journal redis-always").split()
ROUNDS = int(os.environ.get("ROUNDS", "7"))
PARTS = os.environ.get("PARTS", "peak latency overload growth asleep").split()
BOOKINGS = int(os.environ.get("BOOKINGS", "2000000"))
SLOTS = int(os.environ.get("SLOTS", "1000000"))
TICKS = os.sysconf("SC_CLK_TCK")
# So many that most of them think at any moment: then what comes does not wait for what is answered.
CUSTOMERS = 256
SLOT = {"title": "bench", "starts_at": "2090-01-01T00:00:00Z", "ends_at": "2090-01-02T00:00:00Z"}


def say(text):
    print(text, file=sys.stderr, flush=True)


def fetch(url, token=None, body=None, key=None):
    headers = {"Content-Type": "application/json"}
    headers |= {"Authorization": f"Bearer {token}"} if token else {}
    headers |= {"Idempotency-Key": key} if key else {}
    data = None if body is None else json.dumps(body).encode()
    with urllib.request.urlopen(urllib.request.Request(url, data, headers), timeout=30) as answer:
        return answer.read()


def until(what, done, seconds=120):
    deadline = time.monotonic() + seconds
    while True:
        try:
            if done():
                return
        except OSError:
            pass
        if deadline < time.monotonic():
            raise SystemExit(f"{what} did not happen within {seconds} s")
        time.sleep(0.01)


class Server:
    """Something that takes bookings at `url`, and the processes that it consists of."""

    def __init__(self, name, url, processes, slots, token=None):
        self.name, self.url, self.processes, self.slots, self.token = name, url, processes, slots, token

    def cpu(self):
        stats = (pathlib.Path(f"/proc/{one.pid}/stat").read_text().rsplit(") ", 1)[1].split() for one in self.processes)
        return sum(int(stat[11]) + int(stat[12]) for stat in stats) / TICKS

    def rss(self):
        status = pathlib.Path(f"/proc/{self.processes[0].pid}/status").read_text()
        return int(next(line for line in status.splitlines() if line.startswith("VmRSS")).split()[1]) * 1024

    def stop(self, how=signal.SIGTERM):
        for process in self.processes:
            process.send_signal(how)
        for process in self.processes:
            process.wait()


class Node(Server):
    def __init__(self, folder, port=17080):
        self.folder, self.port, self.admin = folder, port, f"http://127.0.0.1:{port + 10}"
        super().__init__("node", f"http://127.0.0.1:{port}", [], [])
        self.start()
        self.token = self.signed("customer")
        self.organizer = self.signed("organizer", "--organizer", "bench")

    def start(self):
        """Starts it, and says how long it took to be ready."""
        began = time.monotonic()
        log = open(self.folder / "node.log", "ab")
        listen = ["--client", f"127.0.0.1:{self.port}", "--admin", f"127.0.0.1:{self.port + 10}"]
        command = [BIN / "boxoffice", "dev", "--data", self.folder / "data", *listen]
        self.processes = [subprocess.Popen(command, stdout=log, stderr=log)]
        until("the node", lambda: fetch(f"{self.admin}/readyz"))
        return time.monotonic() - began

    def signed(self, role, *more):
        command = [BIN / "boxctl", "token", "--data", self.folder / "data", "--role", role, *more]
        return subprocess.run(command, check=True, capture_output=True, text=True).stdout.strip()

    def make(self, count, capacity=10_000_000, **policy):
        """Slots of as many placements."""
        body = SLOT | {"inventory": {"units": {"capacity": capacity}}, "policy": policy}
        made = (fetch(f"{self.url}/v1/slots", self.organizer, body | {"placement": f"p{place}"}) for place in range(count))
        return [json.loads(slot)["id"] for slot in made]

    def seq(self, slot):
        return json.loads(fetch(f"{self.url}/v1/slots/{slot}"))["seq"]

    def metric(self, name):
        """The sum of a metric over its labels."""
        lines = fetch(f"{self.admin}/metrics").decode().splitlines()
        return sum(float(line.rsplit(" ", 1)[1]) for line in lines if line.startswith((f"{name}{{", f"{name} ")))


def peers(folder):
    """The peers that were asked for, each on a port of its own."""
    target = pathlib.Path(os.environ.get("CARGO_TARGET_DIR", "target")).resolve() / "peers"
    # From their own folder: this workspace's flags would compile all that they use once more.
    subprocess.run(["cargo", "build", "--release", "--target-dir", target], cwd=PEERS, check=True, stdout=sys.stderr)
    for port, kind in enumerate(KINDS, 17100):
        processes, url = [], f"http://127.0.0.1:{port}"
        backend, store = kind, str(folder / kind)
        if kind.startswith("redis"):
            backend, store = "redis", "redis://127.0.0.1:17399"
            options = ["--dir", folder, "--save", "", "--appendonly", "yes", "--appendfsync", kind.removeprefix("redis-")]
            processes.append(subprocess.Popen(["redis-server", "--port", "17399", *options], stdout=subprocess.DEVNULL))
            until("redis", lambda: subprocess.run(["redis-cli", "-p", "17399", "ping"], capture_output=True).returncode == 0)
        command = [target / "release/peers", "--backend", backend, "--url", store, "--listen", f"127.0.0.1:{port}"]
        processes.insert(0, subprocess.Popen(command, stdout=subprocess.DEVNULL))
        slots = [f"s{place}" for place in range(64)]
        until(kind, lambda: [fetch(f"{url}/v1/slots/{slot}", body={"capacity": 10_000_000}) for slot in slots])
        yield Server(kind, url, processes, slots)


def window(server, slots, connections, seconds=1, **more):
    """One window of load: requests a second, and CPU microseconds a request."""
    environment = dict(os.environ, SLOTS=" ".join(slots)) | ({"TOKEN": server.token} if server.token else {}) | more
    before = server.cpu()
    command = ["wrk", "-t1", "--latency", f"-c{connections}", f"-d{seconds}s", "-s", HERE / "bench.lua", server.url]
    said = subprocess.run(command, env=environment, check=True, capture_output=True, text=True).stdout
    spent = server.cpu() - before
    if "Non-2xx" in said:
        raise SystemExit(f"{server.name} refused requests:\n{said}")
    rate = float(said.split("Requests/sec:")[1].split()[0])
    count = int(next(line for line in said.splitlines() if " requests in " in line).split()[0])
    times = {line.split()[0]: micros(line.split()[1]) for line in said.splitlines() if line.strip()[:3] in ("50%", "99%")}
    return {"rate": rate, "cpu_us": spent / count * 1e6, "p50_us": times["50%"], "p99_us": times["99%"]}


def micros(text):
    """What wrk writes: 812.00us, 1.99ms, 1.01s."""
    for unit, factor in (("us", 1), ("ms", 1e3), ("s", 1e6)):
        if text.endswith(unit):
            return float(text.removesuffix(unit)) * factor
    raise SystemExit(f"wrk says {text}")


def peak(folder):
    """Closed loop, one hot slot and 64, 64 connections and 256: the node's ratio to each peer."""
    servers = [Node(folder)]
    figures = []
    try:
        servers[0].slots = servers[0].make(64)
        for peer in peers(folder) if PEERS else []:
            servers.append(peer)
        for connections, slots in itertools.product((64, 256), (1, 64)):
            rounds = [
                {server.name: window(server, server.slots[:slots], connections) for server in servers}
                for _ in range(ROUNDS + 1)
            ][1:]  # the first warms up
            say(f"peak: {connections} connections, {slots} slots: done")
            for server in servers:
                mine = [one[server.name] for one in rounds]
                ratios = {
                    what: statistics.median(one["node"][what] / one[server.name][what] for one in rounds)
                    for what in ("rate", "cpu_us")
                }
                medians = {what: statistics.median(one[what] for one in mine) for what in ("rate", "cpu_us")}
                place = {"connections": connections, "slots": slots, "server": server.name}
                figures.append(place | medians | {"node_rate_ratio": ratios["rate"], "node_cpu_ratio": ratios["cpu_us"]})
    finally:
        for server in servers:
            server.stop()
    table(figures)
    return figures


def drop(node, rate, customers, slots, connections):
    """An open loop, judged by the witness."""
    report = node.folder / "drop.json"
    command = [BIN / "loadgen", "drop", "--target", node.url, "--key", node.folder / "data/token.key", "--json", report]
    command += ["--rate", str(rate), "--customers", str(customers), "--slots", str(slots), "--connections", str(connections)]
    ended = subprocess.run(command, capture_output=True, text=True)
    if ended.returncode not in (0, 3):
        raise SystemExit(f"the drop was not correct:\n{ended.stdout}{ended.stderr}")
    return json.loads(report.read_text())


def latency(folder):
    """At shares of the peak, from many customers who come at random: p50 and p99."""
    node = Node(folder)
    figures = []
    try:
        node.slots = node.make(8)
        most = statistics.median(window(node, node.slots, 256)["rate"] for _ in range(5))
        for share in (20, 50, 80, 95):
            period = round(CUSTOMERS / (most * share / 100) * 1000)
            rounds = [window(node, node.slots, CUSTOMERS, 8, PERIOD_MS=str(period)) for _ in range(3)]
            say(f"latency: {share} % of the peak: done")
            medians = {what: statistics.median(one[what] for one in rounds) for what in ("rate", "p50_us", "p99_us")}
            by_p50 = statistics.median(one["p99_us"] / one["p50_us"] for one in rounds)
            figures.append({"share_percent": share} | medians | {"share_reached": medians["rate"] / most, "p99_by_p50": by_p50})
    finally:
        node.stop()
    table(figures)
    return figures


def overload(folder):
    """The server held to a fifth of a core: for three seconds ten times of what it can do is asked on a thousand connections."""
    group = pathlib.Path("/sys/fs/cgroup/cpu/boxoffice-bench")
    if not os.access(group.parent, os.W_OK):
        say("overload: left out, there is no cgroup that this user may hold a process in")
        return None
    node = Node(folder)
    group.mkdir(exist_ok=True)
    try:
        node.slots = node.make(1)
        (group / "cpu.cfs_period_us").write_text("100000")
        (group / "cpu.cfs_quota_us").write_text("20000")
        (group / "cgroup.procs").write_text(str(node.processes[0].pid))
        most = statistics.median(window(node, node.slots, 64)["rate"] for _ in range(5))
        before = node.rss()
        report = drop(node, int(most * 10), int(most * 30), 1, 1_000)
        calm = statistics.median(window(node, node.slots, 64)["rate"] for _ in range(5))
        figures = [{
            "peak": most, "offered": most * 10, "goodput_share": report["goodput_per_second"] / most,
            "afterwards_share": calm / most, "rss_growth_mb": (node.rss() - before) / 1e6,
            "bottleneck": report["generator"]["bottleneck"],
        }]
    finally:
        node.stop()
        until("the cgroup's end", lambda: not group.rmdir())
    table(figures)
    return figures


def growth(folder):
    """What a booking costs in memory and CPU as a slot grows, with room and with a waitlist; and starts over all of it."""
    node = Node(folder)
    figures = []
    try:
        idle = node.rss()
        for kind, until_seq, slot in [
            ("room", BOOKINGS, node.make(1)),
            ("waitlist", 900_000, node.make(1, capacity=1, waitlist={"capacity": 1_000_000})),
        ]:
            base, step = node.rss(), until_seq // 4
            for goal in range(step, until_seq + 1, step):
                windows = []
                while node.seq(slot[0]) < goal:
                    windows.append(window(node, slot, 64, 2)["cpu_us"])
                seq = node.seq(slot[0])
                say(f"growth: {kind}: {seq} bookings")
                bytes_each = (node.rss() - base) / seq
                figures.append({"kind": kind, "bookings": seq, "cpu_us": statistics.median(windows), "bytes_each": bytes_each})
            for after in (0, until_seq // 2, until_seq - 1_000):
                feed = f"{node.url}/v1/slots/{slot[0]}/feed?limit=200&after={after}"
                figures.append({"kind": f"{kind}: 200 steps of the feed after {after}", "answer_s": median_seconds(lambda: fetch(feed, node.organizer))})
        for how in (signal.SIGTERM, signal.SIGKILL):
            node.stop(how)
            ready = node.start()
            first = median_seconds(lambda: fetch(f"{node.url}/v1/slots/{slot[0]}?consistency=linearizable"), times=1)
            figures.append({"kind": f"start after {how.name}", "ready_s": ready, "answer_s": first})
        say(f"growth: an idle node has {idle / 1e6:.0f} MB")
    finally:
        node.stop()
    table(figures)
    return figures


def asleep(folder):
    """Many slots: what one costs awake and asleep, how long a start takes with all of them, and the first booking of one."""
    node = Node(folder)
    figures = []
    try:
        idle = node.rss()

        def make(goal):
            while node.metric("boxoffice_slots") < goal:
                window(node, [], 64, 2, TOKEN=node.organizer, SLOT=json.dumps(SLOT | {"inventory": {"units": {"capacity": 10}}}))
            say(f"asleep: {node.metric('boxoffice_slots'):.0f} slots, {node.metric('boxoffice_slots_awake'):.0f} awake")
            return int(node.metric("boxoffice_slots"))

        made = make(min(SLOTS, 10_000))
        figures.append({"kind": "awake", "slots": made, "bytes_each": (node.rss() - idle) / node.metric("boxoffice_slots_awake")})
        # What a restarted node has more for the second half than for the first: the store's tables and caches are as large
        # with either, and what the allocator has not given back yet is gone.
        halves = []
        for goal in (SLOTS // 2, SLOTS):
            made = make(goal)
            node.stop()
            node.start()
            halves.append((made, node.rss()))
        (first, before), (made, after) = halves
        figures.append({"kind": "asleep", "slots": made, "bytes_each": (after - before) / (made - first)})
        ids = [slot["id"] for slot in json.loads(fetch(f"{node.url}/v1/slots?limit=200"))["items"]]
        for how in (signal.SIGTERM, signal.SIGKILL):
            node.stop(how)
            ready = node.start()
            book = lambda: fetch(f"{node.url}/v1/slots/{ids.pop()}/bookings", node.token, {"quantity": 1})
            figures.append({"kind": f"start after {how.name}, a booking of a sleeper", "ready_s": ready, "answer_s": median_seconds(book)})
    finally:
        node.stop()
    table(figures)
    return figures


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


def main():
    subprocess.run([HERE / "setup.sh", "wrk", "redis-server"], check=True, stdout=sys.stderr)
    figures = {}
    for part in PARTS:
        with tempfile.TemporaryDirectory() as folder:
            say(f"{part}: {globals()[part].__doc__}")
            figures[part] = globals()[part](pathlib.Path(folder))
    if os.environ.get("JSON"):
        pathlib.Path(os.environ["JSON"]).write_text(json.dumps(figures, indent=1) + "\n")


main()
