// Who is signed in. The token itself is in a cookie that no script can read; what is kept here is a name to greet with, and it proves
// nothing: the node decides.

import { signal } from "@preact/signals";

const NAME = "boxoffice.subject";

export const signedIn = signal<string | null>(remembered());

// Who signs in or out in one tab does so in all: they have one cookie.
globalThis.addEventListener?.("storage", ({ key }) => {
  if (key === NAME || key === null) {
    signedIn.value = remembered();
  }
});

/** Whoever asks, as far as the page knows. */
export function subject(): string {
  return signedIn.value ?? "";
}

export function greet(name: string): void {
  signedIn.value = name;
  keep(name);
}

export function forget(): void {
  signedIn.value = null;
  keep(null);
}

/** Opens a session with a token, or in `dev` with a name. True if the node took it; whoever was not heard may try again. */
export async function open(body: { token: string } | { dev: string }): Promise<boolean> {
  const response = await fetch("/session", {
    method: "POST",
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify(body),
  });
  if (response.status >= 500) {
    throw new Error(`it answers ${response.status}`);
  }
  if (response.ok) {
    greet("dev" in body ? body.dev : subjectOf(body.token));
  }
  return response.ok;
}

export async function close(): Promise<boolean> {
  const response = await fetch("/session", { method: "DELETE" });
  if (response.ok) {
    forget();
  }
  return response.ok;
}

/** The name in a token, to greet with. */
export function subjectOf(token: string): string {
  try {
    const middle = (token.split(".")[1] ?? "").replaceAll("-", "+").replaceAll("_", "/");
    const bytes = Uint8Array.from(atob(middle), (character) => character.charCodeAt(0));
    const claims: unknown = JSON.parse(new TextDecoder().decode(bytes));
    const { sub } = claims as { sub?: unknown };
    return typeof sub === "string" ? sub : "";
  } catch {
    // A token that we cannot read is the node's to judge.
    return "";
  }
}

function remembered(): string | null {
  try {
    return globalThis.localStorage?.getItem(NAME) ?? null;
  } catch {
    // A browser may refuse to remember.
    return null;
  }
}

function keep(name: string | null): void {
  try {
    if (name === null) {
      globalThis.localStorage?.removeItem(NAME);
    } else {
      globalThis.localStorage?.setItem(NAME, name);
    }
  } catch {
    // Then the next page asks the node.
  }
}
