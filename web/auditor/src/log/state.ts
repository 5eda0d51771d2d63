/** The log as the pages share it while they are open: what it says of itself, its newest tree, the keys in use. */

import { shallowRef } from "vue";

import { moment } from "../../../shared/dates.ts";
import { pick } from "../../../shared/pick.ts";
import { told, type Failure } from "../../../shared/staff/failures.ts";
import { Failure as Wrong } from "../../../verifier/src/failure.ts";
import type { Note } from "../../../verifier/src/note.ts";
import type { Step } from "../parts/StepList.vue";
import { type Anchored, checkAnchored, type Keys, keysFor, parseNote, signatures, type Signatures, Tree } from "./checks.ts";
import { about, type About, anchorOf, type Checkpoint, checkpoints } from "./source.ts";

/** The log now, with what was computed of its newest checkpoint; `note` null while it is empty. */
export interface Now {
  readonly about: About;
  readonly keys: Keys;
  readonly note: Note | null;
  readonly signatures: Signatures | null;
  readonly tree: Tree;
}

let tree = new Tree(0);

/** A tree of at least this size whose tiles can be read: the newest one known. */
export const treeOf = (size: number): Tree => {
  if (size > tree.size) tree = new Tree(size);
  return tree;
};

/** Read the log as it is now. */
export async function readNow(): Promise<Now> {
  const held = await about();
  const keys = keysFor(held);
  if (held.checkpoint === null) return { about: held, keys, note: null, signatures: null, tree };
  const note = parseNote(held.checkpoint);
  return { about: held, keys, note, signatures: await signatures(note, keys), tree: treeOf(Number(note.size)) };
}

export interface Read {
  readonly now: ReturnType<typeof shallowRef<Now | null>>;
  readonly failure: ReturnType<typeof shallowRef<Failure | null>>;
  readonly load: () => Promise<void>;
}

/** What a page reads first; `more` goes on with it. */
export function useLog(more: (now: Now) => Promise<void> = () => Promise.resolve()): Read {
  const now = shallowRef<Now | null>(null);
  const failure = shallowRef<Failure | null>(null);
  const load = async (): Promise<void> => {
    failure.value = null;
    try {
      const found = await readNow();
      await more(found);
      now.value = found;
    } catch (error) {
      failure.value = toldOfLog(error);
    }
  };
  return { now, failure, load };
}

/** As `told`; and data of the log that contradicts itself is no fault of the page. */
export function toldOfLog(error: unknown): Failure {
  if (!(error instanceof Wrong)) return told(error);
  const hint = `${pick("不要采信，并告知审计机构。技术细节：", "Do not rely on it, and tell an auditor. Detail: ")}${error.message}`;
  return { kind: "other", title: pick("日志数据自相矛盾", "The log contradicts itself"), hint };
}

/** The anchor of the first checkpoint that the chain holds beyond an entry, or of the newest, checked; null without one. */
export async function anchorOver(entry: number | null, keys: Keys): Promise<{ size: number; anchored: Anchored; note: Note } | null> {
  const asked = { anchored: true, limit: 1, ...(entry === null ? {} : { after: entry }) };
  const found = (await checkpoints(asked)).checkpoints[0];
  if (!found?.anchor || !keys.chain) return null;
  const note = parseNote(found.note);
  return { size: found.size, anchored: checkAnchored(await anchorOf(found.size), note, keys.chain), note };
}

/** What an anchor says, as a step. */
export function anchorStep(held: { size: number; anchored: Anchored } | null): Step {
  const name = pick("链上锚定", "Anchor on the chain");
  if (!held) return { name, status: "open", means: pick("还没有包含它的锚定。", "No anchor covers it yet.") };
  const { size, anchored } = held;
  if (anchored.wrong !== null) {
    return { name, status: "failed", means: pick("链上的证明不成立：根不在链上，或证明被改动过。", "The proof fails: the chain does not hold the root, or the proof was altered."), detail: anchored.wrong };
  }
  const at = moment(new Date(anchored.at * 1000).toISOString());
  const seals = anchored.seals
    ? pick(`区块由 ${anchored.seals.seals}/${anchored.seals.validators} 个验证者签封。`, `The block is sealed by ${anchored.seals.seals} of ${anchored.seals.validators} validators.`)
    : pick("区块终局性未证明（链没有签封，或没有信任文件）。", "Finality is not proven (the chain has no seals, or there is no trust file).");
  return { name, status: "ok", means: `${pick(`前 ${size} 条的根于 ${at} 上链，区块 ${anchored.block} 的状态证明它。`, `The chain took the root of the first ${size} entries at ${at}; the state of block ${anchored.block} proves it.`)}${seals}` };
}

/** A checkpoint with what was computed of it. */
export interface Checked {
  readonly checkpoint: Checkpoint;
  readonly note: Note;
  readonly signatures: Signatures;
}

export async function check(checkpoint: Checkpoint, keys: Keys): Promise<Checked> {
  const note = parseNote(checkpoint.note);
  return { checkpoint, note, signatures: await signatures(note, keys) };
}
