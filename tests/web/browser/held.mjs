/**
 * What every page is held to, seen by axe-core and by the browser itself: policy, Trusted Types, names and roles, contrast
 * in light and in dark, nothing that moves, nothing to touch that is too small. `quality.test.mjs` says which pages.
 */

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";

import { faint, still } from "./contrast.mjs";

const AXE = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
const RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"];
/** CSS pixels. The screen of a desk is wide enough for nine links beside one another. */
const SCREEN = { phone: { width: 390, height: 844 }, desk: { width: 1350, height: 940 } };
/**
 * CSS pixels: 44 for those who stand or hold a phone (WCAG 2.2, 2.5.5). At a desk, where a mouse points, 36, which is what
 * a button within a row of text has; the others have 44. WCAG 2.5.8 would let both have 24.
 */
const TARGET = { phone: 43.5, desk: 36 };
/** Cumulative layout shift. Good is up to 0.1 (web.dev/cls). */
const MOVES = 0.05;
const CONTROLS = "button, a, summary, select, textarea, input:not([type=checkbox], [type=radio], [type=file])";
const WORDS = "p, td, .hidden, .skip, .visually-hidden";

export class Held {
  constructor(base, page) {
    Object.assign(this, { base, page });
  }

  /** Into every page, as a developer's tool is: the page's own policy would forbid it. */
  async watch() {
    await this.page.addInitScript({ content: AXE });
    await this.page.addInitScript(() => {
      globalThis.moved = { sum: 0, what: [] };
      const told = ({ node, previousRect: from, currentRect: to }) => `${node?.nodeName}.${node?.className} ${from.x},${from.y} to ${to.x},${to.y}`;
      new PerformanceObserver((list) => {
        for (const entry of list.getEntries().filter(({ hadRecentInput }) => !hadRecentInput)) {
          globalThis.moved.sum += entry.value;
          globalThis.moved.what.push(...entry.sources.map(told));
        }
      }).observe({ type: "layout-shift", buffered: true });
    });
  }

  /** Loaded, whatever it came to. */
  async there(path, kind) {
    await this.page.setViewportSize(SCREEN[kind]);
    await this.page.goto("about:blank");
    const answer = await this.page.goto(`${this.base}${path}`);
    await this.page.locator("main, #report, [role=main]").first().waitFor();
    await this.settled();
    return answer;
  }

  async settled() {
    await this.page.waitForFunction(() => !document.querySelector("main [aria-busy=true], .is-loading"));
    await still(this.page);
  }

  /** A page, from its address to what it came to. */
  async holds(path, kind) {
    const answer = await this.there(path, kind);
    const policy = answer.headers()["content-security-policy"] ?? "";
    for (const part of ["default-src 'none'", "frame-ancestors 'none'", "require-trusted-types-for 'script'", "base-uri 'none'"]) {
      assert.ok(policy.includes(part), `${path}: ${part}`);
    }
    assert.ok(!/unsafe-(inline|eval)|https?:\/\/(?!127\.0\.0\.1|localhost)/.test(policy), policy);
    const { sum, what } = await this.page.evaluate(() => globalThis.moved);
    assert.ok(sum < MOVES, `${path} moves by ${sum}: ${what.join("; ")}`);
    await this.shown(path, kind);
    assert.ok(await this.page.evaluate(refusesMarkup), `${path}: Trusted Types`);
  }

  /** What is on the screen now, in light and in dark. */
  async shown(what, kind) {
    assert.deepEqual(await this.axe(RULES), [], what);
    assert.deepEqual(await faint(this.page), [], what);
    assert.deepEqual(await this.small(kind), [], what);
    await this.page.emulateMedia({ colorScheme: "dark" });
    await still(this.page);
    assert.deepEqual(await this.axe(["wcag2aa"]), [], `${what}, dark`);
    assert.deepEqual(await faint(this.page), [], `${what}, dark`);
    await this.page.emulateMedia({ colorScheme: "light" });
    await still(this.page);
  }

  /** In the page: what axe finds of WCAG 2.2 A and AA, and of good practice. */
  axe = (rules) =>
    this.page.evaluate(async (runOnly) => {
      const { violations } = await globalThis.axe.run(document, { runOnly });
      return violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html.slice(0, 160)).join(" | ")}`);
    }, rules);

  /** Places too small to hit; a field is as large as the frame drawn around it. Those within words are as high as these. */
  small = (kind) =>
    this.page.$$eval(
      CONTROLS,
      (all, { least, words }) =>
        all
          .filter((one) => one.getClientRects().length > 0 && !one.closest(words) && !/hidden|skip/.test(one.className))
          .filter((one) => getComputedStyle(one).display !== "inline" || [...one.parentElement.childNodes].every((near) => near.nodeType !== Node.TEXT_NODE || near.data.trim() === ""))
          .map((one) => [one.textContent.trim().slice(0, 40) || one.ariaLabel || one.id, (one.closest(".el-input, .el-textarea") ?? one).getBoundingClientRect()])
          .filter(([, { height, width }]) => height < least || width < least)
          .map(([named, { height, width }]) => `${named}: ${Math.round(width)} x ${Math.round(height)}`),
      { least: TARGET[kind], words: WORDS },
    );
}

function refusesMarkup() {
  try {
    document.body.innerHTML = "<b>markup</b>";
    return false;
  } catch {
    return true;
  }
}
