/** One act at a time: while it runs nothing else begins; what went wrong stays until the next. */

import { ref, shallowRef, type Ref, type ShallowRef } from "vue";

import { told, type Failure } from "./failures.ts";

export interface Doing {
  /** What runs now; empty where nothing does. */
  readonly busy: Ref<string>;
  readonly failure: ShallowRef<Failure | null>;
  /** What was done, for who hears the page instead of seeing it. */
  readonly said: Ref<string>;
  /** Do something; whether it went well. */
  readonly run: (name: string, act: () => Promise<unknown>, said?: string) => Promise<boolean>;
}

export function useDoing(): Doing {
  const busy = ref("");
  const failure = shallowRef<Failure | null>(null);
  const said = ref("");
  const run = async (name: string, act: () => Promise<unknown>, done = ""): Promise<boolean> => {
    if (busy.value) return false;
    busy.value = name;
    failure.value = null;
    said.value = "";
    try {
      await act();
      said.value = done;
      return true;
    } catch (error) {
      failure.value = told(error);
      return false;
    } finally {
      busy.value = "";
    }
  };
  return { busy, failure, said, run };
}
