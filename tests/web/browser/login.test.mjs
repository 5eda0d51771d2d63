/**
 * Logging in at the pages of a node out of demo mode, at a provider that is not ours (`tests/web/provider.py`): code with
 * PKCE, state and nonce, the secret kept by the node, then a short session that no script reads.
 */

import assert from "node:assert/strict";
import { after, before, beforeEach, describe, test } from "node:test";

import { BASE, CHEN, HOME, outside, Phones } from "./phone.mjs";

let phones;
before(async () => (phones = await Phones.open()));
after(() => phones?.close());
beforeEach(() => phones.fresh());

async function arrive() {
  await phones.go("/me");
  await phones.see("请先登录");
  await phones.page.locator(".gate .van-button--primary").tap();
  await phones.see("省统一身份认证");
}
const pick = () => phones.page.getByRole("link", { name: CHEN }).tap();

describe("a node out of demo mode", () => {
  test("sends to its provider with PKCE, state and nonce; whoever comes back is who they are there", async () => {
    await arrive();
    const asked = new URL(phones.page.url()).searchParams;
    assert.deepEqual(
      [asked.get("response_type"), asked.get("scope"), asked.get("code_challenge_method"), asked.get("redirect_uri")],
      ["code", "openid", "S256", HOME],
    );
    for (const name of ["state", "nonce", "code_challenge"]) assert.ok(asked.get(name).length >= 22, name);
    await pick();
    await phones.page.locator(".whoami", { hasText: CHEN }).waitFor();
    assert.ok(!phones.page.url().includes("code="));
    assert.equal(await phones.page.locator(".demo-mark").count(), 0);
    const [kept] = (await phones.context.cookies()).filter(({ name }) => name === "cailian");
    assert.deepEqual([kept.httpOnly, kept.sameSite, kept.path], [true, "Strict", "/"]);
    assert.ok(!(await phones.page.evaluate(() => JSON.stringify({ ...sessionStorage, ...localStorage }))).includes("eyJ"));
    await phones.picture("90-login-elsewhere");
    await phones.tap("退出登录");
    await phones.see("请先登录");
  });

  test("has no demo login at all", async () => {
    assert.equal((await fetch(`${BASE}/demo/oidc/authorize`)).status, 404);
    const { demo, login } = await (await fetch(`${BASE}/m/config.json`)).json();
    assert.equal(demo, false);
    assert.ok(!login.authorize.includes("/demo/"));
  });

  for (const [wrong, words] of [["state", "登录结果与本次操作对不上"], ["nonce", "登录结果与本次操作对不上"]]) {
    test(`an answer with another ${wrong} logs nobody in`, async () => {
      await outside("wrong", { what: wrong });
      await arrive();
      await pick();
      await phones.see(words);
      await phones.picture(`91-login-wrong-${wrong}`);
      await outside("wrong", { what: "" });
      await phones.go("/me");
      await phones.see("请先登录");
    });
  }

  test("a code is redeemed once: the address from before, opened again, logs nobody in", async () => {
    await arrive();
    const [back] = await Promise.all([phones.page.waitForRequest((request) => request.url().startsWith(`${HOME}?code=`)), pick()]);
    await phones.page.locator(".whoami").waitFor();
    await phones.fresh();
    await phones.page.goto(back.url());
    await phones.see("登录结果与本次操作对不上");
    await phones.go("/me");
    await phones.see("请先登录");
  });

  test("in the city app its key signs: enrolled by a login, then used without leaving the page", async () => {
    const page = phones.page;
    await page.exposeFunction("hardware", (act, given) => outside(act, given).then(({ http, ...answer }) => answer));
    await page.addInitScript(() => {
      globalThis.cailianHost = {
        enrol: (asked) => globalThis.hardware("enrol", asked),
        sign: (asked) => globalThis.hardware("sign", asked),
      };
    });
    await phones.go("/keys");
    await phones.tap("先登录，确认是您本人");
    await pick();
    await phones.tap("在本应用中登记密钥");
    await pick();
    await phones.see("本应用密钥");
    await phones.picture("92-key-in-app");
    await phones.go("/me");
    await phones.tap("退出登录");
    await phones.tap("用本应用登录");
    await page.locator(".whoami", { hasText: CHEN }).waitFor();
    assert.ok(page.url().startsWith(HOME));
  });

  test("no fault was written to the console, and no other host was asked, by any of this", () => {
    assert.deepEqual(phones.faults, []);
    assert.deepEqual(phones.elsewhere, []);
  });
});
