// The shop. The node writes a page that can be read without any of this; here it comes alive.

import type { JSX } from "preact";
import { render } from "preact";
import type { PageData } from "./api/shapes.ts";
import { clock } from "./live/clock.ts";
import { Later } from "./parts/later.tsx";
import { providers } from "./parts/terms.tsx";
import { shared } from "./shared.ts";
import { ListPage } from "./views/list.tsx";
import { SlotPage } from "./views/slot.tsx";
import { Who } from "./views/who.tsx";

/** Where the build put the pages of what is one's own. */
declare const TICKET_URL: string;

function page(name: string | undefined, data: PageData): JSX.Element | null {
  switch (name) {
    case "list":
      return data.slots ? <ListPage slots={data.slots} search={location.search} /> : null;
    case "slot":
      return data.slot ? <SlotPage slot={data.slot} /> : null;
    case "bookings":
      return <Later url={TICKET_URL} name="BookingsPage" given={{}} />;
    case "booking":
      return <Later url={TICKET_URL} name="BookingPage" given={{ id: location.pathname.split("/").at(-1) ?? "", booking: data.booking, slot: data.slot }} />;
    case "session":
      return <Later url={TICKET_URL} name="SessionPage" given={{ dev: data.dev }} />;
    default:
      return null;
  }
}

function start(): void {
  const written = document.getElementById("data")?.textContent;
  const app = document.getElementById("app");
  if (!written || !app) {
    return;
  }
  const data = JSON.parse(written) as PageData;
  clock.heard(Date.parse(data.now));
  providers.push(...(data.providers ?? []));
  const alive = page(document.documentElement.dataset["page"], data);
  if (alive !== null) {
    render(alive, app);
    document.querySelectorAll("#plain, #main > h1").forEach((plain) => plain.setAttribute("hidden", ""));
  }
  const header = document.querySelector("body > header");
  if (header) {
    header.replaceChildren();
    render(<Who />, header);
  }
}

Object.assign(globalThis, { boxoffice: shared });
start();
