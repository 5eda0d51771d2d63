/** Loading what is one's own: asked for when somebody is there, again when the network is back or the person chosen changes. */

import { onUnmounted, ref, shallowRef, watch, type Ref, type ShallowRef } from "vue";

import { told, type Failure } from "./failures.ts";
import { behalf, person } from "./session.ts";

export interface Loaded<T> {
  readonly held: ShallowRef<T | null>;
  readonly isLoading: Ref<boolean>;
  readonly failure: Ref<Failure | null>;
  readonly load: () => Promise<void>;
}

export function useMine<T>(get: () => Promise<T>): Loaded<T> {
  const held = shallowRef<T | null>(null);
  const isLoading = ref(true);
  const failure = ref<Failure | null>(null);
  let runs = 0;

  const load = async (): Promise<void> => {
    if (!person.value) return;
    const run = (runs += 1);
    isLoading.value = true;
    failure.value = null;
    try {
      const found = await get();
      if (run === runs) held.value = found;
    } catch (error) {
      if (run === runs && person.value) failure.value = told(error);
    }
    if (run === runs) isLoading.value = false;
  };
  const anew = (): void => {
    held.value = null;
    void load();
  };
  watch([() => Boolean(person.value), behalf], anew, { immediate: true });
  addEventListener("online", load);
  onUnmounted(() => removeEventListener("online", load));
  return { held, isLoading, failure, load };
}
