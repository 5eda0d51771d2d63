/** The worker that keeps the pages for when there is no network (`public/sw.js`); it keeps nothing of anybody. */

interface TrustedTypes {
  createPolicy(name: string, rules: { createScriptURL: (url: string) => string }): { createScriptURL(url: string): string };
}

const WORKER = "/m/sw.js";

/** Every page that is fetched when it is first looked at; with a worker, fetched so that it is there offline. */
const rest = Object.values(import.meta.glob(["./pages/*.vue", "!./pages/{Home,Ask}Page.vue"]));

/** Start it where the browser has such workers; the one address that the policy lets through is this one. */
export async function keepPages(): Promise<void> {
  if (!("serviceWorker" in navigator)) return;
  const { trustedTypes } = globalThis as { trustedTypes?: TrustedTypes };
  const policy = trustedTypes?.createPolicy("cailian", { createScriptURL: () => WORKER });
  try {
    await navigator.serviceWorker.register(policy?.createScriptURL(WORKER) ?? WORKER, { scope: "/m/" });
    await navigator.serviceWorker.ready;
    await Promise.all(rest.map((page) => page()));
  } catch {
    // a web view that forbids it: the pages then need the network
  }
}
