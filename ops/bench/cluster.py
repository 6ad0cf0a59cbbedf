"""Three nodes that are one cluster, on the same machine as their load: what replication costs, and what it is good for."""

import collections
import contextlib
import itertools
import json
import os
import signal
import statistics
import subprocess
import threading
import time
import urllib.error

from load import ROUNDS, in_turn, medians, table, window
from servers import BIN, PEERS, Member, Server, fetch, peers, say, until

KILLS = int(os.environ.get("KILLS", "50"))
HANDOVERS = int(os.environ.get("HANDOVERS", "100"))
RESTARTS = int(os.environ.get("RESTARTS", "10"))
BEHIND = int(os.environ.get("BEHIND", "1000000"))
# How many customers ask while leaders are killed, each again and again until they are answered.
CUSTOMERS = 16


class Cluster:
    """Three members, all of which vote, or as many as are said: where they are more, replicas and leaders are spread over all."""

    def __init__(self, folder, count=3, first=1, groups=4):
        self.members = [Member(folder, first + place, founder=first, groups=groups) for place in range(count)]
        self.operator = self.members[0].signed("operator")

        def all_vote():
            status = self.told("status")
            return sum(member["votes"] for member in status["members"]) == count

        def all_is_placed():
            placement = self.told("placement")
            return placement["record"] and not placement["steps"] and all(group["nodes"] == group["placed"] for group in placement["groups"])

        until("all vote", all_vote)
        if count > 3:
            until("all is placed", all_is_placed)
            node = ["--admin", self.members[0].admin, "--key", self.members[0].key]
            subprocess.run([BIN / "boxctl", "leader", "balance", *node], check=True, stdout=subprocess.DEVNULL)

    def told(self, what):
        return json.loads(fetch(f"{self.members[0].admin}/admin/v1/{what}", self.operator))

    def groups(self, member):
        return json.loads(fetch(f"{member.admin}/admin/v1/groups", self.operator))["items"]

    def number(self, member):
        return json.loads(fetch(f"{member.admin}/admin/v1/status", self.operator))["node"]

    def leader(self):
        """Whoever leads most of the groups that have slots, or of all, of those that run."""

        def leads(member):
            led = [group for group in self.groups(member) if group["role"] == "leader"]
            return sum(group["slots"] > 0 for group in led), len(led)

        return max((member for member in self.members if member.processes[0].poll() is None), key=leads)

    def followers(self):
        leader = self.leader()
        return [member for member in self.members if member is not leader]

    def places(self):
        """A slot, and where it may be asked for: at its leader, at who follows that, at who has no replica. And who does what then."""
        slot = self.members[0].make(1)[0]
        seen = {member: {group["group"]: group for group in self.groups(member)} for member in self.members}
        leads = lambda group: group["role"] == "leader" and group["slots"] > 0
        leader, number = next((member, number) for member in seen for number, group in seen[member].items() if leads(group))
        follow = [member for member in self.members if number in seen[member] and member is not leader]
        rest = [member for member in self.members if number not in seen[member]]
        size = f"{len(self.members)} nodes"
        yield f"{size}, the leader", self, slot, leader, {"leads": [leader], "follow": follow, "rest": rest}
        yield f"{size}, a follower", self, slot, follow[0], {"asked": follow[:1], "leads": [leader], "follow": follow[1:], "rest": rest}
        if rest:
            yield f"{size}, without a replica", self, slot, rest[0], {"asked": rest[:1], "leads": [leader], "follow": follow, "rest": rest[1:]}

    def through(self, name, member, slots):
        """The cluster as a server that is asked at one member."""
        return Server(name, member.url, [one.processes[0] for one in self.members], slots, member.token)

    def shared_window(self, asked, slots, connections):
        """A window in which one member is asked: CPU microseconds a request of all together, and CPU seconds of each."""
        before = {member: member.cpu() for member in self.members}
        whole = window(self.through("cluster", asked, slots), slots, connections)["cpu_us"]
        return whole, {member: member.cpu() - before[member] for member in self.members}

    def moved(self):
        """What all members have synced, written to their disks, and sent to each other, so far."""
        written = (line for member in self.members for line in open(f"/proc/{member.processes[0].pid}/io") if line.startswith("write_bytes"))
        peers = [f"{member.host}:17070" for member in self.members]
        # A connection is listed at both ends, each with what it has sent.
        listed = subprocess.run(["ss", "-tinHO", "state", "established"], check=True, capture_output=True, text=True).stdout
        sent = (line.split("bytes_sent:")[1].split()[0] for line in listed.splitlines() if "bytes_sent:" in line and any(f"{peer} " in line for peer in peers))
        return {
            "syncs": sum(member.metric("boxoffice_store_syncs_total") for member in self.members),
            "disk_bytes": sum(int(line.split()[1]) for line in written),
            "peer_bytes": sum(map(int, sent)),
        }

    def applied(self, member):
        return member.metric("boxoffice_group_applied_index")

    def stop(self):
        for member in self.members:
            member.processes[0].send_signal(signal.SIGTERM)  # to one that has ended, nothing
        for member in self.members:
            member.processes[0].wait()


@contextlib.contextmanager
def cluster(folder, **how):
    one = Cluster(folder, **how)
    try:
        yield one
    finally:
        one.stop()


def three(folder):
    """Closed loop on three nodes, at the leader and at a follower, beside a single etcd and a Redis that syncs."""
    with cluster(folder) as nodes, contextlib.ExitStack() as at_the_end:
        leader, follower = nodes.leader(), nodes.followers()[0]
        slots = leader.make(64)
        servers = [nodes.through("leader", leader, slots), nodes.through("follower", follower, slots)]
        for peer in peers(folder, ["etcd", "redis-always"]) if PEERS else []:
            at_the_end.callback(peer.stop)
            servers.append(peer)
        figures = []
        for place, rounds in in_turn("three", servers):
            for server in servers:
                ratios = {f"{name}_ratio": medians(rounds, name, by=server.name)["rate"] for name in ("leader", "follower")}
                figures.append(place | {"server": server.name} | medians(rounds, server.name) | ratios)
    table(figures)
    return figures


def roles(folder):
    """One slot, asked at each role in turn: what a booking costs each node, beside one that is alone. CPU in microseconds."""
    for name in ("alone", "three", "six"):
        (folder / name).mkdir()
    alone = Member(folder / "alone", 9, founder=9)
    try:
        with cluster(folder / "three") as three, cluster(folder / "six", count=6, first=11, groups=12) as six:
            alone.slots = alone.make(1)
            figures = []
            places = [place for nodes in (three, six) for place in nodes.places()]
            for connections in (64, 256):
                rounds = []
                for _ in range(ROUNDS + 1):
                    one = {"alone": {"asked": window(alone, alone.slots, connections)["cpu_us"]}}
                    for name, nodes, slot, asked, roles_of in places:
                        whole, spent = nodes.shared_window(asked, [slot], connections)
                        one[name] = {role: whole * sum(spent[member] for member in roles_of[role]) / sum(spent.values()) for role in roles_of}
                    rounds.append(one)
                rounds = rounds[1:]  # the first warms up
                for name in rounds[0]:
                    of_roles = {role: statistics.median(one[name][role] for one in rounds) for role in rounds[0][name]}
                    figures.append({"connections": connections, "where": name} | of_roles | {"all": sum(of_roles.values())})
    finally:
        alone.stop()
    table(figures)
    return figures


def six(folder):
    """Many slots on six nodes and on three, at each node in turn, by as many connections a node: what a booking costs. CPU in microseconds."""
    for name in ("three", "six"):
        (folder / name).mkdir()
    with cluster(folder / "three", groups=12) as three, cluster(folder / "six", count=6, first=11, groups=12) as six:
        clusters = {"three": (three, three.members[0].make(48)), "six": (six, six.members[0].make(48))}
        figures = []
        for connections in (64, 256):
            rounds = []
            for _ in range(ROUNDS + 1):
                one = {}
                for name, (nodes, slots) in clusters.items():
                    spent, booked = collections.Counter(), 0
                    moved = nodes.moved()
                    for asked in nodes.members:
                        whole, here = nodes.shared_window(asked, slots, connections * len(nodes.members) // 3)
                        spent.update(here)
                        booked += sum(here.values()) / whole * 1e6
                    one[f"{name}: all"] = sum(spent.values()) / booked * 1e6
                    one[f"{name}: busiest"] = max(spent.values()) / booked * 1e6
                    one |= {f"{name}: {what}": (amount - moved[what]) / booked for what, amount in nodes.moved().items()}
                one["all_ratio"] = one["six: all"] / one["three: all"]
                one["busiest_ratio"] = one["six: busiest"] / one["three: busiest"]
                rounds.append(one)
            rounds = rounds[1:]  # the first warms up
            figures.append({"connections": connections} | {name: statistics.median(one[name] for one in rounds) for name in rounds[0]})
    table(figures)
    return figures


class Customer(threading.Thread):
    """Books again and again at one of the members that are asked, with the same key until there is an answer."""

    def __init__(self, name, asked, slot):
        super().__init__()
        self.slot, self.asked, self.prefix = slot, asked, name
        self.acknowledged, self.last, self.stopping = 0, time.monotonic(), False
        self.answered = collections.deque(maxlen=1_000)
        # How long the longest answer took, from the first attempt; and how often there were two attempts, and more.
        self.longest, self.attempts = 0, collections.Counter()

    def run(self):
        for number in itertools.count():
            began = time.monotonic()
            for attempt in itertools.count(1):
                member = self.asked()
                try:
                    fetch(f"{member.url}/v1/slots/{self.slot}/bookings", member.token, {"quantity": 1}, f"{self.prefix}-{number}")
                    break
                except (urllib.error.URLError, OSError):
                    time.sleep(0.01)
            self.acknowledged, self.last = self.acknowledged + 1, time.monotonic()
            self.longest = max(self.longest, self.last - began)
            self.attempts[min(attempt, 3)] += 1
            self.answered.append(self.last)
            if self.stopping:
                return


@contextlib.contextmanager
def crowd(slot, asked):
    """Customers, each of whom asks wherever their own `asked` says; at the end each is answered once more, and goes."""
    customers = [Customer(f"customer-{number}", asked(), slot) for number in range(CUSTOMERS)]
    for customer in customers:
        customer.start()
    try:
        yield customers
    finally:
        for customer in customers:
            customer.stopping = True
        for customer in customers:
            customer.join()


def failover(folder):
    """Whoever leads is killed again and again (kill -9) while customers ask the others: how long nobody is answered."""
    with cluster(folder) as nodes:
        slot = nodes.members[0].make(1)[0]
        asked = [nodes.followers()[0]]
        silences = []
        with crowd(slot, lambda: lambda: asked[0]) as customers:
            for kill in range(KILLS):
                time.sleep(0.5)
                victim = nodes.leader()
                asked[0] = next(member for member in nodes.members if member is not victim)
                time.sleep(0.2)
                victim.stop(signal.SIGKILL)
                killed = time.monotonic()
                until("an answer", lambda: any(killed + 0.05 < customer.last for customer in customers))
                silences.append(min(customer.last for customer in customers if killed + 0.05 < customer.last) - killed)
                victim.start()
                if kill % 10 == 9:
                    say(f"failover: {kill + 1} kills")
        acknowledged = sum(customer.acknowledged for customer in customers)
        seen = json.loads(fetch(f"{asked[0].url}/v1/slots/{slot}?consistency=linearizable"))
        silences.sort()
        figures = [{
            "kills": KILLS, "p50_s": statistics.median(silences), "p99_s": silences[(len(silences) * 99 - 1) // 100],
            "longest_s": silences[-1], "acknowledged": acknowledged, "confirmed": seen["counts"]["confirmed"],
        }]
    table(figures)
    if seen["counts"]["confirmed"] != acknowledged:
        raise SystemExit("what was acknowledged is not what there is")
    return figures


def handover(folder):
    """A group is handed over again and again while customers ask the node that neither gives nor takes it: how long nobody is answered."""
    with cluster(folder) as nodes:
        slot = nodes.members[0].make(1)[0]
        asked = [nodes.members[0]]
        silences, told, usual = [], [], []
        with crowd(slot, lambda: lambda: asked[0]) as customers:
            def longest_gap(begin, end):
                times = sorted(at for customer in customers for at in list(customer.answered) if begin <= at <= end)
                return max(later - earlier for earlier, later in itertools.pairwise([begin, *times, end]))

            for number in range(HANDOVERS):
                group = next(group for group in nodes.groups(asked[0]) if 0 < group["slots"])
                numbers = {member: nodes.number(member) for member in nodes.members}
                others = [member for member in nodes.members if numbers[member] != group["leader"]]
                taker, asked[0] = others if number % 2 else reversed(others)
                time.sleep(0.5)
                begin = time.monotonic()
                usual.append(longest_gap(begin - 0.3, begin))
                wanted = {"node": numbers[taker], "expected_leader": group["leader"], "expected_term": group["term"]}
                moved = json.loads(fetch(f"{asked[0].admin}/admin/v1/groups/{group['group']}/leader", nodes.operator, wanted))
                told.append(moved["unanswered_ms"] / 1_000)
                time.sleep(0.3)
                silences.append(longest_gap(begin, time.monotonic()))
        silences.sort()
        figures = [{
            "handovers": HANDOVERS, "p50_s": statistics.median(silences), "p99_s": silences[(len(silences) * 99 - 1) // 100],
            "longest_s": silences[-1], "told_p50_s": statistics.median(told), "told_longest_s": max(told),
            "usual_p50_s": statistics.median(usual),
        }]
    table(figures)
    return figures


def rolling(folder):
    """Each node is stopped (SIGTERM) and started again, in turn, while customers ask all of them: how long the longest waits."""
    with cluster(folder) as nodes:
        slot = nodes.members[0].make(1)[0]
        longest, took = [], []
        # Who asks once more asks the next one.
        with crowd(slot, lambda: itertools.cycle(nodes.members).__next__) as customers:
            for _ in range(RESTARTS):
                for member in nodes.members:
                    time.sleep(0.5)
                    for customer in customers:
                        customer.longest = 0
                    began = time.monotonic()
                    member.stop()
                    took.append(time.monotonic() - began)
                    time.sleep(0.5)
                    longest.append(max(customer.longest for customer in customers))
                    member.start()
        attempts = sum((customer.attempts for customer in customers), collections.Counter())
        figures = [{
            "stops": len(took), "took_p50_s": statistics.median(took), "longest_p50_s": statistics.median(longest), "longest_s": max(longest),
            "acknowledged": attempts.total(), "asked_twice": attempts[2], "asked_more_often": attempts[3],
        }]
    table(figures)
    return figures


def slow_disk(folder):
    """One follower whose syncs take 200 ms: what the cluster loses by it. strace sits on it in either case."""
    with cluster(folder) as nodes:
        leader, follower = nodes.leader(), nodes.followers()[0]
        server = nodes.through("leader", leader, leader.make(8))
        rounds = []
        for _ in range(ROUNDS):
            one = {}
            for name, delay_us in (("quick", 1), ("slow", 200_000)):
                calls = "fsync,fdatasync,sync_file_range"
                inject = ["-e", f"trace={calls}", "-e", f"inject={calls}:delay_enter={delay_us}"]
                command = ["strace", "-f", "-qq", "-o", "/dev/null", *inject, "-p", str(follower.processes[0].pid)]
                with subprocess.Popen(command) as tracer:
                    time.sleep(0.5)
                    one[name] = window(server, server.slots, 64, 3)
                    tracer.terminate()
                # What it lacks now it gets before the next window.
                until("it catches up", lambda: nodes.applied(leader) - nodes.applied(follower) < 100)
            rounds.append(one)
        rates = {f"{name}_rate": medians(rounds, name)["rate"] for name in ("quick", "slow")}
        figures = [rates | {"goodput_share": medians(rounds, "slow", by="quick")["rate"]}]
    table(figures)
    return figures


def behind(folder):
    """A follower that lacks very many bookings catches up by a snapshot: what the others sell meanwhile."""
    with cluster(folder) as nodes:
        leader, away = nodes.leader(), nodes.followers()[0]
        slots = leader.make(8)
        server = nodes.through("leader", leader, slots)
        together = [window(server, slots, 64, 2)["rate"] for _ in range(ROUNDS)]
        away.stop()
        server.processes.remove(away.processes[0])
        start = sum(leader.seq(slot) for slot in slots)
        while sum(leader.seq(slot) for slot in slots) - start < BEHIND:
            window(server, slots, 64, 5)
            say(f"behind: {sum(leader.seq(slot) for slot in slots) - start} bookings")
        apart = [window(server, slots, 64, 2)["rate"] for _ in range(ROUNDS)]
        away.launch()
        began, meanwhile = time.monotonic(), []

        def has_caught_up():
            try:
                fetch(f"{away.admin}/readyz")
            except OSError:
                return False
            return nodes.applied(leader) - nodes.applied(away) < 1_000

        while not has_caught_up():
            meanwhile.append(window(server, slots, 64)["rate"])
        took = time.monotonic() - began
        again = [window(server, slots, 64, 2)["rate"] for _ in range(ROUNDS)]
        rates = {"together": together, "away": apart, "catching_up": meanwhile, "again": again}
        figures = [{name: statistics.median(rate) for name, rate in rates.items()} | {
            "caught_up_s": took, "slowest_window": min(meanwhile),
            "sold_share": statistics.fmean(meanwhile) / statistics.fmean(together),
            "goodput_share": statistics.median(meanwhile) / statistics.median(together),
            "share_of_again": statistics.median(meanwhile) / statistics.median(again),
        }]
    table(figures)
    return figures
