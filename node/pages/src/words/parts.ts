// The words of what is loaded later, in the language of the page.

import type { Parts } from "./en_parts.ts";
import { enParts } from "./en_parts.ts";
import { words } from "./index.ts";

/** A language that was loaded has them beside its other words. */
export const parts: Parts = "map" in words ? (words as typeof words & Parts) : enParts;
