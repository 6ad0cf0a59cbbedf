// Where a session begins: with a token that an organizer's site put behind the `#` of the address, which no server sees; or in `dev`
// with a name.

import type { JSX } from "preact";
import { useEffect, useState } from "preact/hooks";
import { open, signedIn } from "../api/session.ts";
import { words } from "../words/index.ts";
import { nextOf } from "./sign_in.tsx";

const said = words.session;

export function SessionPage({ dev }: { dev: boolean }): JSX.Element {
  const [stage, go] = useState<"ready" | "working" | "failed">("ready");
  const next = nextOf(location.search);

  const enter = async (body: { token: string } | { dev: string }): Promise<void> => {
    go("working");
    const opened = await open(body).catch(() => false);
    if (opened) {
      location.assign(next);
    } else {
      go("failed");
    }
  };

  useEffect(() => {
    const token = new URLSearchParams(location.hash.slice(1)).get("token");
    if (token) {
      // It must not stay in the history, where the next one who sits here finds it.
      history.replaceState(null, "", location.pathname + location.search);
      void enter({ token });
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
      {dev ? <DevForm busy={stage === "working"} enter={(name) => void enter({ dev: name })} /> : null}
      <p class={stage === "failed" ? "said refused" : "said wait"} role="status">
        {stage === "failed" ? said.failed : stage === "working" ? said.working : ""}
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
