/** With what a person signs on this device: the city app's key, else a passkey, else a login; and the other ways. */

import { computed, ref, type ComputedRef, type Ref } from "vue";

import { type Act, perform, type Way } from "./acts.ts";
import type { Json } from "../../shared/canonical.ts";
import { told, type Failure } from "./failures.ts";
import { bridge } from "./host.ts";
import { passkeys } from "./memory.ts";
import { usable } from "./passkeys.ts";

export interface Signing {
  readonly way: Ref<Way>;
  readonly ways: Ref<readonly Way[]>;
  readonly isBusy: Ref<boolean>;
  readonly fault: Ref<Failure | null>;
  /** From when on every key of this device may sign for what is sensitive; empty where there is none. */
  readonly fullFrom: ComputedRef<string>;
  /** Take the next way of signing. */
  readonly change: () => void;
  /** Sign and hand in, once however often it is tapped; where to go then, undefined if it failed or goes on elsewhere. */
  readonly act: (make: () => Promise<readonly [Act, Json]> | readonly [Act, Json]) => Promise<string | undefined>;
}

export function useSigner(): Signing {
  const ways = ref<readonly Way[]>(["login"]);
  const way = ref<Way>("login");
  const isBusy = ref(false);
  const fault = ref<Failure | null>(null);

  const has = (kind: string): boolean => passkeys.value.some((key) => (key.kind ?? "passkey") === kind);
  const offer = (first: Way): void => {
    ways.value = [first, ...ways.value];
    way.value = first;
  };
  if (has("passkey")) {
    void usable().then(
      (answered) => answered === "yes" && way.value !== "host_app" && offer("passkey"),
      () => undefined, // not reached: the page says so by itself
    );
  }
  if (bridge() && has("host_app")) offer("host_app");

  const act: Signing["act"] = async (make) => {
    if (isBusy.value) return undefined;
    isBusy.value = true;
    fault.value = null;
    try {
      const [what, document] = await make();
      const where = await perform(way.value, what, document);
      if (where !== undefined) isBusy.value = false; // else the provider has the screen, and the button stays as it is
      return where;
    } catch (error) {
      fault.value = told(error);
      isBusy.value = false;
      return undefined;
    }
  };
  const change = (): void => {
    way.value = ways.value[(ways.value.indexOf(way.value) + 1) % ways.value.length] ?? "login";
  };
  const fullFrom = computed(() => passkeys.value.map((key) => key.full_from).sort().at(-1) ?? "");
  return { way, ways, isBusy, fault, fullFrom, change, act };
}
