/** The front page in a real browser: three doors that open, both languages, what the log holds, no script needed. */

import assert from "node:assert/strict";
import { mkdirSync } from "node:fs";
import { after, before, describe, test } from "node:test";

import { faint } from "./contrast.mjs";
import { launch } from "./launch.mjs";

const BASE = process.env.BASE_URL;
const PICTURES = process.env.PICTURES;
let browser;
before(async () => {
  browser = await launch();
  if (PICTURES) mkdirSync(PICTURES, { recursive: true });
});
after(() => browser?.close());

/** A page of its own, with what went wrong in it. */
async function opened(more = {}) {
  const context = await browser.newContext({ viewport: { width: 390, height: 844 }, ...more });
  const page = await context.newPage();
  const wrong = [];
  page.on("pageerror", (error) => wrong.push(String(error)));
  page.on("console", (said) => said.type() === "error" && wrong.push(said.text()));
  await page.goto(`${BASE}/`);
  return { page, wrong, close: () => context.close() };
}

async function picture(page, name) {
  if (PICTURES) await page.screenshot({ path: `${PICTURES}/home-${name}.png`, fullPage: true });
}

describe("the front page", () => {
  test("says what the log holds, in the language that was chosen, and remembers it", async () => {
    const { page, wrong, close } = await opened();
    await page.getByText(/日志现有 [\d,]+ 条记录/).waitFor();
    await picture(page, "phone");
    await page.getByRole("button", { name: "English" }).click();
    await page.getByText(/The log holds [\d,]+ entries/).waitFor();
    assert.equal(await page.getByRole("heading", { level: 1 }).innerText(), "Handed in once, never asked for again.");
    await page.reload();
    await page.getByText(/The log holds/).waitFor();
    assert.equal(await page.evaluate(() => document.documentElement.lang), "en");
    await picture(page, "phone-english");
    assert.deepEqual(wrong, []);
    await close();
  });

  test("each door opens, by the keyboard", async () => {
    for (const [number, address] of [[0, "/m/"], [1, "/console/"], [2, "/auditor/"]]) {
      const { page, close } = await opened();
      for (let i = 0; i < 3 + number; i++) await page.keyboard.press("Tab");
      await page.keyboard.press("Enter");
      await page.waitForURL((url) => url.pathname === address);
      assert.equal((await page.request.get(page.url())).status(), 200);
      await close();
    }
  });

  test("is easy to read and to hit, light and dark, narrow and wide", async () => {
    for (const [name, more] of [
      ["light", {}],
      ["dark", { colorScheme: "dark" }],
      ["wide", { viewport: { width: 1280, height: 800 } }],
      ["wide-dark", { viewport: { width: 1280, height: 800 }, colorScheme: "dark" }],
    ]) {
      const { page, wrong, close } = await opened(more);
      await page.getByText(/日志现有/).waitFor();
      await picture(page, name);
      assert.deepEqual(await faint(page), [], name);
      const small = await page.evaluate(() =>
        [...document.querySelectorAll("a, button")].filter((each) => each.getBoundingClientRect().height < 44).map((each) => each.outerHTML),
      );
      assert.deepEqual(small, [], name);
      assert.ok(await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth), name);
      assert.deepEqual(wrong, []);
      await close();
    }
  });

  test("opens its doors when the log cannot be read", async () => {
    const { page, close } = await opened();
    await page.route("**/log/checkpoint", (route) => route.abort());
    await page.reload();
    await page.getByRole("link", { name: /我的材链/ }).click();
    await page.waitForURL((url) => url.pathname === "/m/");
    await close();
  });

  test("opens its doors without a script", async () => {
    const { page, close } = await opened({ javaScriptEnabled: false });
    await page.getByText("每次使用一张凭证").waitFor();
    assert.equal(await page.getByRole("link", { name: /窗口与部门/ }).getAttribute("href"), "/console/");
    await close();
  });
});
