/** What goes wrong in the middle of an approval, beside what `citizen.test.mjs` and `mine.test.mjs` have: nothing doubled, nothing lost. */

import assert from "node:assert/strict";
import { after, before, beforeEach, describe, test } from "node:test";

import { BASE, HOME, outside, Phones } from "./phone.mjs";

let phones;
const page = () => phones.page;
const see = (words) => phones.see(words);
const tap = (name) => phones.tap(name);

before(async () => {
  phones = await Phones.open();
});
after(() => phones?.close());

async function open() {
  const batch = await outside("ask_one");
  await phones.go(`/asks/${batch.batch_id}`);
  await page().locator(".decide").waitFor();
  return batch;
}
const granted = async (batch) => (await outside("batch", { batch: batch.batch_id })).grants.length;

describe("in the middle of an approval", () => {
  beforeEach(() => phones.fresh());

  test("the server is down, and the page is loaded anew meanwhile: the signature waits and counts once", async () => {
    const batch = await open();
    let tries = 0;
    await page().route("**/answer", (route) => {
      tries += 1;
      return tries % 2 ? route.abort("connectionrefused") : route.fulfill({ status: 502, body: "bad gateway" });
    });
    await tap("同意并签名");
    await phones.logIn();
    await see("您的签名还在，没有丢失");
    await tap("再试一次");
    await see("您的签名还在，没有丢失");
    assert.equal(await granted(batch), 0);
    await page().reload();
    await see("您的签名还在，没有丢失");
    assert.equal(tries, 3);
    await phones.picture("97-server-down");
    await page().unroute("**/answer");
    await tap("再试一次");
    await see("已授权");
    assert.equal(await granted(batch), 1);
    assert.equal(await page().evaluate(() => sessionStorage.getItem("cailian.act")), null);
    phones.forgive(/ERR_CONNECTION_REFUSED|502|Failed to load/);
  });

  test("the network is slower than the page waits: it says so, and the same signature counts once", async () => {
    const batch = await open();
    let go;
    const held = new Promise((resolve) => (go = resolve));
    let tries = 0;
    await page().route("**/answer", async (route) => {
      tries += 1;
      if (tries > 1) return route.continue();
      const answer = await route.fetch(); // it arrives and is answered, only nobody waits any more
      await held;
      return route.fulfill({ response: answer }).catch(() => undefined);
    });
    await tap("同意并签名");
    await phones.logIn();
    await see("您的签名还在，没有丢失"); // after the page's own limit
    go();
    assert.equal(await granted(batch), 1);
    await tap("再试一次");
    await see("已授权");
    assert.equal(await granted(batch), 1);
    phones.forgive(/ERR_ABORTED|Failed to load/);
  });

  test("the same ask in two tabs, approved in both: the second is told, and one grant stands", async () => {
    const batch = await open();
    const other = await phones.context.newPage();
    phones.watch(other);
    await other.goto(`${HOME}#/asks/${batch.batch_id}`);
    await other.getByRole("button", { name: "同意并签名" }).tap();
    await other.getByText("陈安澜").tap();
    await other.getByText("已授权").first().waitFor();
    await tap("同意并签名");
    await phones.logIn();
    await see("这个请求已经处理过了");
    assert.equal(await granted(batch), 1);
    phones.forgive(/409/);
  });

  test("a browser without passkeys: the page says so, and the login signs", async () => {
    await page().addInitScript(() => {
      delete globalThis.PublicKeyCredential;
    });
    await phones.go("/keys");
    await see(/不支持通行密钥|没有通行密钥/);
    await phones.picture("98-no-passkeys");
    const batch = await open();
    await tap("同意并签名");
    await phones.logIn();
    await see("已授权");
    assert.equal(await granted(batch), 1);
  });

  test("the login is cancelled, or is somebody's who closed the page: nothing is given, and one can begin again", async () => {
    const batch = await open();
    await tap("同意并签名");
    await see("以谁的身份登录");
    const { searchParams } = new URL(page().url());
    await page().goto(`${BASE}/m/?error=access_denied&state=${searchParams.get("state")}`);
    await page().locator(".hero-mark").waitFor();
    assert.equal(await granted(batch), 0);
    await tap(/重新签名|返回/);
    await tap("同意并签名");
    await phones.logIn();
    await see("已授权");
    assert.equal(await granted(batch), 1);
  });

  test("no fault was written to the console by any of this", () => {
    assert.deepEqual(phones.faults, []);
  });
});
