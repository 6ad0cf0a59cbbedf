// Addresses of our own pages. The language that was asked for in this page's address stays in the next one's.

import { languages } from "./index.ts";

export function to(path: string, search: string = location.search): string {
  const asked = new URLSearchParams(search).get("lang");
  if (asked === null || !(asked in languages)) {
    return path;
  }
  return `${path}${path.includes("?") ? "&" : "?"}lang=${asked}`;
}
