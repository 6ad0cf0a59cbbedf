// Which language is spoken: the page says it, and the page is asked for in it (`?lang=`). English is a part of the shop, every other
// language a file of its own, which is there before anything is shown.

import type { ShopWords } from "./en.ts";
import { en } from "./en.ts";

/** Where the build put the other languages. */
declare const LANGUAGES: Record<string, string>;

/** What each language calls itself. */
export const languages: Record<string, string> = { en: "English", de: "Deutsch" };

export const language = spoken(typeof document === "undefined" ? "en" : document.documentElement.lang);
export const words: ShopWords = await wordsOf(language);

/** The language among ours that a tag means. */
export function spoken(tag: string): string {
  const primary = tag.split("-")[0]?.toLowerCase() ?? "";
  return primary in languages ? primary : "en";
}

async function wordsOf(tag: string): Promise<ShopWords> {
  const url = tag === "en" ? undefined : LANGUAGES[tag];
  if (url === undefined) {
    return en;
  }
  try {
    return ((await import(url)) as { words: ShopWords }).words;
  } catch {
    // A page in the wrong language is better than none.
    return en;
  }
}
