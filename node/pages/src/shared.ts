// What the parts that are loaded later (the seat map, the calendar, the ticket, credits and codes) take from the shop instead of carrying it once more: the build puts
// `globalThis.boxoffice[NAME]` in the place of each of these modules there.

import { signal } from "@preact/signals";
import { useEffect, useMemo, useRef, useState } from "preact/hooks";
import { Fragment, jsx, jsxs } from "preact/jsx-runtime";
import * as ask from "./api/ask.ts";
import * as outcome from "./api/outcome.ts";
import * as price from "./api/price.ts";
import * as session from "./api/session.ts";
import * as again from "./live/again.ts";
import * as clock from "./live/clock.ts";
import * as persist from "./live/persist.ts";
import * as share from "./live/share.ts";
import * as watch from "./live/watch.ts";
import * as act from "./parts/act.ts";
import * as early from "./parts/early.ts";
import * as said from "./parts/said.tsx";
import * as stepper from "./parts/stepper.tsx";
import * as terms from "./parts/terms.tsx";
import * as when from "./parts/when.tsx";
import * as signIn from "./views/sign_in.tsx";
import * as stub from "./views/stub.tsx";
import * as format from "./words/format.ts";
import * as words from "./words/index.ts";
import * as link from "./words/link.ts";

export const shared: Record<string, unknown> = {
  // Of these no more than what is taken: the rest would be carried for nobody.
  "@preact/signals": { signal },
  "preact/hooks": { useEffect, useMemo, useRef, useState },
  "preact/jsx-runtime": { Fragment, jsx, jsxs },
  "api/ask.ts": ask,
  "api/outcome.ts": outcome,
  "api/price.ts": price,
  "api/session.ts": session,
  "live/again.ts": again,
  "live/persist.ts": persist,
  "live/clock.ts": clock,
  "live/share.ts": share,
  "live/watch.ts": watch,
  "parts/act.ts": act,
  "parts/early.ts": early,
  "parts/said.tsx": said,
  "parts/stepper.tsx": stepper,
  "parts/terms.tsx": terms,
  "parts/when.tsx": when,
  "views/sign_in.tsx": signIn,
  "views/stub.tsx": stub,
  "words/format.ts": format,
  "words/index.ts": words,
  "words/link.ts": link,
};
