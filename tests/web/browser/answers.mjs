/** Every answer the pages get, one JSON line each, where `ANSWERS` says: `tests/web/answers.py` holds them to the description. */

import { appendFileSync } from "node:fs";

const PLACE = process.env.ANSWERS;

/** Write down what comes to a page from now on. */
export function hear(page) {
  if (!PLACE) return;
  page.on("response", async (response) => {
    const { pathname } = new URL(response.url());
    const isJson = response.headers()["content-type"] === "application/json";
    if (!response.ok() || response.status() === 204 || !isJson || !/^\/(v1\/|healthz|readyz)/.test(pathname)) return;
    try {
      const answer = { method: response.request().method().toLowerCase(), path: pathname, answer: await response.json() };
      appendFileSync(PLACE, `${JSON.stringify(answer)}\n`);
    } catch {
      // the page was left before the answer was whole
    }
  });
}
