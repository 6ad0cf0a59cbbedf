"""One node: beside its peers, and as its load, its slots and their bookings grow."""

import json
import os
import pathlib
import signal
import statistics
import time

from load import ROUNDS, drop, in_turn, median_seconds, medians, table, window
from servers import PEERS, SLOT, Member, Node, fetch, peers, say, until

BOOKINGS = int(os.environ.get("BOOKINGS", "2000000"))
SLOTS = int(os.environ.get("SLOTS", "1000000"))
WATCHERS = int(os.environ.get("WATCHERS", "10000"))
# So many that most of them think at any moment: then what comes does not wait for what is answered.
CUSTOMERS = 256


def peak(folder):
    """Closed loop, one hot slot and 64, 64 connections and 256: the node's ratio to each peer."""
    servers = [Node(folder)]
    figures = []
    try:
        servers[0].slots = servers[0].make(64)
        for peer in peers(folder) if PEERS else []:
            servers.append(peer)
        for place, rounds in in_turn("peak", servers):
            for server in servers:
                ratios = medians(rounds, "node", by=server.name)
                ratios = {"node_rate_ratio": ratios["rate"], "node_cpu_ratio": ratios["cpu_us"]}
                figures.append(place | {"server": server.name} | medians(rounds, server.name) | ratios)
    finally:
        for server in servers:
            server.stop()
    table(figures)
    return figures


def groups(folder):
    """Closed loop, with the four groups that `boxoffice dev` has and the 32 that a cluster has: what groups cost."""
    servers, figures = [], []
    try:
        for number, count in enumerate((4, 32), 1):
            servers.append(Member(folder, number, founder=number, groups=count))
            servers[-1].name, servers[-1].slots = f"{count} groups", servers[-1].make(64)
        for place, rounds in in_turn("groups", servers):
            for server in servers:
                ratios = medians(rounds, server.name, by=servers[0].name)
                ratios = {f"of_first_{what}": ratio for what, ratio in ratios.items()}
                figures.append(place | {"server": server.name} | medians(rounds, server.name) | ratios)
    finally:
        for server in servers:
            server.stop()
    table(figures)
    return figures


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
            middle = {what: statistics.median(one[what] for one in rounds) for what in ("rate", "p50_us", "p99_us")}
            by_p50 = statistics.median(one["p99_us"] / one["p50_us"] for one in rounds)
            figures.append({"share_percent": share} | middle | {"share_reached": middle["rate"] / most, "p99_by_p50": by_p50})
    finally:
        node.stop()
    table(figures)
    return figures


def overload(folder):
    """The server held to a fifth of a core: for three seconds ten times of what it can do is asked on a thousand connections.
    Its peak is what the same customers get who ask for no more than a closed loop did: each has a token of their own, and most
    are turned away, which costs more than a booking in a closed loop."""
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
        peak = drop(node, int(most), int(most * 3), 1, 1_000)["goodput_per_second"]
        before = node.rss()
        report = drop(node, int(most * 10), int(most * 30), 1, 1_000)
        calm = statistics.median(window(node, node.slots, 64)["rate"] for _ in range(5))
        figures = [{
            "closed_loop": most, "peak": peak, "offered": most * 10, "goodput_share": report["goodput_per_second"] / peak,
            "afterwards_share": calm / most, "rss_growth_mb": (node.rss() - before) / 1e6,
            "bottleneck": report["generator"]["bottleneck"],
        }]
    finally:
        node.stop()
        until("the cgroup's end", lambda: not group.rmdir())
    table(figures)
    return figures


def watched(folder):
    """A drop with so many who watch the slot's live stream, and the same with nobody, in turns: what is left for those who buy."""
    node = Member(folder, 1, more=f"[limits]\nstreams = {WATCHERS}\n")
    pairs = []
    try:
        for seed in range(ROUNDS):
            sold = {}
            # Whoever left is noticed when they would be told something, every quarter of a minute at least.
            time.sleep(16)
            for watchers in (0, WATCHERS):
                more = ("--capacity", "10000", "--late-ms-max", "60000", "--seed", str(seed), "--watchers", str(watchers))
                sold[watchers] = drop(node, 20_000, 20_000, 1, 64, *more)
            crowd = sold[WATCHERS]["crowd"]
            pairs.append({
                "let_in": crowd["let_in"], "events": crowd["events"], "alone": sold[0]["goodput_per_second"],
                "watched": sold[WATCHERS]["goodput_per_second"],
                "ratio": sold[WATCHERS]["goodput_per_second"] / sold[0]["goodput_per_second"],
            })
            say(f"watched: pair {seed + 1} of {ROUNDS}: {pairs[-1]['ratio']:.2f}")
    finally:
        node.stop()
    figures = [*pairs, {"ratio": statistics.median(pair["ratio"] for pair in pairs)}]
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

        def first_ids(count):
            ids, after = [], ""
            while after is not None and len(ids) < count:
                page = json.loads(fetch(f"{node.url}/v1/slots?limit=200{after and '&after=' + after}"))
                ids += [slot["id"] for slot in page["items"]]
                after = page["next"]
            return ids

        def look(ids, how=""):
            for id in ids:
                fetch(f"{node.url}/v1/slots/{id}{how}")
            return node.rss(), node.metric("boxoffice_slots_awake")

        made = make(min(SLOTS, 10_000))
        figures.append({"kind": "just made", "slots": made, "bytes_each": (node.rss() - idle) / node.metric("boxoffice_slots_awake")})
        # Asleep, and woken by someone who must see the latest: without what the store keeps in memory of one that was just made.
        # A look that wakes nobody puts what it reads into the store's cache; the first thousand who are woken fill the node's own,
        # and are not counted.
        node.stop()
        node.start()
        ids = first_ids(11_000)
        look(ids)
        (before, some), (after, more) = (look(part, "?consistency=linearizable") for part in (ids[:1_000], ids[1_000:]))
        figures.append({"kind": "awake", "slots": int(more), "bytes_each": (after - before) / (more - some)})
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
        for how in (signal.SIGTERM, signal.SIGKILL):
            node.stop(how)
            ready = node.start()
            book = lambda: fetch(f"{node.url}/v1/slots/{ids.pop()}/bookings", node.token, {"quantity": 1})
            figures.append({"kind": f"start after {how.name}, a booking of a sleeper", "ready_s": ready, "answer_s": median_seconds(book)})
    finally:
        node.stop()
    table(figures)
    return figures
