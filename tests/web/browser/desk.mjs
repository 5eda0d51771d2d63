/** A desk for the tests of the console: a wide screen and a keyboard. There is no mouse in here, on purpose. */

import assert from "node:assert/strict";
import { mkdirSync } from "node:fs";
import { join } from "node:path";

import { hear } from "./answers.mjs";
import { faint } from "./contrast.mjs";
import { launch } from "./launch.mjs";

export const BASE = process.env.BASE_URL;
export const HOME = `${BASE}/console/`;
const PICTURES = join(import.meta.dirname, "../../../build/console-pages");
const SCREEN = { viewport: { width: 1360, height: 900 }, locale: "zh-CN", acceptDownloads: true };
/** Milliseconds a condition may take on the slowest machine these tests run on. */
const LIMIT = Number(process.env.LIMIT ?? 120_000);
/** CSS pixels: the header with one line of links. */
const LINE = 62;
/** No page of the console has more places than this. */
const MOST_PLACES = 200;

export class Desk {
  faults = [];
  elsewhere = [];

  static async open() {
    mkdirSync(PICTURES, { recursive: true });
    const held = new Desk();
    held.browser = await launch();
    await held.fresh();
    return held;
  }

  close = () => this.browser?.close();

  async fresh(options = {}) {
    await this.context?.close();
    this.context = await this.browser.newContext({ ...SCREEN, ...options });
    this.page = await this.context.newPage();
    this.page.setDefaultTimeout(LIMIT);
    hear(this.page);
    this.page.on("pageerror", (error) => this.faults.push(String(error)));
    this.page.on("console", (message) => {
      if (["error", "warning"].includes(message.type())) this.faults.push(`${message.text()} ${message.location().url}`);
    });
    this.page.on("request", (request) => {
      if (!/^(data:|blob:|http:\/\/(localhost|127\.0\.0\.1):)/.test(request.url())) this.elsewhere.push(request.url());
    });
  }

  /** What the browser itself says of an answer that was refused or never came; looked at by the test that provokes it. */
  forgive(pattern) {
    this.faults = this.faults.filter((fault) => !pattern.test(fault));
  }

  picture = (name, whole = false) => this.page.screenshot({ path: join(PICTURES, `${name}.png`), animations: "disabled", fullPage: whole });
  go = (path) => this.page.goto(`${HOME}#${path}`);
  see = (words) => this.page.getByText(words).filter({ visible: true }).first().waitFor();
  gone = (selector) => this.page.locator(selector).first().waitFor({ state: "detached" });
  press = (...keys) => keys.reduce((before, key) => before.then(() => this.page.keyboard.press(key)), Promise.resolve());
  type = (text) => this.page.keyboard.insertText(text);
  settle = () => this.page.waitForFunction(() => !document.querySelector("main [aria-busy=true], .is-loading"));

  /** What has the focus, by its words. */
  focused = () =>
    this.page.evaluate(() => {
      const at = document.activeElement;
      const label = at?.getAttribute("aria-label") ?? at?.labels?.[0]?.textContent ?? at?.textContent ?? "";
      return label.replace(/\s+/g, " ").trim();
    });

  /** Tab to the place that says so, as somebody does who has no mouse. */
  async tabTo(words, key = "Tab") {
    const passed = [];
    for (let n = 0; n < MOST_PLACES; n += 1) {
      await this.press(key);
      const at = await this.focused();
      if (words.test(at)) return;
      passed.push(at.slice(0, 30));
    }
    assert.fail(`no place says ${words}; passed ${passed.join(" | ")}`);
  }

  /** With the arrows to a line of the list. */
  async lineTo(line) {
    const inLine = () => this.page.evaluate(() => document.activeElement?.closest("[data-line]")?.getAttribute("data-line") ?? "");
    await this.page.locator(`[data-line="${line}"]`).waitFor();
    if (!(await inLine())) {
      for (let n = 0; n < MOST_PLACES && !(await inLine()); n += 1) await this.press("Tab");
    }
    for (const key of ["ArrowUp", "ArrowDown"]) {
      for (let n = 0; n < 40 && (await inLine()) !== line; n += 1) await this.press(key);
    }
    assert.equal(await inLine(), line);
  }

  /** Through the gate, and the provider's page, as a member of staff. */
  async enter(handle = "qp-103") {
    await this.see("工作人员登录");
    await this.tabTo(/^登录$/);
    await this.press("Enter");
    await this.page.getByText("以谁的身份登录").waitFor();
    await this.tabTo(new RegExp(handle));
    await this.press("Enter");
    await this.page.locator(".who", { hasText: handle }).waitFor();
  }

  /** What every page is held to: contrast, targets, names, a header in one line, nothing to scroll sideways. */
  async check(what) {
    assert.deepEqual(await faint(this.page), [], what);
    const places = await this.page.$$eval("button, a, input, select, textarea, summary", (all) =>
      all
        .filter((one) => one.getClientRects().length > 0 && !one.closest(".hidden, .skip") && !one.classList.contains("hidden") && !one.classList.contains("skip"))
        .map((one) => {
          const named = (one.ariaLabel ?? one.labels?.[0]?.textContent ?? one.textContent ?? "").trim() || one.getAttribute("placeholder") || "";
          const { width, height } = (one.closest(".el-radio, .el-checkbox, .el-radio-button, .el-input, .el-textarea") ?? one).getBoundingClientRect();
          return { named, html: one.outerHTML.slice(0, 120), width: Math.round(width), height: Math.round(height) };
        }),
    );
    assert.deepEqual(places.filter(({ named }) => !named).map(({ html }) => html), [], `${what}: names`);
    assert.deepEqual(places.filter(({ height }) => height < 24), [], `${what}: targets (WCAG 2.2, 2.5.8)`);
    const header = await this.page.$eval("header.top", (top) => top.getBoundingClientRect().height);
    assert.ok(header <= LINE, `${what}: the header is ${header} high`);
    assert.ok((await this.page.evaluate(() => document.documentElement.scrollWidth)) <= SCREEN.viewport.width, `${what}: width`);
  }
}

/** Everybody else: the applicant's phone, departments that issue (`tests/pages/test_console.py`). */
export async function outside(act, given = {}) {
  const answer = await fetch(process.env.DEPARTMENT, { method: "POST", body: JSON.stringify({ act, ...given }) });
  const held = await answer.json();
  assert.equal(answer.status, 200, JSON.stringify(held));
  return held;
}
