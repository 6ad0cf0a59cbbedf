// Credits and codes: what is needed beside a place. Loaded where a slot asks for some, so nobody else pays for it.

import type { JSX } from "preact";
import type { Slot } from "../api/shapes.ts";
import type { Mine } from "../views/mine.ts";
import { Later } from "./later.tsx";

/** Where the build put what is said of credits and codes. */
declare const MONEY_URL: string;

export interface TermsProperties {
  slot: Slot;
  quantity: number;
  mine: Mine;
}

export function Terms({ slot, quantity, mine }: TermsProperties): JSX.Element | null {
  const { credits, code_required } = slot.policy;
  // Where there are prices a code may lower them; a node that knows none does not speak of them.
  const takesCode = code_required === true || (code_required === false && (slot.prices?.length ?? 0) > 0);
  return credits || takesCode ? <Later url={MONEY_URL} name="Needs" given={{ slot, quantity, mine, takesCode }} /> : null;
}
