// A real node to test the pages with: `boxoffice dev` from $BIN, with a data directory that is thrown away.

import { execFileSync, spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { createServer } from "node:net";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";

const READY_MS = 60_000;
const DAY = 86_400_000;

export interface Running {
  url: string;
  organizer: string;
  customer: (name: string) => string;
  /** Asks as somebody; the answer's body, whatever the status. */
  ask: <Value>(token: string, path: string, body?: unknown, method?: string) => Promise<Value>;
  stop: () => Promise<void>;
}

/** The folder of the built programs. */
export function programs(): string {
  const bin = process.env["BIN"];
  if (!bin) {
    throw new Error("BIN names the folder of boxoffice and boxctl: run this with make browser");
  }
  return bin;
}

export async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}

export async function start(): Promise<Running> {
  const bin = programs();
  const work = mkdtempSync(join(tmpdir(), "boxoffice-pages-"));
  const data = join(work, "data");
  const [client, admin] = [await freePort(), await freePort()];
  const child = spawn(join(bin, "boxoffice"), ["dev", "--data", data, "--client", `127.0.0.1:${client}`, "--admin", `127.0.0.1:${admin}`], {
    stdio: ["ignore", "ignore", "inherit"],
    env: { ...process.env, RUST_LOG: "error" },
  });
  const ended = new Promise<void>((resolve) => child.on("exit", () => resolve()));
  await ready(`http://127.0.0.1:${admin}/readyz`, child);

  return {
    ...asking(`http://127.0.0.1:${client}`, ["--data", data]),
    stop: async () => {
      child.kill("SIGTERM");
      await ended;
      rmSync(work, { recursive: true, force: true });
    },
  };
}

/** Asks at an address, with tokens that are signed with the key of these options. */
export function asking(url: string, key: string[]): Omit<Running, "stop"> {
  const token = (...who: string[]): string =>
    execFileSync(join(programs(), "boxctl"), ["token", ...key, "--ttl-seconds", "3600", ...who]).toString().trim();
  return {
    url,
    organizer: token("--role", "organizer", "--organizer", "studio-7"),
    customer: (name) => token("--role", "customer", "--subject", name),
    ask: async <Value>(as: string, path: string, body?: unknown, method = body === undefined ? "GET" : "POST"): Promise<Value> => {
      const response = await fetch(`${url}${path}`, {
        method,
        headers: { "Authorization": `Bearer ${as}`, "Content-Type": "application/json", "Idempotency-Key": crypto.randomUUID() },
        body: body === undefined ? null : JSON.stringify(body),
      });
      return (await response.json()) as Value;
    },
  };
}

export async function ready(url: string, child: ReturnType<typeof spawn>): Promise<void> {
  const until = performance.now() + READY_MS;
  for (;;) {
    if (child.exitCode !== null) {
      throw new Error(`the node did not start: it ended with ${child.exitCode}`);
    }
    const response = await fetch(url).catch(() => null);
    if (response?.ok) {
      return;
    }
    if (performance.now() > until) {
      throw new Error("the node is not ready");
    }
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}

/** Tries until it is so. */
export async function soon(so: () => Promise<boolean>): Promise<void> {
  while (!(await so())) {
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}

/** A moment so many days from today, at an hour. */
export function days(count: number, hour = 0): string {
  return new Date(Math.floor(Date.now() / DAY) * DAY + count * DAY + hour * 3_600_000).toISOString();
}

export interface Offer {
  title: string;
  [more: string]: unknown;
}

/** Offers something; its id. */
export async function offer(node: Running, slot: Offer): Promise<string> {
  const body = { starts_at: days(12, 7), ends_at: days(12, 9), ...slot };
  const made = await node.ask<{ id?: string }>(node.organizer, "/v1/slots", body);
  if (made.id === undefined) {
    throw new Error(`no slot was made: ${JSON.stringify(made)}`);
  }
  return made.id;
}

/** A house of so many sections of rows; the id of its map. */
export async function house(node: Running, sections: number, rows: number, seats: number): Promise<string> {
  const across = Math.ceil(Math.sqrt(sections));
  const [wide, high] = [(seats + 4) * 100, (rows + 4) * 100];
  const body = {
    name: "House",
    focus: [0, 0],
    categories: [{ key: "a", name: "Stalls" }],
    sections: Array.from({ length: sections }, (_, s) => ({
      key: sections === 1 ? "stalls" : `s${s + 1}`,
      name: sections === 1 ? "Stalls" : `Section ${s + 1}`,
      rows: Array.from({ length: rows }, (_, r) => {
        const [left, top] = [(s % across) * wide, Math.floor(s / across) * high + r * 100];
        return { key: String(r + 1), seats: [`1-${seats}`], category: "a", at: [left, top], to: [left + (seats - 1) * 100, top] };
      }),
    })),
  };
  const made = await node.ask<{ id?: string }>(node.organizer, "/v1/seatmaps", body);
  if (made.id === undefined) {
    throw new Error(`no map was made: ${JSON.stringify(made)}`);
  }
  return made.id;
}
