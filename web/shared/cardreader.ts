/**
 * The port for a reader of identity cards: a counter or a kiosk asks it for the card that lies on it, whoever made it.
 *
 * A reader is a service of the operator on the machine itself (`loopback`): `GET {url}/card` answers once a card was
 * read (200, the members of `Card`), with 204 where none was put on for half a minute, with 503 where no device is
 * there. It allows the node's own origin (CORS) and no other. The demo's reader speaks the same way and reads cards of
 * made-up people; a node that is not in demo mode has none, and a page that is told of one there refuses it.
 *
 * With `?nonce=` the reader signs what it read for that digest, and `evidence` is that (a kiosk's login).
 * What was read is in the page's memory only. It is no login by itself: what a card proves is the exchange's to say.
 */

/** Where a page finds its reader: `card_reader` of its `config.json`; null where the node has none. */
export interface ReaderPlace {
  readonly kind: "loopback" | "demo";
  /** Without a slash at its end. */
  readonly url: string;
}

/** What was read from a card (GA/T 467, GA 448): the printed words, and what the reader vouches for them with. */
export interface Card {
  readonly name: string;
  /** GB 11643, upper case. */
  readonly code: string;
  /** ISO 8601; null without end. */
  readonly valid_to: string | null;
  /** What the device signed or numbered, opaque; the exchange keeps its digest. */
  readonly evidence: string;
}

/** Why there is no card: none was put on, no device, no service on this machine, not understood, not in earnest. */
export type CardFault = "none" | "no-device" | "no-service" | "unreadable" | "not-demo";

export class CardError extends Error {
  constructor(readonly reason: CardFault) {
    super(`card: ${reason}`);
  }
}

/** A card of the demo's, to choose from. */
export interface DemoCard {
  readonly id: string;
  readonly name: string;
}

export interface CardReader {
  readonly isDemo: boolean;
  /** Cards that may be put on; empty where they are real. */
  cards(): Promise<readonly DemoCard[]>;
  /**
   * Read the card that lies on the reader, or is put on it next.
   *
   * @param card of the demo's reader, which of its cards.
   * @param nonce a digest, where the reader is to sign what it read for just that (docs/signers.md, section 7).
   * @throws CardError
   */
  read(signal?: AbortSignal, card?: string, nonce?: string): Promise<Card>;
}

/** Milliseconds a reader may wait for a card. */
const LIMIT = 35_000;
const CODE = /^[1-9]\d{16}[\dX]$/;
const LOOPBACK = /^http:\/\/(127\.0\.0\.1|\[::1\]|localhost):\d{2,5}$/;

/**
 * The reader of a node's pages; null where it has none.
 *
 * @throws CardError the demo's reader outside the demo, or an address that is not this machine's.
 */
export function readerOf(place: ReaderPlace | null | undefined, isDemo: boolean): CardReader | null {
  if (!place) return null;
  if (place.kind === "demo") {
    if (!isDemo) throw new CardError("not-demo");
    return reader(place.url, true);
  }
  if (!LOOPBACK.test(place.url)) throw new CardError("no-service");
  return reader(place.url, false);
}

function reader(url: string, isDemo: boolean): CardReader {
  return {
    isDemo,
    cards: async () => (isDemo ? ((await (await reach(`${url}/cards`)).json()) as { cards: DemoCard[] }).cards : []),
    read: async (signal, card, nonce) => {
      const asked = new URLSearchParams({ ...(isDemo && card !== undefined ? { card } : {}), ...(nonce ? { nonce } : {}) });
      const answer = await reach(asked.size > 0 ? `${url}/card?${asked.toString()}` : `${url}/card`, signal);
      return understood(await answer.json().catch(() => null));
    },
  };
}

async function reach(address: string, signal?: AbortSignal): Promise<Response> {
  const both = new AbortController(); // `AbortSignal.any` is too new for the browsers of many counters
  let isLate = false;
  const late = setTimeout(() => {
    isLate = true;
    both.abort();
  }, LIMIT);
  signal?.addEventListener("abort", () => both.abort(), { once: true });
  let answer: Response;
  try {
    answer = await fetch(address, {
      headers: { Accept: "application/json" },
      credentials: "omit",
      cache: "no-store",
      referrerPolicy: "no-referrer",
      signal: both.signal,
    });
  } catch (error) {
    if (signal?.aborted) throw error;
    throw new CardError(isLate ? "none" : "no-service");
  } finally {
    clearTimeout(late);
  }
  if (answer.status === 204) throw new CardError("none");
  if (answer.status === 503) throw new CardError("no-device");
  if (!answer.ok) throw new CardError("unreadable");
  return answer;
}

/** What a reader said, if it is a card whose number can be one. */
function understood(said: unknown): Card {
  const held = (said ?? {}) as Record<string, unknown>;
  const { name, code, evidence, valid_to: until } = held;
  const isCard = typeof name === "string" && name.trim() !== "" && typeof code === "string" && isCode(code.toUpperCase());
  if (!isCard || (until !== null && until !== undefined && typeof until !== "string")) throw new CardError("unreadable");
  return {
    name: name.trim(),
    code: code.toUpperCase(),
    valid_to: until ?? null,
    evidence: typeof evidence === "string" ? evidence.slice(0, 4096) : "",
  };
}

/** GB 11643: the last character is a check digit (ISO 7064, MOD 11-2). */
export function isCode(code: string): boolean {
  if (!CODE.test(code)) return false;
  let left = 0;
  for (let i = 0; i < 17; i += 1) left += Number(code[i]) * (2 ** (17 - i) % 11);
  return "10X98765432"[left % 11] === code[17];
}
