/**
 * Keeps the pages themselves, so that they open without a network; never anything of anybody.
 *
 * Only files below /m/assets/ (whose names say their content), the page, its icon and its manifest are kept. What is
 * asked of the exchange (/v1, /m/config.json, the login) is not touched here at all: the browser asks as if there were
 * no worker.
 */

const SHELL = "cailian-shell-1";
const MOST = 80;
const PAGES = new Set(["/m/", "/m/icon.svg", "/m/app.webmanifest"]);

self.addEventListener("install", (event) => event.waitUntil(self.skipWaiting()));
self.addEventListener("activate", (event) =>
  event.waitUntil(
    (async () => {
      for (const name of await caches.keys()) if (name !== SHELL) await caches.delete(name);
      const shell = await caches.open(SHELL);
      if (!(await shell.match("/m/"))) await shell.add("/m/");
      await self.clients.claim();
    })(),
  ),
);

self.addEventListener("fetch", (event) => {
  const { request } = event;
  const { origin, pathname, search } = new URL(request.url);
  if (request.method !== "GET" || origin !== self.location.origin) return;
  // An address with a query is the identity provider's answer: it goes past here, and is kept nowhere.
  if (search !== "") return;
  if (pathname.startsWith("/m/assets/")) event.respondWith(kept(request));
  else if (PAGES.has(pathname)) event.respondWith(fresh(request, pathname));
});

/** A file that never changes. */
async function kept(request) {
  const shell = await caches.open(SHELL);
  const held = await shell.match(request);
  if (held) return held;
  const answer = await fetch(request);
  if (answer.ok) {
    await shell.put(request, answer.clone());
    const all = await shell.keys();
    for (const old of all.slice(0, Math.max(0, all.length - MOST))) await shell.delete(old);
  }
  return answer;
}

/** The newest where it can be had, else the last one. */
async function fresh(request, pathname) {
  const shell = await caches.open(SHELL);
  try {
    const answer = await fetch(request);
    if (answer.ok) await shell.put(pathname, answer.clone());
    return answer;
  } catch (error) {
    const held = await shell.match(pathname);
    if (held) return held;
    throw error;
  }
}
