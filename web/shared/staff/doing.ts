/** One act at a time: while it runs nothing else begins; what went wrong stays until the next. */

import { nextTick, ref, shallowRef, type Ref, type ShallowRef } from "vue";

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
    const at = document.activeElement;
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
      void giveBack(at);
    }
  };
  return { busy, failure, said, run };
}

/** A button that waits cannot have the focus; it gets it back, so that Enter tries again. */
async function giveBack(at: Element | null): Promise<void> {
  await nextTick();
  if (document.activeElement === document.body && at instanceof HTMLElement && at.isConnected) at.focus();
}
