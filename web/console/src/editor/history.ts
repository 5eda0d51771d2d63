/** Steps back and forth over one text. Typing on in the same place is one step for as long as nobody pauses. */

import { computed, ref, type ComputedRef, type Ref } from "vue";

/** Milliseconds between two keys that are one step. */
const PAUSE = 1_200;
const MOST = 200;

export interface History {
  readonly text: Ref<string>;
  /** Another text, because of something done at a place. */
  readonly put: (text: string, at: string) => void;
  /** A text from elsewhere; what was there can be had back by one step. */
  readonly back: () => void;
  readonly forth: () => void;
  readonly canBack: ComputedRef<boolean>;
  readonly canForth: ComputedRef<boolean>;
}

export function useHistory(): History {
  const text = ref("");
  const past = ref<string[]>([]);
  const future = ref<string[]>([]);
  let last = { at: "", when: 0 };
  const put = (next: string, at: string): void => {
    if (next === text.value) return;
    const isSame = at !== "" && at === last.at && Date.now() - last.when < PAUSE;
    last = { at, when: Date.now() };
    if (!isSame && text.value !== "") past.value = [...past.value, text.value].slice(-MOST);
    future.value = [];
    text.value = next;
  };
  const step = (from: Ref<string[]>, to: Ref<string[]>): void => {
    const next = from.value.at(-1);
    if (next === undefined) return;
    from.value = from.value.slice(0, -1);
    to.value = [...to.value, text.value];
    text.value = next;
    last = { at: "", when: 0 };
  };
  return {
    text,
    put,
    back: () => step(past, future),
    forth: () => step(future, past),
    canBack: computed(() => past.value.length > 0),
    canForth: computed(() => future.value.length > 0),
  };
}
