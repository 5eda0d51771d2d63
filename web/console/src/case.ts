/** An open case as the page holds it: what it is, its checklist, who it is about; asked for again after every act. */

import { onUnmounted, ref, shallowRef, type Ref, type ShallowRef } from "vue";

import { at } from "../../shared/client.ts";
import { Problem } from "../../shared/exchange.ts";
import { told, type Failure } from "../../shared/staff/failures.ts";
import { operator, read } from "../../shared/staff/session.ts";
import type { Case, Checklist, Holder, Item, Line } from "./things.ts";

export interface Held {
  readonly case: ShallowRef<Case | null>;
  readonly list: ShallowRef<Checklist | null>;
  readonly people: ShallowRef<Readonly<Record<string, readonly Holder[]>>>;
  readonly failure: Ref<Failure | null>;
  readonly load: () => Promise<void>;
  /** Why a use is asked for, as the holder will read it. */
  readonly cause: () => string;
}

export function useCase(no: string): Held {
  const held = shallowRef<Case | null>(null);
  const list = shallowRef<Checklist | null>(null);
  const people = shallowRef<Readonly<Record<string, readonly Holder[]>>>({});
  const failure = ref<Failure | null>(null);
  const load = async (): Promise<void> => {
    try {
      held.value = await read(at("/v1/cases/{case_no}", { case_no: no }));
      list.value = await listed(held.value);
      if (held.value.state !== "closed" && !people.value["applicant"]) people.value = await named(no);
      failure.value = null;
    } catch (error) {
      failure.value = told(error);
    }
  };
  void load();
  addEventListener("online", load);
  onUnmounted(() => removeEventListener("online", load));
  return { case: held, list, people, failure, load, cause: () => `${list.value?.item.zh ?? ""}审查` };
}

/** The list of a case that can be used; of a draft, of a closed one, of an applicant who is not there, none. */
async function listed(held: Case): Promise<Checklist | null> {
  if (held.state !== "open") return null;
  try {
    return await read(at("/v1/cases/{case_no}/checklist", { case_no: held.case_no }));
  } catch (error) {
    if (error instanceof Problem && error.code === "presence-required") return null;
    throw error;
  }
}

async function named(no: string): Promise<Readonly<Record<string, readonly Holder[]>>> {
  try {
    return (await read(at("/v1/cases/{case_no}/people", { case_no: no }, { operator: operator.value }))).people;
  } catch (error) {
    if (error instanceof Problem) return {}; // not this role's to see, or nobody is there
    throw error;
  }
}

/** The item of a code, as the catalogue knows it. */
let items: Promise<readonly Item[]> | undefined;
export function catalogue(): Promise<readonly Item[]> {
  items ??= read(at("/v1/items")).then(
    ({ items: found }) => found,
    (error: unknown) => {
      items = undefined;
      throw error;
    },
  );
  return items;
}

/** What a line wants done next by whoever is at the window; null where it wants nothing, or somebody else is asked. */
export type Want = "consent" | "ask" | "make" | "fetch" | "confirm" | "verify" | "sign" | "upload";

export function want(line: Line): Want | null {
  const first = line.conditions[0]?.code;
  if (line.state === "missing") return "upload";
  if (line.state === "waiting" && first === "verify") return "verify";
  if (line.state !== "offered" || first === undefined) return null;
  return (["consent", "ask", "make", "fetch", "sign"] as const).find((each) => each === first) ?? "confirm";
}
