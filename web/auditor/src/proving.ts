/** A look's lines held against the log: which entries they name, and which kinds of records those may be. */

import { at } from "../../shared/client.ts";
import { read } from "../../shared/staff/session.ts";
import type { OpenedFact } from "./log/checks.ts";
import { prove, type Proven, type Told } from "./log/proof.ts";
import type { Line } from "./things.ts";

const LICENCE = ["licence.issued", "licence.changed"];
/** Types of records by kind of line; of other kinds any. */
const TYPES: Readonly<Record<string, readonly string[]>> = {
  opened: ["case.opened"],
  accepted: ["case.accepted"],
  closed: ["case.closed"],
  deposited: ["material.deposited"],
  superseded: ["material.superseded"],
  withdrawn: ["material.withdrawn"],
  erased: ["object.erased"],
  used: ["use.intended"],
  refused: ["use.refused"],
  presented: ["licence.presented"],
  delivered: ["licence.delivered"],
  receipted: ["licence.delivery-opened"],
  disputed: ["material.disputed", "licence.disputed"],
};

/** Every entry that lines name and that is in the log by now. */
export function entriesOf(lines: readonly Line[]): Told[] {
  return lines.flatMap((line) => {
    const types = TYPES[line.kind] ?? (/^\d\d$/.test(line.kind) ? LICENCE : []);
    const named = [
      [line.entry, types],
      [line.outcome_entry, ["use.completed", "use.aborted"]],
      [line.copy_entry, ["licence.derived"]],
    ] as const;
    return named.flatMap(([entry, allowed]) => (entry?.index == null ? [] : [{ index: entry.index, types: allowed }]));
  });
}

/** Check them in this browser; an auditor of the node also opens them. */
export async function proveLines(lines: readonly Line[], operator: string, mayOpen: boolean): Promise<Proven> {
  const openings = async (low: number, limit: number): Promise<Map<number, OpenedFact>> => {
    const found = await read(at("/v1/audit/entries", { operator, low, limit }));
    return new Map(found.entries.map(({ index, opening }) => [index, opening]));
  };
  return prove(entriesOf(lines), mayOpen ? openings : null);
}
