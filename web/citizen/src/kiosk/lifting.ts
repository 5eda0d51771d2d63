/**
 * Before a card may begin a session, the one that lies there must be gone: who leaves and forgets it is not logged in
 * once more, for whoever stands there next.
 */

import { CardError, type CardReader } from "../../../shared/cardreader.ts";

/** Milliseconds in which a reader answers for a card that lies on it. */
const SETTLED = 5_000;
/** Milliseconds between two looks. */
const PAUSE = 500;

/** Wait until no card lies on the reader; `seen` is told of one that does. A reader that fails is for the next to tell. */
export async function lifted(reader: CardReader, signal: AbortSignal, seen: () => void): Promise<void> {
  while (!signal.aborted && (await lies(reader, signal))) {
    seen();
    await new Promise((go) => setTimeout(go, PAUSE));
  }
}

async function lies(reader: CardReader, signal: AbortSignal): Promise<boolean> {
  const soon = new AbortController();
  const stop = (): void => soon.abort();
  const late = setTimeout(stop, SETTLED);
  signal.addEventListener("abort", stop, { once: true });
  try {
    await reader.read(soon.signal);
    return true;
  } catch (error) {
    return error instanceof CardError && error.reason === "unreadable"; // a card, if none that can be read
  } finally {
    clearTimeout(late);
    signal.removeEventListener("abort", stop);
  }
}
