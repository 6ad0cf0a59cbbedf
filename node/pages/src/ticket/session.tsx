// Where a session begins: with a token that an organizer's site put behind the `#` of the address, which no server sees; or in `dev`
// with a name.

import type { JSX } from "preact";
import { useEffect, useState } from "preact/hooks";
import { open, signedIn, subjectOf } from "../api/session.ts";
import { words } from "../words/index.ts";
import { parts } from "../words/parts.ts";
import { nextOf } from "../views/sign_in.tsx";

const said = parts.session;

export function SessionPage({ dev }: { dev: boolean }): JSX.Element {
  const [stage, go] = useState<"ready" | "working" | "refused" | "failed" | "unheard">("ready");
  const [other, meet] = useState<string | null>(null);
  const next = nextOf(location.search);

  const enter = async (body: { token: string } | { dev: string }): Promise<void> => {
    go("working");
    try {
      if (await open(body)) {
        location.assign(next);
      } else {
        go("dev" in body ? "refused" : "failed");
      }
    } catch {
      go("unheard");
    }
  };

  useEffect(() => {
    const token = new URLSearchParams(location.hash.slice(1)).get("token");
    if (token) {
      // It must not stay in the history, where the next one who sits here finds it.
      history.replaceState(null, "", location.pathname + location.search);
      // A link may be anybody's: it does not make somebody else of who is signed in, unless they say so.
      if (signedIn.value === null || signedIn.value === subjectOf(token)) {
        void enter({ token });
      } else {
        meet(token);
      }
    }
  }, []);

  return (
    <div class="narrow">
      <h1>{said.title}</h1>
      {signedIn.value !== null && stage === "ready" ? (
        <p class="lead">
          {said.is(signedIn.value)} <a href={next}>{said.on}</a>
        </p>
      ) : (
        <p class="lead">{dev ? said.dev : said.lead}</p>
      )}
      {other !== null && stage !== "working" ? (
        <div class="panel">
          <p>{said.other(subjectOf(other))}</p>
          <button class="primary big" onClick={() => void enter({ token: other })}>
            {said.enter}
          </button>
        </div>
      ) : null}
      {dev ? <DevForm busy={stage === "working"} enter={(name) => void enter({ dev: name })} /> : null}
      <p class={stage === "working" ? "said wait" : "said refused"} role="status">
        {{ ready: "", working: said.working, refused: words.refusal(""), failed: said.failed, unheard: words.refusal("no_answer") }[stage]}
      </p>
    </div>
  );
}

function DevForm({ busy, enter }: { busy: boolean; enter: (name: string) => void }): JSX.Element {
  const [name, call] = useState("");
  return (
    <form
      class="panel"
      onSubmit={(event) => {
        event.preventDefault();
        enter(name.trim());
      }}
    >
      <label class="field">
        <span>{said.name}</span>
        <input name="name" value={name} required maxLength={64} autoComplete="username" onInput={(event) => call(event.currentTarget.value)} />
      </label>
      <button class="primary big" disabled={busy}>
        {said.enter}
      </button>
    </form>
  );
}
