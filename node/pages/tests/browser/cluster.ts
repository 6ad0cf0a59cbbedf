// Three real nodes that are one cluster, and the one door before them that whoever comes from outside knows.

import type { ChildProcess } from "node:child_process";
import { execFileSync, spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import type { Server, Socket } from "node:net";
import { connect, createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Running } from "./node.ts";
import { asking, freePort, programs, ready } from "./node.ts";

const NODES = 3;

export interface Cluster extends Running {
  door: Door;
  /** Which node leads. */
  leader: () => Promise<number>;
  /** Ends a node as `kill -9` does, and returns once it has ended. */
  kill: (node: number) => Promise<void>;
  /** Starts a node that was killed, and returns once it serves. */
  again: (node: number) => Promise<void>;
}

interface Address {
  client: number;
  admin: number;
  peer: number;
}

export async function startCluster(): Promise<Cluster> {
  const work = mkdtempSync(join(tmpdir(), "boxoffice-pages-"));
  const key = join(work, "token.key");
  writeFileSync(key, randomBytes(32).toString("base64url"), { mode: 0o600 });
  const addresses: Address[] = [];
  for (let node = 0; node < NODES; node += 1) {
    addresses.push({ client: await freePort(), admin: await freePort(), peer: await freePort() });
  }
  addresses.forEach((_, node) => writeFileSync(join(work, `${node}.toml`), configuration(work, key, addresses, node)));
  const running: (ChildProcess | undefined)[] = addresses.map((_, node) => run(work, node));
  const isReady = (node: number): Promise<void> => ready(`http://127.0.0.1:${addresses[node]!.admin}/readyz`, running[node]!);
  await Promise.all(addresses.map((_, node) => isReady(node)));
  const door = await openDoor(addresses.map(({ client }) => client));

  const leads = (node: number): boolean => {
    const admin = `http://127.0.0.1:${addresses[node]!.admin}`;
    const told = execFileSync(join(programs(), "boxctl"), ["--key", key, "--admin", admin, "groups", "--json"], { stdio: ["ignore", "pipe", "ignore"] });
    return (JSON.parse(told.toString()) as { items: { role: string }[] }).items.every(({ role }) => role === "leader");
  };
  const kill = async (node: number): Promise<void> => {
    const child = running[node];
    running[node] = undefined;
    child?.kill("SIGKILL");
    await (child ? ended(child) : undefined);
  };
  return {
    ...asking(`http://127.0.0.1:${door.port}`, ["--key", key]),
    door,
    kill,
    again: async (node) => {
      running[node] = run(work, node);
      await isReady(node);
    },
    leader: async () => {
      for (;;) {
        const found = running.findIndex((child, node) => child !== undefined && leads(node));
        if (found >= 0) {
          return found;
        }
        await new Promise((resolve) => setTimeout(resolve, 50));
      }
    },
    stop: async () => {
      await door.close();
      await Promise.all(running.map((_, node) => kill(node)));
      rmSync(work, { recursive: true, force: true });
    },
  };
}

/** All have one group, so one of them leads whatever is sold. */
function configuration(work: string, key: string, addresses: Address[], node: number): string {
  const { client, admin, peer } = addresses[node]!;
  const peers = (some: Address[]): string => JSON.stringify(some.map((one) => `127.0.0.1:${one.peer}`));
  return `
[node]
data = ${JSON.stringify(join(work, String(node)))}
[listen]
client = "127.0.0.1:${client}"
admin = "127.0.0.1:${admin}"
peer = "127.0.0.1:${peer}"
[cluster]
${node === 0 ? `bootstrap = true\npeers = ${peers(addresses.slice(1))}` : `join = ${peers(addresses.slice(0, 1))}`}
groups = 1
[[auth.keys]]
id = "main"
algorithm = "HS256"
secret_file = ${JSON.stringify(key)}
`;
}

function run(work: string, node: number): ChildProcess {
  return spawn(join(programs(), "boxoffice"), ["serve", "--config", join(work, `${node}.toml`)], { stdio: "ignore" });
}

function ended(child: ChildProcess): Promise<void> {
  return new Promise((resolve) => (child.exitCode !== null || child.signalCode !== null ? resolve() : child.once("exit", () => resolve())));
}

/** One address for all nodes, as what balances them has it: whoever comes is led to the first that can be reached. */
export interface Door {
  port: number;
  /** Leads to this node before the others. */
  lead: (node: number) => void;
  /** Nobody comes in, and whoever was in is cut off. */
  shut: () => void;
  open: () => void;
  close: () => Promise<void>;
}

async function openDoor(ports: number[]): Promise<Door> {
  let [first, isShut] = [0, false];
  const inside = new Set<Socket>();
  const server: Server = createServer((visitor) => {
    visitor.on("error", () => visitor.destroy());
    if (isShut) {
      visitor.destroy();
      return;
    }
    inside.add(visitor);
    visitor.on("close", () => inside.delete(visitor));
    leadIn(visitor, [...ports.slice(first), ...ports.slice(0, first)]);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as { port: number };
  const empty = (): void => inside.forEach((visitor) => visitor.destroy());
  return {
    port,
    lead: (node) => (first = node),
    shut: () => {
      isShut = true;
      empty();
    },
    open: () => (isShut = false),
    close: () => {
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      empty();
      return closed;
    },
  };
}

/** Leads a visitor to the first of these that takes them; out again where none does. */
function leadIn(visitor: Socket, [port, ...others]: number[]): void {
  if (port === undefined) {
    visitor.destroy();
    return;
  }
  const node = connect(port, "127.0.0.1");
  node.once("connect", () => {
    visitor.pipe(node).pipe(visitor);
    visitor.on("close", () => node.destroy());
    node.on("close", () => visitor.destroy());
  });
  node.on("error", () => (node.readyState === "open" || node.bytesRead > 0 ? visitor.destroy() : leadIn(visitor, others)));
}
