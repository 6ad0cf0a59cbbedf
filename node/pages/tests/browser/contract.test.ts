// Whether the pages read what the node says: the shapes that they know are compared with the types of its OpenAPI document.

import { execFileSync } from "node:child_process";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { start } from "./node.ts";

declare const PAGES: string;

/** Ours has to be what theirs is, or less. What a calendar leaves out of a request is in every answer. */
const CHECK = `
import type { components } from "./document.d.ts";
import type * as ours from "../../src/api/shapes.ts";

type Told = components["schemas"];
type Reads<Ours, Theirs extends Ours> = [Ours, Theirs];
export type Checked = [
  Reads<Omit<ours.Slot, "inventory">, Omit<Told["Slot"], "inventory">>,
  Reads<ours.Calendar, Required<Told["Calendar"]>>,
  Reads<ours.Booking, Told["Booking"]>,
  Reads<ours.SeatState, Told["SlotSeats"]>,
  Reads<ours.SeatChange, Told["SeatChanges"]>,
  Reads<ours.Seatmap, Told["Seatmap"]>,
  Reads<ours.List<ours.Free>, Told["FreePage"]>,
  Reads<ours.Problem, Told["Problem"]>,
];
`;

test("what the pages read is what the node says", async () => {
  const node = await start();
  try {
    const folder = join(PAGES, "node_modules", ".document");
    mkdirSync(folder, { recursive: true });
    const document = await node.ask<unknown>(node.organizer, "/openapi.json");
    writeFileSync(join(folder, "openapi.json"), JSON.stringify(document));
    writeFileSync(join(folder, "check.ts"), CHECK);
    const run = (tool: string, ...options: string[]): void => {
      execFileSync(process.execPath, [join(PAGES, "node_modules", tool), ...options], { cwd: folder, stdio: ["ignore", "pipe", "pipe"] });
    };
    run("openapi-typescript/bin/cli.js", "openapi.json", "-o", "document.d.ts", "--default-non-nullable=false");
    try {
      run("typescript/bin/tsc", "--noEmit", "--strict", "--skipLibCheck", "--allowImportingTsExtensions", "--module", "esnext", "--moduleResolution", "bundler", "check.ts");
    } catch (error) {
      throw new Error(String((error as { stdout?: Buffer }).stdout ?? error));
    }
  } finally {
    await node.stop();
  }
});
