/** What the exchange shows everybody of its log: read without a session. */

import { call, Problem, Unreached } from "../../../shared/exchange.ts";

const LIMIT = 20_000;
/** Milliseconds an answer may take. */

export interface Witness {
  readonly vkey: string;
  readonly size: number;
  readonly cosigned_at: string | null;
}

export interface Chain {
  readonly chain_id: number;
  readonly genesis_hash: string;
  readonly registry: string;
  readonly anchor: string;
  readonly code_hash: string;
}

export interface About {
  readonly origin: string;
  readonly vkey: string;
  readonly retired_keys: readonly { readonly vkey: string; readonly until_size: number }[];
  readonly size: number;
  readonly checkpoint: string | null;
  readonly checkpoint_at: string | null;
  readonly quorum: number;
  readonly witnesses: readonly Witness[];
  readonly chain: Chain | null;
  readonly superior: boolean;
  readonly frozen: readonly { readonly number: number; readonly origin: string; readonly size: number; readonly frozen_at: string }[];
}

export interface Anchor {
  readonly transaction: string | null;
  readonly block_number: number;
  readonly block_hash: string;
  readonly block_time: string;
}

export interface Checkpoint {
  readonly size: number;
  readonly note: string;
  readonly at: string;
  readonly anchor: Anchor | null;
}

export interface CheckpointPage {
  readonly checkpoints: readonly Checkpoint[];
  readonly next: number | null;
}

export const about = (): Promise<About> => call<About>("GET", "/v1/log");

export function checkpoints(asked: { before?: number; after?: number; anchored?: boolean; limit?: number }): Promise<CheckpointPage> {
  const query = new URLSearchParams(Object.entries(asked).map(([name, value]) => [name, String(value)]));
  return call<CheckpointPage>("GET", `/v1/log/checkpoints?${query.toString()}`);
}

/** The checkpoint of exactly this size; null where none was published. */
export async function checkpointOf(size: number): Promise<Checkpoint | null> {
  const found = (await checkpoints({ after: size - 1, limit: 1 })).checkpoints[0];
  return found?.size === size ? found : null;
}

/** What proves that the chain holds the checkpoint of a size, as JSON. */
export const anchorOf = async (size: number): Promise<unknown> =>
  (await call<{ chain: unknown }>("GET", `/v1/log/anchors/${size}`)).chain;

/** Bytes of a tile. */
export async function fetchBytes(path: string): Promise<Uint8Array> {
  let answer: Response;
  try {
    answer = await fetch(path, { credentials: "omit", signal: AbortSignal.timeout(LIMIT) });
    if (answer.ok) return new Uint8Array(await answer.arrayBuffer());
  } catch (error) {
    throw new Unreached("no answer", { cause: error });
  }
  const none = { zh: "", en: "" };
  throw new Problem(answer.status, `http-${answer.status}`, { zh: "日志数据缺失", en: "Part of the log is missing" }, none, "");
}
