/** Loading a batch: what is known at once, then the newest; and what went wrong. */

import { onUnmounted, ref, shallowRef, type Ref, type ShallowRef } from "vue";

import { batches, learn } from "./acts.ts";
import { type Batch, type Part, read } from "./consent.ts";
import { at, get } from "../../shared/client.ts";
import { Problem } from "../../shared/exchange.ts";
import { told, type Failure } from "./failures.ts";
import { forget, remember } from "./memory.ts";

export interface Loaded {
  readonly batch: ShallowRef<Batch | null>;
  readonly parts: ShallowRef<readonly Part[]>;
  readonly failure: Ref<Failure | null>;
  readonly load: () => Promise<void>;
}

/** The batch of an id, checked; asked for again by `load`, and when the network is back. */
export function useBatch(id: string): Loaded {
  const batch = shallowRef<Batch | null>(null);
  const parts = shallowRef<readonly Part[]>([]);
  const failure = ref<Failure | null>(null);

  const show = (held: Batch): void => {
    parts.value = read(held);
    batch.value = held;
    failure.value = null;
  };
  const load = async (): Promise<void> => {
    failure.value = null;
    try {
      const found = await get(at("/v1/ask-batches/{batch_id}", { batch_id: id }));
      show(found);
      learn(found);
      remember(id);
    } catch (error) {
      if (error instanceof Problem && error.status === 404) forget(id);
      failure.value = told(error);
    }
  };
  const known = batches.get(id);
  if (known) show(known);
  void load();
  addEventListener("online", load);
  onUnmounted(() => removeEventListener("online", load));
  return { batch, parts, failure, load };
}
