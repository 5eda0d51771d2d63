/** A kiosk: a card begins it, it shows and prints, and nothing of anybody is left. `tests/pages/test_quality.py` stands around it. */

import assert from "node:assert/strict";
import { after, before, beforeEach, describe, test } from "node:test";

import { BASE, CHEN, outside, Phones, XU } from "./phone.mjs";

const SCREEN = { viewport: { width: 1080, height: 1400 }, deviceScaleFactor: 1, isMobile: false };
let phones;
let world;
const page = () => phones.page;
const see = (words) => phones.see(words);

before(async () => {
  phones = await Phones.open();
  world = await outside("prepare");
});
after(() => phones?.close());

async function open() {
  await page().goto(`${BASE}/kiosk/`);
  await see("请将身份证放在读卡区");
}

async function enter(name = CHEN) {
  await open();
  await phones.tap(`放上 ${name} 的身份证`);
  await see(`${name}，您好`);
}

/** Whether anything of somebody is left in this browser. */
const kept = async () => ({
  storage: await page().evaluate(() => [...Object.values(sessionStorage), ...Object.values(localStorage)].join(" ")),
  text: await page().locator("body").innerText(),
  length: await page().evaluate(() => history.length),
});

describe("a kiosk", () => {
  beforeEach(() => phones.fresh(SCREEN));

  test("asks for a card and for no passkey, large enough to touch while standing", async () => {
    await open();
    await phones.picture("90-kiosk");
    assert.doesNotMatch(await page().locator("body").innerText(), /通行密钥|登录名|密码/);
    const low = await page().$$eval("button", (all) => all.map((one) => one.getBoundingClientRect().height).filter((height) => height < 60));
    assert.deepEqual(low, []);
    assert.ok((await page().evaluate(() => Number.parseFloat(getComputedStyle(document.body).fontSize))) >= 20);
  });

  test("says how sure the card is, and what is not done here", async () => {
    await enter();
    await see("认证等级：低");
    await see("请用手机或到窗口");
    await phones.picture("91-kiosk-menu");
    const refused = await page().evaluate(async () => {
      const answer = await fetch("/v1/my/notices", { headers: { "X-Cailian-Page": "kiosk" } });
      return [answer.status, (await answer.json()).code];
    });
    assert.deepEqual(refused, [403, "not-at-kiosk"]);
    phones.forgive(/403/);
  });

  test("a code is printed after the card was read once more: on paper there is the sheet alone", async () => {
    await enter();
    await page().getByText("我的证照").tap();
    await phones.tap("生成纸质码");
    await page().locator(".paper-qr").waitFor();
    await see("办事时与身份证一起出示");
    await phones.picture("92-kiosk-code");
    await page().evaluate(() => (globalThis.print = () => (globalThis.printed = true)));
    await phones.tap("打印");
    assert.equal(await page().evaluate(() => globalThis.printed), true);
    await page().emulateMedia({ media: "print" });
    assert.ok(await page().locator(".paper").isVisible());
    assert.equal(await page().locator("button:visible, header:visible").count(), 0);
    await phones.picture("93-kiosk-code-print");
  });

  test("uses and receipts are lists that print", async () => {
    await enter();
    await page().getByText("使用记录").tap();
    await see("材料与证照使用记录");
    await phones.tap("返回");
    await page().getByText("我的办件").tap();
    await phones.tap("收件凭证");
    await see("存证条目");
    assert.match(await page().locator(".paper").innerText(), /收件凭证[^]*编号[^]*陈安澜[^]*食品经营许可新办/);
    await phones.picture("94-kiosk-receipt");
  });

  test("after 40 s without a touch it asks, one touch stays, and after 60 s nothing is left", async () => {
    await page().clock.install();
    const before = await page().evaluate(() => history.length);
    await enter();
    await page().clock.runFor(41_000);
    await see("您还在吗？");
    assert.match(await page().locator(".k-count").innerText(), /^(19|20|18)$/);
    await phones.picture("95-kiosk-countdown");
    await phones.tap("继续使用");
    await page().locator(".k-over").waitFor({ state: "detached" });
    await page().getByText("我的证照").tap();
    await see("居民身份证");
    await page().evaluate(() => (globalThis.isBefore = true));
    await page().clock.runFor(61_000);
    await page().waitForFunction(() => !globalThis.isBefore); // the page was loaded anew
    await see("请将身份证放在读卡区");
    const left = await kept();
    assert.doesNotMatch(left.text.replaceAll(/演示：放上 .* 的身份证/g, ""), new RegExp(`${CHEN}|3101`));
    assert.doesNotMatch(left.storage, new RegExp(`${CHEN}|3101|eyJ`));
    assert.ok(left.length <= before + 1, `${left.length}`);
    await page().goBack();
    assert.equal(page().url(), "about:blank"); // where this browser began: a kiosk's page leaves nothing to go back to
    assert.deepEqual((await phones.context.cookies()).filter(({ name }) => name === "cailian-kiosk"), []);
  });

  test("logged out, and the next one sees only what is theirs", async () => {
    await enter();
    await phones.tap("退出");
    await see("请将身份证放在读卡区");
    await phones.tap(`放上 ${XU} 的身份证`);
    await see(`${XU}，您好`);
    await page().getByText("我的证照").tap();
    await page().locator(".k-lead, .k-row").first().waitFor();
    assert.doesNotMatch(await page().locator("main").innerText(), /3101\*+0018/);
  });

  test("a card that is forgotten on the reader begins nothing again, neither for its holder nor for the next", async () => {
    let lying = null;
    await page().route("**/kiosk/config.json", (route) => route.fulfill({ json: { demo: false, node: BASE, card_reader: { kind: "loopback", url: BASE } } }));
    await page().route(/\/card(\?|$)/, async (route) => {
      if (lying === null) return route.fulfill({ status: 204 });
      const nonce = new URL(route.request().url()).searchParams.get("nonce") ?? "";
      const asked = new URLSearchParams({ card: lying, nonce });
      return route.fulfill({ response: await route.fetch({ url: `${BASE}/demo/card-reader/card?${asked}` }) });
    });
    const ready = page().waitForRequest(/\/card\?nonce=/);
    await open();
    await ready; // nothing lay there before
    lying = "demo-person-chen";
    await see(`${CHEN}，您好`);
    await page().evaluate(() => (globalThis.isBefore = true));
    await phones.tap("退出");
    await page().waitForFunction(() => !globalThis.isBefore);
    await see("请取走身份证");
    await phones.picture("97-kiosk-take-card");
    await page().reload();
    await see("请取走身份证");
    lying = null;
    await see("请将身份证放在读卡区");
    lying = "demo-person-xu";
    await see(`${XU}，您好`);
  });

  test("where the exchange ended it, the page says so and begins anew", async () => {
    await enter();
    await phones.context.clearCookies();
    await page().getByText("我的证照").tap();
    await see("登录已过期");
    phones.forgive(/401/);
  });

  test("a reader that does not answer, a card that does not count: said, and tried again", async () => {
    await page().route("**/demo/card-reader/card?*", (route) => route.abort());
    await open();
    await phones.tap(`放上 ${CHEN} 的身份证`);
    await see("读卡服务没有运行");
    await phones.picture("96-kiosk-no-reader");
    await page().unroute("**/demo/card-reader/card?*");
    await page().route("**/demo/card-reader/card?*", async (route) => {
      const held = await (await route.fetch()).json();
      await route.fulfill({ json: { ...held, evidence: `${held.evidence.slice(0, -4)}AAAA` } });
    });
    await phones.tap(`放上 ${CHEN} 的身份证`);
    await see("身份证未能读取为凭证");
    await page().unroute("**/demo/card-reader/card?*");
    await phones.tap(`放上 ${CHEN} 的身份证`);
    await see(`${CHEN}，您好`);
    phones.forgive(/ERR_FAILED|403/);
  });

  test("English at a touch, and no fault by any of this", async () => {
    await open();
    await phones.tap("English");
    await see("Put your identity card on the reader");
    assert.ok(world.licence_id);
    assert.deepEqual(phones.faults, []);
    assert.deepEqual(phones.elsewhere, []);
  });
});
