/** A phone for the tests of the citizen pages: pages, taps, words that are seen, pictures, faults that nobody expected. */

import assert from "node:assert/strict";
import { mkdirSync } from "node:fs";
import { join } from "node:path";

import { hear } from "./answers.mjs";
import { faint } from "./contrast.mjs";
import { launch } from "./launch.mjs";

export const BASE = process.env.BASE_URL;
export const HOME = `${BASE}/m/`;
const PICTURES = join(import.meta.dirname, "../../../build/citizen-pages");
export const PHONE = {
  viewport: { width: 390, height: 844 }, deviceScaleFactor: 2, isMobile: true, hasTouch: true, locale: "zh-CN", serviceWorkers: "block",
};
export const PATIENCE = 120_000;
/** Milliseconds a wait may take: longer than the pages wait themselves, so that what they say of a slow answer is seen. */
export const [CHEN, LIN, XU] = ["陈安澜", "林知微", "徐行舟"];

/** One browser, and in it one phone at a time. */
export class Phones {
  faults = [];
  elsewhere = [];

  static async open() {
    mkdirSync(PICTURES, { recursive: true });
    const held = new Phones();
    held.browser = await launch();
    return held;
  }

  async close() {
    await this.page?.unrouteAll({ behavior: "ignoreErrors" });
    await this.browser?.close();
  }

  /** A new phone. */
  async fresh(options = {}) {
    await this.page?.unrouteAll({ behavior: "ignoreErrors" }); // what a test held back must not fail in the next one
    await this.context?.close();
    this.context = await this.browser.newContext({ ...PHONE, ...options });
    this.page = await this.context.newPage();
    this.page.setDefaultTimeout(PATIENCE);
    this.watch(this.page);
    return this.page;
  }

  watch(page) {
    hear(page);
    page.on("pageerror", (error) => this.faults.push(String(error)));
    page.on("console", (message) => {
      if (/Service Worker registration blocked/.test(message.text())) return; // by the test itself
      if (["error", "warning"].includes(message.type())) this.faults.push(`${message.text()} ${message.location().url}`);
    });
    page.on("request", (request) => {
      if (!/^(data:|blob:|http:\/\/(localhost|127\.0\.0\.1):)/.test(request.url())) this.elsewhere.push(request.url());
    });
  }

  /** What the browser itself says of an answer that was refused or never came; looked at by the test that provokes it. */
  forgive(pattern) {
    for (let at = this.faults.length - 1; at >= 0; at -= 1) if (pattern.test(this.faults[at])) this.faults.splice(at, 1);
  }

  picture = (name) => this.page.screenshot({ path: join(PICTURES, `${name}.png`), animations: "disabled" });
  go = (path) => this.page.goto(`${HOME}#${path}`);
  /** To another page, and until it has taken the place of the one before: what is looked at then is its own. */
  async turn(path) {
    await this.page.evaluate(() => {
      for (const one of document.querySelectorAll("main")) one.dataset.before = "";
    });
    await this.go(path);
    await this.page.locator("main:not([data-before])").first().waitFor();
  }

  text = (selector) => this.page.locator(selector).first().innerText();
  see = (words) => this.page.getByText(words).first().waitFor();
  button = (name) => this.page.getByRole("button", { name });
  tap = (name) => this.button(name).first().tap();
  link = (name) => this.page.getByRole("link", { name }).first().tap();

  /** At the identity provider: whom the phone belongs to. */
  async logIn(name = CHEN) {
    await this.see("以谁的身份登录");
    await this.page.getByText(name).tap();
  }

  /** Through the gate of a page that is for who is logged in. */
  async enter(path, name = CHEN) {
    await this.go(path);
    await this.see("请先登录");
    await this.page.locator(".gate .van-button--primary").tap();
    await this.logIn(name);
    await this.page.waitForURL(`${HOME}#${path}`); // the provider's page has no gate either
    await this.page.locator(".gate").waitFor({ state: "detached" });
  }

  /** Twice, so fast that the second tap meets the page that the first is about to leave; how many logins were asked for. */
  async tapTwice(button) {
    let logins = 0;
    let go;
    const held = new Promise((resolve) => (go = resolve));
    await this.page.route(/\/authorize\?/, async (route) => {
      logins += 1;
      await held;
      await route.continue();
    });
    await button.dblclick();
    go();
    await this.see("以谁的身份登录");
    return logins;
  }

  /** Loaded, whatever it came to. */
  settle = () => this.page.locator("[aria-busy=true]").first().waitFor({ state: "detached" });

  /** What every page is held to: contrast, 44 px, names, no scroll sideways on the narrowest phone. */
  async check(what) {
    assert.deepEqual(await faint(this.page), [], what);
    const small = await this.page.$$eval("button, a, summary, input:not([type=checkbox], [type=radio]), select, textarea, [role=checkbox], label:has(input)", (all) =>
      all
        .filter((one) => one.getClientRects().length > 0 && !one.closest("p, .hidden") && !one.classList.contains("hidden"))
        .map((one) => [one.textContent.trim() || one.ariaLabel || one.id, one.getBoundingClientRect()])
        .filter(([, { height, width }]) => height < 43.5 || width < 43.5)
        .map(([named, { height, width }]) => `${named}: ${width} x ${height}`),
    );
    assert.deepEqual(small, [], what);
    const unnamed = await this.page.$$eval("button, a, input, select, textarea", (all) =>
      all.filter((one) => !(one.ariaLabel ?? one.labels?.[0]?.textContent ?? one.textContent)?.trim()).map((one) => one.outerHTML),
    );
    assert.deepEqual(unnamed, [], what);
    for (const width of [320, 900]) {
      await this.page.setViewportSize({ width, height: 800 });
      assert.ok((await this.page.evaluate(() => document.documentElement.scrollWidth)) <= width, `${what} at ${width}`);
    }
    await this.page.setViewportSize(PHONE.viewport);
  }
}

/** The department's window and everybody else beside the phone (`tests/web/department.py`). */
export async function outside(act, given = {}) {
  const answer = await fetch(process.env.DEPARTMENT, { method: "POST", body: JSON.stringify({ act, ...given }) });
  return { ...(await answer.json()), http: answer.status };
}
