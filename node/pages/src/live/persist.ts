// What is tried again until it is so, at a pace: a node that cannot answer is not asked all the faster.

import { pause } from "../api/outcome.ts";

/** One try, of which it says whether it was enough. What comes of it when nobody wants it any more is for nobody. */
type Attempt = (tries: number, isOver: () => boolean) => Promise<boolean>;

/** Tries until it is enough, as after so many tries in vain; what this gives back ends it. */
export function persist(attempt: Attempt, patience: number): () => void {
  let timer: ReturnType<typeof setTimeout> | undefined;
  let over = false;
  const turn = async (tries: number): Promise<void> => {
    const enough = await attempt(tries, () => over);
    if (!enough && !over) {
      timer = setTimeout(() => void turn(tries + 1), pause(tries + patience, Math.random()));
    }
  };
  void turn(0);
  return () => {
    over = true;
    clearTimeout(timer);
  };
}
