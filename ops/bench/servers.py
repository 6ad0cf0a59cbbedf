"""What is measured: the node, alone or as one of three, and what its users would build instead."""

import base64
import json
import os
import pathlib
import signal
import subprocess
import sys
import time
import urllib.request

HERE = pathlib.Path(__file__).resolve().parent
BIN = pathlib.Path(os.environ["BIN"])
PEERS = os.environ.get("PEERS")
KINDS = os.environ.get("PEER_KINDS", "bare journal redis-always").split()
TICKS = os.sysconf("SC_CLK_TCK")
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
    """A node alone, as `boxoffice dev` starts it."""

    def __init__(self, folder, host="127.0.0.1", port=17080):
        self.folder, self.host, self.port, self.admin = folder, host, port, f"http://{host}:{port + 10}"
        super().__init__("node", f"http://{host}:{port}", [], [])
        self.start()
        self.token = self.signed("customer")
        self.organizer = self.signed("organizer", "--organizer", "bench")

    def command(self):
        listen = ["--client", f"{self.host}:{self.port}", "--admin", f"{self.host}:{self.port + 10}"]
        return ["dev", "--data", self.folder / "data", *listen]

    @property
    def key(self):
        """The file with the key for tokens."""
        return self.folder / "data/token.key"

    def launch(self):
        log = open(self.folder / "node.log", "ab")
        self.processes = [subprocess.Popen([BIN / "boxoffice", *self.command()], stdout=log, stderr=log)]

    def start(self):
        """Starts it, and says how long it took to be ready."""
        began = time.monotonic()
        self.launch()
        until("the node", lambda: fetch(f"{self.admin}/readyz"))
        return time.monotonic() - began

    def signed(self, role, *more):
        command = [BIN / "boxctl", "token", "--key", self.key, "--role", role, *more]
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


class Member(Node):
    """A node on a loopback address of its own, as its file says: it founds a cluster, or joins that of its founder."""

    def __init__(self, folder, number, founder=1, groups=4, more=""):
        folder = folder / f"node{number}"
        folder.mkdir()
        secret = self.secret(folder.parent)
        start = "bootstrap = true" if number == founder else f'join = ["127.0.0.{founder}:17070"]'
        (folder / "boxoffice.toml").write_text(
            f"[node]\ndata = '{folder}/data'\n[listen]\nclient = '127.0.0.{number}:17080'\n"
            f"admin = '127.0.0.{number}:17090'\npeer = '127.0.0.{number}:17070'\n[cluster]\n{start}\ngroups = {groups}\n"
            f"[[auth.keys]]\nid = 'main'\nalgorithm = 'HS256'\nsecret_file = '{secret}'\n[rate_limit]\nenabled = false\n{more}"
        )
        super().__init__(folder, host=f"127.0.0.{number}")

    @staticmethod
    def secret(folder):
        key = folder / "token.key"
        if not key.exists():
            key.write_text(base64.urlsafe_b64encode(os.urandom(32)).decode())
            key.chmod(0o600)
        return key

    @property
    def key(self):
        return self.folder.parent / "token.key"

    def command(self):
        return ["serve", "--config", self.folder / "boxoffice.toml"]


def peers(folder, kinds=KINDS):
    """Peers, each on a port of its own."""
    target = pathlib.Path(os.environ.get("CARGO_TARGET_DIR", "target")).resolve() / "peers"
    # From their own folder: this workspace's flags would compile all that they use once more.
    subprocess.run(["cargo", "build", "--release", "--target-dir", target], cwd=PEERS, check=True, stdout=sys.stderr)
    for port, kind in enumerate(kinds, 17100):
        processes, url = [], f"http://127.0.0.1:{port}"
        backend, store = kind, str(folder / kind)
        if kind.startswith("redis"):
            backend, store = "redis", "redis://127.0.0.1:17399"
            options = ["--dir", folder, "--save", "", "--appendonly", "yes", "--appendfsync", kind.removeprefix("redis-")]
            processes.append(subprocess.Popen(["redis-server", "--port", "17399", *options], stdout=subprocess.DEVNULL))
            until("redis", lambda: subprocess.run(["redis-cli", "-p", "17399", "ping"], capture_output=True).returncode == 0)
        if kind == "etcd":
            store = "http://127.0.0.1:17379"
            options = ["--listen-client-urls", store, "--advertise-client-urls", store, "--log-level", "error"]
            options += ["--data-dir", folder / "etcd", "--listen-peer-urls", "http://127.0.0.1:17380"]
            processes.append(subprocess.Popen(["etcd", *options], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL))
            until("etcd", lambda: fetch(f"{store}/health"))
        command = [target / "release/peers", "--backend", backend, "--url", store, "--listen", f"127.0.0.1:{port}"]
        processes.insert(0, subprocess.Popen(command, stdout=subprocess.DEVNULL))
        slots = [f"s{place}" for place in range(64)]
        until(kind, lambda: [fetch(f"{url}/v1/slots/{slot}", body={"capacity": 10_000_000}) for slot in slots])
        yield Server(kind, url, processes, slots)
