/** What the exchange shows everybody of its log: read without a session. */

import { at, get, type QueryOf, type Schemas } from "../../../shared/client.ts";
import { Problem, Unreached } from "../../../shared/exchange.ts";

const LIMIT = 20_000;
/** Milliseconds an answer may take. */

export type About = Schemas["LogOut"];
export type Chain = Schemas["ContractsOut"];
export type Checkpoint = Schemas["CheckpointOut"];
export type CheckpointPage = Schemas["CheckpointsOut"];

export const about = (): Promise<About> => get(at("/v1/log"));
export const checkpoints = (asked: QueryOf<"/v1/log/checkpoints">): Promise<CheckpointPage> => get(at("/v1/log/checkpoints", asked));

/** The checkpoint of exactly this size; null where none was published. */
export async function checkpointOf(size: number): Promise<Checkpoint | null> {
  const found = (await checkpoints({ after: size - 1, limit: 1 })).checkpoints[0];
  return found?.size === size ? found : null;
}

/** What proves that the chain holds the checkpoint of a size, as JSON. */
export const anchorOf = async (size: number): Promise<unknown> => (await get(at("/v1/log/anchors/{size}", { size }))).chain;

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
