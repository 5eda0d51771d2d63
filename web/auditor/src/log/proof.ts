/**
 * Holding what the exchange tells of records against the log that everybody reads: that each entry named is there, and,
 * where the auditor is the node's own, that it says the same kind of thing at the same time.
 */

import { isIncluded, type OpenedFact, opens } from "./checks.ts";
import { readNow } from "./state.ts";

/** An entry that somebody was told of. */
export interface Told {
  readonly index: number;
  /** Types of records it may hold. */
  readonly types: readonly string[];
}

/** What came out: of each entry by its index why it does not hold, or null; how many were opened too. */
export interface Proven {
  readonly of: ReadonlyMap<number, string | null>;
  readonly opened: number;
  /** Why the checkpoint itself must not be believed; null where it stands. */
  readonly wrong: string | null;
  readonly size: number;
}

type Openings = (low: number, limit: number) => Promise<ReadonlyMap<number, OpenedFact>>;

/** Entries that one question may open. */
const WIDE = 200;

/**
 * Check entries against the newest checkpoint.
 *
 * @param openings what an auditor of the node is told of entries; null where nobody tells.
 */
export async function prove(entries: readonly Told[], openings: Openings | null): Promise<Proven> {
  const { tree, note, signatures, about } = await readNow();
  const found = new Map<number, string | null>();
  const wanted = [...new Map(entries.filter(({ index }) => index < about.size).map((each) => [each.index, each])).values()].sort((a, b) => a.index - b.index);
  const told = openings === null ? new Map<number, OpenedFact>() : await openedAll(wanted, openings);
  if (note === null) return { of: found, opened: 0, wrong: null, size: 0 };
  for (const { index, types } of wanted) {
    const leaf = (await tree.leaves(index, index + 1))[0]?.leaf ?? "";
    const held = told.get(index);
    found.set(index, (await isIncluded(leaf, index, note, tree)) ?? (held ? await contradiction(leaf, held, types) : null));
  }
  return { of: found, opened: told.size, wrong: signatures?.wrong ?? null, size: about.size };
}

async function contradiction(leaf: string, held: OpenedFact, types: readonly string[]): Promise<string | null> {
  const { type } = held.fact.content;
  return (await opens(leaf, held)) ?? (types.length === 0 || types.includes(type) ? null : `the entry is "${type}"`);
}

/** Asked together where they lie together. */
async function openedAll(wanted: readonly Told[], openings: Openings): Promise<Map<number, OpenedFact>> {
  const found = new Map<number, OpenedFact>();
  const indexes = new Set(wanted.map(({ index }) => index));
  for (let i = 0; i < wanted.length; ) {
    const low = wanted[i]?.index ?? 0;
    let last = i;
    while ((wanted[last + 1]?.index ?? Infinity) < low + WIDE) last += 1;
    const page = await openings(low, (wanted[last]?.index ?? low) - low + 1);
    for (const [index, held] of page) if (indexes.has(index)) found.set(index, held);
    i = last + 1;
  }
  return found;
}
