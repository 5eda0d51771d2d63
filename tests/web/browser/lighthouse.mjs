/**
 * Lighthouse on built pages as a node serves them, in the Chromium the tests drive: `audit(pages, categories)`.
 *
 * Whoever needs a session logs in first: Lighthouse opens its tabs in the profile that is given here.
 */

import { mkdtempSync, rmSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { chromium } from "playwright-core";

import { chosen } from "./launch.mjs";

const TIMEOUT = 120_000;

async function freePort() {
  const server = createServer();
  await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address();
  await new Promise((resolve) => server.close(resolve));
  return port;
}

/** A browser with one profile that Lighthouse can join. */
export class Lit {
  static async open(options = {}) {
    const held = new Lit();
    held.folder = mkdtempSync(join(tmpdir(), "cailian-lit-"));
    held.port = await freePort();
    const own = await chosen();
    const args = [...own.args, `--remote-debugging-port=${held.port}`];
    held.context = await chromium.launchPersistentContext(held.folder, { ...own, args, timeout: TIMEOUT, locale: "zh-CN", ...options });
    held.page = held.context.pages()[0] ?? (await held.context.newPage());
    held.page.setDefaultTimeout(TIMEOUT);
    return held;
  }

  async close() {
    await this.context?.close();
    rmSync(this.folder, { recursive: true, force: true });
  }

  /**
   * Scores of a page, 0 to 100, by category, and what lowered them.
   *
   * @param kind phone or desk.
   * @param categories of Lighthouse; without `performance` nothing is slowed down.
   */
  async audit(address, kind, categories) {
    const { default: lighthouse, desktopConfig } = await import("lighthouse");
    const isPhone = kind === "phone";
    const screen = isPhone ? { mobile: true, width: 390, height: 844, deviceScaleFactor: 2 } : { mobile: false, width: 1350, height: 940, deviceScaleFactor: 1 };
    const isTimed = categories.includes("performance");
    // A first visit is timed, with nothing kept; else whoever logged in stays so.
    const flags = { port: this.port, logLevel: "error", output: "json", disableStorageReset: !isTimed };
    const settings = {
      onlyCategories: categories,
      formFactor: isPhone ? "mobile" : "desktop",
      screenEmulation: { ...screen, disabled: false },
      // Where speed is asked for, a phone's processor and network, or those that Lighthouse scores a desk by; else the machine's own.
      ...(isTimed ? {} : { throttlingMethod: "provided" }),
      ...(isPhone ? {} : { throttling: desktopConfig.settings.throttling }),
      disableFullPageScreenshot: true,
      skipAudits: ["bf-cache", "valid-source-maps"],
      maxWaitForLoad: 45_000,
    };
    const { lhr } = await lighthouse(address, flags, { extends: "lighthouse:default", settings });
    if (lhr.runtimeError) throw new Error(`${address}: ${lhr.runtimeError.message}`);
    const scores = Object.fromEntries(Object.values(lhr.categories).map(({ id, score }) => [id, Math.round(score * 100)]));
    const low = Object.values(lhr.categories).flatMap(({ auditRefs }) =>
      auditRefs.filter(({ id, weight }) => weight > 0 && lhr.audits[id].score !== null && lhr.audits[id].score < 0.9).map(({ id }) => id),
    );
    const shown = (id) => lhr.audits[id].details?.items?.slice(0, 5).map((item) => item.node?.snippet ?? item.description ?? item.source ?? JSON.stringify(item).slice(0, 200));
    const figures = Object.fromEntries(
      ["first-contentful-paint", "largest-contentful-paint", "total-blocking-time", "cumulative-layout-shift"]
        .filter((id) => lhr.audits[id]?.numericValue !== undefined)
        .map((id) => [id, lhr.audits[id].numericValue]),
    );
    return { scores, low: Object.fromEntries([...new Set(low)].map((id) => [id, shown(id) ?? []])), figures };
  }
}
