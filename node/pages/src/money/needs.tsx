// What a place needs beside a free one: credits, of which one has so many, and a code.

import type { JSX } from "preact";
import { useEffect, useState } from "preact/hooks";
import { get, Unread } from "../api/ask.ts";
import { signedIn } from "../api/session.ts";
import type { Account, Slot } from "../api/shapes.ts";
import { clock } from "../live/clock.ts";
import type { TermsProperties } from "../parts/terms.tsx";
import { words } from "../words/index.ts";
import { parts } from "../words/parts.ts";
import { availableOf } from "./account.ts";

const said = parts.money;

export function Needs({ slot, quantity, mine, takesCode }: TermsProperties & { takesCode: boolean }): JSX.Element {
  const { credits, code_required } = slot.policy;
  return (
    <>
      {credits ? <Credits slot={slot} needed={credits.price * quantity} own={mine.bookings.value.map(({ id, status }) => `${id} ${status}`).join()} /> : null}
      {takesCode ? (
        <label class="field">
          <span>{code_required ? said.code : said.codeIfAny}</span>
          <input
            name="code"
            value={mine.code.value}
            required={code_required === true}
            maxLength={64}
            autoComplete="off"
            autoCapitalize="characters"
            spellcheck={false}
            onInput={({ currentTarget }) => (mine.code.value = currentTarget.value)}
          />
        </label>
      ) : null}
    </>
  );
}

interface CreditsProperties {
  slot: Slot;
  needed: number;
  /** What one has booked, and how it stands: credits go and come with it. */
  own: string;
}

function Credits({ slot, needed, own }: CreditsProperties): JSX.Element {
  const available = useAvailable(slot, own);
  return (
    <>
      <p class="total">
        <span>{said.needs}</span> <strong>{said.credits(needed)}</strong>
      </p>
      {available === null ? null : (
        <p class={available < needed ? "hint" : "quiet"} role="status">
          {available < needed ? `${said.have(available)} ${words.refusal("insufficient_credits")}` : said.have(available)}
        </p>
      )}
    </>
  );
}

/** How many credits one has for a slot; null while nobody has said. */
function useAvailable(slot: Slot, own: string): number | null {
  const [account, know] = useState<Account | null>(null);
  const subject = signedIn.value;
  useEffect(() => {
    let dropped = false;
    const load = async (): Promise<void> => {
      const query = new URLSearchParams({ organizer: slot.organizer, ...(slot.placement ? { placement: slot.placement } : {}) });
      const read = await get<Account>(`/v1/accounts?${query.toString()}`);
      if (!dropped) {
        know(read);
      }
    };
    know(null);
    if (subject !== null) {
      load().catch((error: unknown) => {
        // Without it one may book all the same: the node says whether it is enough.
        if (!(error instanceof Unread)) {
          throw error;
        }
      });
    }
    return () => {
      dropped = true;
    };
  }, [slot.organizer, slot.placement, subject, own]);
  return account && availableOf(account, Date.parse(slot.starts_at), clock.now());
}
