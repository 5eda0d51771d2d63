/**
 * How fast the built pages are at a first visit, as Lighthouse sees a phone of the middle class on a slow network, or a
 * desk: `node bench/pages.mjs`, prints JSON. The node is running, at BASE_URL; nobody is logged in.
 */

import { Lit } from "../tests/web/browser/lighthouse.mjs";

const PAGES = {
  "citizen, home": ["/m/", "phone"],
  "verifier on a phone": ["/verify", "phone"],
  verifier: ["/verify", "desk"],
  kiosk: ["/kiosk/", "desk"],
  console: ["/console/", "desk"],
};
const ROUNDS = 3;

const lit = await Lit.open();
const results = {};
for (const [name, [path, kind]] of Object.entries(PAGES)) {
  const runs = [];
  for (let round = 0; round < ROUNDS; round += 1) runs.push(await lit.audit(`${process.env.BASE_URL}${path}`, kind, ["performance"]));
  runs.sort((a, b) => a.scores.performance - b.scores.performance);
  const { scores, figures, low } = runs[ROUNDS >> 1];
  results[name] = { performance: scores.performance, figures, low: Object.keys(low) };
}
await lit.close();
console.log(JSON.stringify({ rounds: ROUNDS, results }));
