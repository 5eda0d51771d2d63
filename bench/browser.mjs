/**
 * How long the verification page's worker needs for a bundle: `node bench/browser.mjs`, prints JSON.
 *
 * Each of three bundles is verified many times by the built worker in Chromium, with its trust file parsed anew each
 * time. `first` is the first bundle after the page was opened, when nothing but the worker's self-test has run.
 */

import { readFileSync } from "node:fs";
import { createServer } from "node:http";
import { join } from "node:path";

import { launch } from "../tests/web/browser/launch.mjs";

const ROUNDS = 200;
const PAGE = join(import.meta.dirname, "../web/verifier/dist/page");
const BUNDLES = join(import.meta.dirname, "../tests/vectors/bundles");
const CASES = {
  "chain, 3 seals, 2 witnesses": ["good-qbft-three-of-four", "trust-qbft.json"],
  "use, deposit, grant, chain": ["good-use-with-deposit-and-grant", "trust.json"],
  "district, city, delta, chain": ["good-district-city-delta-chain", "trust.json"],
};

/** The worker's code as the page holds it. */
const [, WORKER] = /id="worker">([^]*?)<\/script>/.exec(readFileSync(join(PAGE, "verify.html"), "utf8"));

const server = createServer((request, response) => {
  const isScript = request.url === "/worker.js";
  response.setHeader("Content-Type", isScript ? "text/javascript" : "text/html");
  response.end(isScript ? WORKER : "<!doctype html><title>bench</title>");
});
await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
const browser = await launch();
const results = {};
for (const [name, [bundle, trust]] of Object.entries(CASES)) {
  const page = await browser.newPage();
  await page.goto(`http://127.0.0.1:${server.address().port}/`);
  const files = [`${bundle}.cailian.json`, trust].map((file) => readFileSync(join(BUNDLES, file)).toString("base64"));
  const times = await page.evaluate(measure, { files, rounds: ROUNDS });
  const [first, ...rest] = times;
  rest.sort((a, b) => a - b);
  results[name] = { first, median: rest[rest.length >> 1], p95: rest[Math.floor(rest.length * 0.95)] };
  await page.close();
}
console.log(JSON.stringify({ chromium: browser.version(), rounds: ROUNDS, results }));
await browser.close();
server.close();

/** In the page: milliseconds that each verification took, as the worker counts them. */
async function measure({ files, rounds }) {
  const [bundle, trust] = files.map((text) => Uint8Array.from(atob(text), (sign) => sign.charCodeAt(0)));
  const worker = new Worker("/worker.js");
  const times = [];
  for (let id = 0; id < rounds; id++) {
    const answer = new Promise((resolve) => worker.addEventListener("message", resolve, { once: true }));
    worker.postMessage({ id, bundle, trust, document: null });
    const { data } = await answer;
    if (data.view?.verdict !== "proven") throw new Error(JSON.stringify(data));
    times.push(data.milliseconds);
  }
  return times;
}
