// Changes whose outcome is not known yet, kept over a reload of the page: each is asked again with the key that it had, so it happens
// once, however often it is asked.

export interface Pending {
  key: string;
  path: string;
  body: string | null;
  /** Who asked: the same question by somebody else is another one. */
  by: string;
}

type Store = Pick<Storage, "getItem" | "setItem" | "removeItem">;

const NAME = "boxoffice.pending";
/** More than a person can have under way. */
const PENDING_MAX = 32;

export class Keys {
  constructor(
    private readonly store: Store | undefined,
    private readonly fresh: () => string,
  ) {}

  all(): Pending[] {
    const text = this.store?.getItem(NAME);
    if (!text) {
      return [];
    }
    try {
      const known: unknown = JSON.parse(text);
      return Array.isArray(known) ? known.filter(isPending) : [];
    } catch {
      // What somebody else wrote there is nothing that we asked.
      return [];
    }
  }

  /** The key of a change: that of the same one while it is under way, else a new one. */
  begin(path: string, body: string | null, by: string): Pending {
    const known = this.all();
    const same = known.find((one) => one.path === path && one.body === body && one.by === by);
    if (same) {
      return same;
    }
    const pending = { key: this.fresh(), path, body, by };
    this.write([...known.slice(1 - PENDING_MAX), pending]);
    return pending;
  }

  /** The outcome is known. */
  end(key: string): void {
    this.write(this.all().filter((one) => one.key !== key));
  }

  private write(pending: Pending[]): void {
    if (pending.length === 0) {
      this.store?.removeItem(NAME);
      return;
    }
    try {
      this.store?.setItem(NAME, JSON.stringify(pending));
    } catch {
      // Where there is no room a key lives as long as the page.
    }
  }
}

function isPending(value: unknown): value is Pending {
  if (typeof value !== "object" || value === null) {
    return false;
  }
  const { key, path, body, by } = value as Record<string, unknown>;
  const isText = typeof key === "string" && typeof path === "string" && typeof by === "string";
  return isText && (body === null || typeof body === "string");
}
