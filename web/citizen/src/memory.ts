/** What the device remembers: ids of what was opened here and of its passkeys. Capabilities, no contents, no names. */

import { ref, type Ref } from "vue";

export interface Passkey {
  readonly key_id: string;
  readonly credential: string;
  readonly full_from: string;
  /** `host_app` for a key of the city app's; a passkey where nothing is said. */
  readonly kind?: "passkey" | "host_app";
}

const ASKS = "cailian.asks";
const PASSKEYS = "cailian.passkeys";
const MOST = 20;

function load<T>(place: string): T[] {
  try {
    const held: unknown = JSON.parse(localStorage.getItem(place) ?? "[]");
    return Array.isArray(held) ? (held as T[]) : [];
  } catch {
    return [];
  }
}

function keep(place: string, values: readonly unknown[]): void {
  try {
    localStorage.setItem(place, JSON.stringify(values));
  } catch {
    // a web view without storage: remembered until it is closed
  }
}

export const opened: Ref<string[]> = ref(load<string>(ASKS));
export const passkeys: Ref<Passkey[]> = ref(load<Passkey>(PASSKEYS));

export function remember(batchId: string): void {
  opened.value = [batchId, ...opened.value.filter((each) => each !== batchId)].slice(0, MOST);
  keep(ASKS, opened.value);
}

export function forget(batchId: string): void {
  opened.value = opened.value.filter((each) => each !== batchId);
  keep(ASKS, opened.value);
}

export function addPasskey(held: Passkey): void {
  passkeys.value = [held, ...passkeys.value];
  keep(PASSKEYS, passkeys.value);
}

export function dropPasskey(keyId: string): void {
  passkeys.value = passkeys.value.filter((each) => each.key_id !== keyId);
  keep(PASSKEYS, passkeys.value);
}
