/** Step 1: a bundle taken apart. After it every part has its type and every hash its size (docs/evidence.md 2). */

import { fromBase64, utf8 } from "./bytes.ts";
import {
  type Consent, type Link, parseConsent, parseDecision, parseLinks, parseWhy, type Why,
} from "./consentform.ts";
import { demand } from "./failure.ts";
import { arrayOf, integerOf, type Json, type JsonObject, members, readObject, textOf } from "./json.ts";
import { type Note, parseNote } from "./note.ts";
import { isTime, timeOf } from "./time.ts";

export const MAX_BUNDLE = 1_048_576;
const MAX_PATH = 63;
export const MAX_LEAF = 65_535;
const SEALED_LEAF = /^\{"c":"[A-Za-z0-9_-]{43}","v":1\}$/;
const SECTION = /^[a-z][a-z0-9-]{0,31}$/;

const MAX_ENTRIES = 4;
const MAX_EARLIER = 31;

export const KINDS = [
  "deposit", "use", "grant", "licence", "derived", "evidence", "heads", "key", "delegation", "earlier",
  "refusal", "refused-use",
] as const;
export type Kind = (typeof KINDS)[number];
/** Acts that may stand beside the main one; null: never the main one. */
const BESIDE: Readonly<Record<Kind, readonly Kind[] | null>> = {
  deposit: [],
  use: ["deposit", "grant", "licence", "derived", "key", "delegation", "earlier"],
  grant: ["key", "delegation"],
  licence: [],
  derived: [],
  evidence: [],
  heads: [],
  key: [],
  delegation: ["key"],
  earlier: null,
  refusal: ["key", "delegation"],
  "refused-use": [],
};
/** What acts may hold beside their entries. */
const MEMBERS: Readonly<Partial<Record<Kind, string>>> = {
  grant: "consent", delegation: "links", refusal: "decision", "refused-use": "why",
};

export interface Part {
  readonly salt: Uint8Array;
  readonly content: JsonObject;
}

export interface Opening {
  readonly salt: Uint8Array;
  readonly fact: Part;
  /** The part, or the commitment that stands for it. */
  readonly parties: Part | Uint8Array;
}

export interface LogPromise {
  readonly log: string;
  readonly leaf: string;
  readonly promisedAt: string;
  readonly deadline: string;
  readonly count: number;
  readonly position: number;
  readonly path: readonly Uint8Array[];
  readonly root: Uint8Array;
  readonly signature: Uint8Array;
}

export interface Place {
  readonly index: number;
  readonly inclusion: readonly Uint8Array[];
}

export interface Entry {
  readonly leaf: string;
  /** null: the record was erased. */
  readonly opening: Opening | null;
  readonly place: Place | null;
  readonly promise: LogPromise | null;
}

export interface Superior extends Place {
  readonly leaf: string;
  readonly checkpoint: Note;
}

export interface Bundle {
  readonly kind: Kind;
  readonly acts: ReadonlyMap<Kind, readonly Entry[]>;
  readonly origin: string;
  readonly checkpoint: Note | null;
  readonly superiors: readonly Superior[];
  readonly chain: JsonObject | null;
  /** Sections we do not know and nobody calls critical. */
  readonly ignored: readonly string[];
  /** What the sections `grant` and `delegation` hold beside their entries. */
  readonly consent: Consent | null;
  readonly links: readonly Link[] | null;
  /** The same of `refusal` and of `refused-use`. */
  readonly decision: Consent | null;
  readonly why: Why | null;
  /** What the section `notice`, on which no verdict rests, says of a late anchor. */
  readonly overdueSince: string | null;
}

/** Read a bundle, or raise a `Failure` that says what is malformed. */
export function parseBundle(bytes: Uint8Array): Bundle {
  const top = members(readObject(bytes, MAX_BUNDLE), "bundle", "format version kind critical sections");
  demand(top.get("format") === "cailian-evidence", "not an evidence bundle");
  demand(top.get("version") === 1, "unknown version");
  const kind = KINDS.find((known) => known === top.get("kind"));
  const beside = kind === undefined ? null : BESIDE[kind];
  demand(kind !== undefined && beside !== null, "unknown kind");
  const sections = top.get("sections");
  demand(sections instanceof Map, "sections: not an object");
  for (const name of sections.keys()) demand(SECTION.test(name), "sections: malformed name");
  const ignored = [...sections.keys()].filter((name) => !isKnown(name));
  checkCritical(top.get("critical"), sections, ignored);
  demand(sections.has("log") && sections.has(kind), "sections: log or the kind's own missing");

  const acts = new Map<Kind, readonly Entry[]>();
  for (const act of KINDS) {
    const section = sections.get(act);
    if (section === undefined) continue;
    demand(act === kind || beside.includes(act), `section ${act} does not go with kind ${kind}`);
    acts.set(act, parseAct(section, act));
  }
  const log = parseLog(sections.get("log"));
  const placed = [...acts.values()].flat().some((entry) => entry.place !== null);
  demand(placed === (log.checkpoint !== null), "log: a checkpoint stands there exactly if an entry has an index");
  const chain = sections.get("chain");
  demand(chain === undefined || chain instanceof Map, "chain: not an object");
  demand(chain === undefined || log.checkpoint !== null, "chain: needs a checkpoint");
  const held = (name: Kind, member: string): Json | undefined => {
    const section = sections.get(name);
    return section instanceof Map ? section.get(member) : undefined;
  };
  const consent = parseConsent(held("grant", "consent"));
  const links = parseLinks(held("delegation", "links"), acts.get("delegation")?.length ?? 0);
  const [decision, why] = [parseDecision(held("refusal", "decision")), parseWhy(held("refused-use", "why"))];
  const since = overdueSince(sections.get("notice"));
  return { kind, acts, ...log, chain: chain ?? null, ignored, consent, links, decision, why, overdueSince: since };
}

/** A notice that is not as we know it is no failure: it is ignored like any section we do not know. */
function overdueSince(notice: Json | undefined): string | null {
  const since = notice instanceof Map ? notice.get("anchor_overdue_since") : undefined;
  return isTime(since) ? since : null;
}

function isKnown(name: string): boolean {
  return name === "log" || name === "chain" || KINDS.some((kind) => kind === name);
}

function checkCritical(value: Json | undefined, sections: JsonObject, unknown: readonly string[]): void {
  const names = arrayOf(value, "critical", 0, Infinity).map((name) => textOf(name, "critical"));
  demand(new Set(names).size === names.length, "critical: a name twice");
  for (const name of names) {
    demand(sections.has(name), `critical: no section ${JSON.stringify(name)}`);
    demand(!unknown.includes(name), `critical section ${JSON.stringify(name)} is unknown here`);
  }
}

function parseAct(value: Json, act: Kind): Entry[] {
  const most = act === "earlier" ? MAX_EARLIER : MAX_ENTRIES;
  const held = members(value, act, "entries", MEMBERS[act]);
  const entries = arrayOf(held.get("entries"), `${act}.entries`, 1, most);
  return entries.map((entry, i) => parseEntry(entry, `${act}.entries[${i}]`));
}

function parseEntry(value: Json, what: string): Entry {
  const isPromised = value instanceof Map && value.has("promise");
  const entry = members(value, what, isPromised ? "leaf opening promise" : "leaf opening index inclusion");
  const leaf = textOf(entry.get("leaf"), `${what}.leaf`);
  demand(SEALED_LEAF.test(leaf), `${what}.leaf: not a sealed leaf`);
  const opening = entry.get("opening") ?? null;
  return {
    leaf,
    opening: opening === null ? null : parseOpening(opening, `${what}.opening`),
    place: isPromised ? null : parsePlace(entry, what),
    promise: isPromised ? parsePromise(entry.get("promise"), `${what}.promise`) : null,
  };
}

function parseOpening(value: Json, what: string): Opening {
  const opening = members(value, what, "salt fact parties");
  const parties = opening.get("parties");
  const isShut = parties instanceof Map && parties.has("commitment");
  return {
    salt: bytesOf(opening.get("salt"), 16, `${what}.salt`),
    fact: parsePart(opening.get("fact"), `${what}.fact`),
    parties: isShut
      ? bytesOf(members(parties, `${what}.parties`, "commitment").get("commitment"), 32, `${what}.parties`)
      : parsePart(parties, `${what}.parties`),
  };
}

function parsePart(value: Json | undefined, what: string): Part {
  const part = members(value, what, "content salt");
  const content = part.get("content");
  demand(content instanceof Map, `${what}.content: not an object`);
  return { content, salt: bytesOf(part.get("salt"), 16, `${what}.salt`) };
}

function parsePlace(entry: JsonObject, what: string): Place {
  return {
    index: integerOf(entry.get("index"), `${what}.index`),
    inclusion: parsePath(entry.get("inclusion"), `${what}.inclusion`),
  };
}

function parsePath(value: Json | undefined, what: string): Uint8Array[] {
  return arrayOf(value, what, 0, MAX_PATH).map((hash) => bytesOf(hash, 32, what));
}

function parsePromise(value: Json | undefined, what: string): LogPromise {
  const names = "v entry log leaf promised_at deadline count position path root signature";
  const promise = members(value, what, names);
  demand(promise.get("v") === 1, `${what}: unknown version`);
  textOf(promise.get("entry"), `${what}.entry`);
  return {
    log: textOf(promise.get("log"), `${what}.log`),
    leaf: textOf(promise.get("leaf"), `${what}.leaf`),
    promisedAt: timeOf(promise.get("promised_at"), `${what}.promised_at`),
    deadline: timeOf(promise.get("deadline"), `${what}.deadline`),
    count: integerOf(promise.get("count"), `${what}.count`),
    position: integerOf(promise.get("position"), `${what}.position`),
    path: parsePath(promise.get("path"), `${what}.path`),
    root: bytesOf(promise.get("root"), 32, `${what}.root`),
    signature: bytesOf(promise.get("signature"), 64, `${what}.signature`),
  };
}

function parseLog(value: Json | undefined): Pick<Bundle, "origin" | "checkpoint" | "superiors"> {
  const log = members(value, "log", "origin", "checkpoint superiors");
  const note = log.get("checkpoint");
  const above = log.get("superiors");
  demand(above === undefined || note !== undefined, "log.superiors: need a checkpoint");
  return {
    origin: textOf(log.get("origin"), "log.origin"),
    checkpoint: note === undefined ? null : parseNote(textOf(note, "log.checkpoint")),
    superiors: above === undefined ? [] : arrayOf(above, "log.superiors", 1, 4).map(parseSuperior),
  };
}

function parseSuperior(value: Json, i: number): Superior {
  const what = `log.superiors[${i}]`;
  const superior = members(value, what, "leaf index inclusion checkpoint");
  const leaf = textOf(superior.get("leaf"), `${what}.leaf`);
  demand(utf8(leaf).length <= MAX_LEAF, `${what}.leaf: more than ${MAX_LEAF} bytes`);
  return {
    ...parsePlace(superior, what),
    leaf,
    checkpoint: parseNote(textOf(superior.get("checkpoint"), `${what}.checkpoint`)),
  };
}

function bytesOf(value: Json | undefined, size: number, what: string): Uint8Array {
  const bytes = fromBase64(textOf(value, what));
  demand(bytes.length === size, `${what}: not ${size} bytes`);
  return bytes;
}
