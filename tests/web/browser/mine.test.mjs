/**
 * What a person sees and does at the citizen pages beside answering asks: licences and showing them, materials, every use
 * with its proof, reports and disputes, delegations, the firm one represents, notices; previews before a yes; and what
 * goes wrong. The exchange is real; everybody else is `tests/web/world.py`.
 */

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { after, before, beforeEach, describe, test } from "node:test";

import { BASE, CHEN, HOME, LIN, outside, Phones, XU } from "./phone.mjs";

const FIRM = "宝山青禾餐饮管理有限公司";
const LIN_CODE = "31019919991231002X";
const XU_CODE = "31019919900128027X";

let phones;
const see = (words) => phones.see(words);
const tap = (name) => phones.tap(name);
const picture = (name) => phones.picture(name);
const page = () => phones.page;

let business;
let card;
before(async () => {
  phones = await Phones.open();
  await outside("publish");
  business = await outside("issue", { what: "business" });
  card = await outside("issue", { what: "card" });
  assert.equal(card.http, 200, JSON.stringify(card));
});
after(() => phones?.close());

describe("licences", () => {
  before(() => phones.fresh());

  test("are for who is logged in, and the page says so", async () => {
    await phones.go("/licences");
    await see("请先登录");
    await picture("30-gate");
    await phones.check("gate");
    await phones.enter("/licences");
    await see("居民身份证");
    await see("3101**********0018");
    await picture("31-licences");
    await phones.check("licences");
    const cookies = await phones.context.cookies();
    const [kept] = cookies.filter(({ name }) => name === "cailian");
    assert.deepEqual([kept.httpOnly, kept.sameSite], [true, "Strict"]);
    assert.equal(await page().evaluate(() => document.cookie), "");
    assert.ok(!(await page().evaluate(() => JSON.stringify({ ...sessionStorage, ...localStorage }))).includes("eyJ"));
  });

  test("one is seen whole, with its picture", async () => {
    await page().locator(".licence", { hasText: "居民身份证" }).tap();
    await see("上海市宝山区示例路 1 弄 2 号 303 室");
    await tap("查看证照原样");
    const image = page().locator(".pages img");
    await image.waitFor();
    await page().waitForFunction(() => document.querySelector(".pages img")?.naturalWidth > 500);
    await picture("32-licence");
    await phones.check("licence");
  });

  test("亮证: a code for one counter, scanned once, and the phone says who saw it", async () => {
    await phones.go(`/licences/${card.licence_id}/show`);
    await see("出示给谁");
    await page().fill("#place", "nobody");
    await see("这不是柜台标牌");
    await page().fill("#place", "CLS1:11310118XX00000B0W:3");
    await picture("33-show-to-whom");
    await phones.check("show");
    await tap("签名并亮证");
    await phones.logIn();
    await page().locator(".qr img").waitFor();
    assert.match(await phones.text("[role=timer]"), /\d+ 秒内有效/);
    const text = await decode(); // at once: it lives for a minute
    const seen = await outside("scan", { code: text });
    assert.equal(seen.licence.status, "01");
    await see("青浦区市场监督管理局 已核验");
    await picture("34-live-code-seen");
    assert.equal((await outside("scan", { code: text })).http, 409);
  });

  test("a printed code for a relative is shown once, to be printed", async () => {
    await phones.go(`/licences/${card.licence_id}`);
    await tap("纸质码");
    await tap("签名并生成");
    await phones.logIn();
    await page().locator(".qr img").waitFor();
    await see("请与身份证一起出示");
    await picture("36-printed-code");
    await phones.check("printed code");
    await page().reload();
    await see("码只在生成后显示一次");
  });

  test("a licence is disputed, frozen at once, and the dispute taken back", async () => {
    await phones.go(`/licences/${card.licence_id}`);
    await tap("提出异议");
    await page().getByLabel("说明").fill("住址已变更，应为 303 弄");
    await page().locator(".tick-row", { hasText: "住址" }).tap();
    await picture("37-dispute");
    await tap("签名并提交异议");
    await phones.logIn();
    await see("待答复");
    await picture("38-disputes");
    await phones.check("disputes");
    await phones.go(`/licences/${card.licence_id}`);
    await see("这本证照有异议");
    assert.equal(await phones.button("亮证").count(), 0);
    await phones.go("/disputes");
    await tap("撤回异议");
    await page().locator(".sheet").getByRole("button", { name: "撤回异议" }).tap();
    await phones.logIn();
    await page().locator(".badge", { hasText: "已撤回" }).waitFor();
  });
});

/** What the QR code on the screen says: read as a counter's scanner would, from the picture the exchange made. */
async function decode() {
  return (await outside("read", { png: (await page().locator(".qr img").getAttribute("src")).split(",")[1] })).text;
}

describe("the firm one represents", () => {
  let batch;
  let use;
  before(async () => {
    await phones.fresh();
    batch = await outside("ask_one", { types: ["CL001"] });
    await outside("use_lease");
  });

  test("what it is asked waits at home, wherever it was opened; the preview shows the copy as it will be", async () => {
    await phones.go("/");
    await tap("登录查看我的全部授权");
    await phones.logIn();
    await see("青浦区市场监督管理局");
    await phones.go(`/asks/${batch.batch_id}`);
    await tap("预览将提供的内容");
    await page().waitForFunction(() => document.querySelector(".pages img")?.naturalWidth > 500);
    await see("对方得到带加注水印的副本");
    await picture("40-preview-copy");
    await phones.check("preview");
    await tap("看完了");
    assert.equal((await outside("batch", { batch: batch.batch_id })).state, "pending");
    await tap("同意并签名");
    await phones.logIn();
    await see("已授权");
    use = (await outside("use_licence", { licence: business.licence_id, batch: batch.batch_id })).use_id;
    assert.ok(use);
  });

  test("its ledger shows who used what, also what was refused", async () => {
    await phones.go("/me");
    await see(CHEN);
    await picture("41-me");
    await phones.check("me");
    await phones.link(FIRM);
    await see("您是法定代表人");
    await phones.settle();
    await picture("42-company");
    await phones.check("company");
    await phones.link("使用记录");
    await see("已交付");
    await see("已拒绝");
    await picture("43-uses");
    await phones.check("uses");
  });

  test("one's own ledger is another one", async () => {
    await tap("本人");
    await see("还没有使用记录");
    await picture("44-uses-empty");
    await tap(FIRM);
    await see("已交付");
  });

  test("a use is told whole; its proof is computed on the phone and says what it does not prove", async () => {
    await page().locator(`a[href="#/uses/${use}"]`).tap();
    await see("无条件共享"); // which a business licence is: consent was asked for and not needed
    assert.ok((await outside("integrated", { use })).entries > 0); // until then its proof would be a promise
    await tap("核验这条记录的证据");
    await page().locator(".proof-steps").waitFor();
    await see("自洽，来源未知");
    const steps = await page().locator(".proof-steps > li").evaluateAll((all) => all.map((one) => one.className));
    assert.equal(steps.includes("failed"), false);
    assert.ok(steps.filter((status) => status === "ok").length >= 4, steps.join());
    await picture("45-use-proof");
    await phones.check("use");
  });

  test("with the trust file this device was given it is proven; a bundle that was changed is red", async () => {
    await page().waitForFunction(() => document.querySelector(".file-button input"));
    const { path } = await outside("trust");
    await page().setInputFiles(".file-button input", path);
    await page().locator(".proof h2", { hasText: /已证明|在册/ }).waitFor();
    await picture("46-use-proven");
    await page().route("**/evidence*", async (route) => {
      const held = await (await route.fetch()).text();
      await route.fulfill({ body: held.replaceAll("11310118XX00000B0W", "11310113XX00000A2R"), contentType: "application/json" });
    });
    await page().reload();
    await tap("核验这条记录的证据");
    await see("不能采信");
    await page().unroute("**/evidence*");
  });

  test("a use is reported, and the answer read", async () => {
    await phones.go("/me");
    await phones.link(FIRM);
    await phones.link("使用记录");
    await page().locator(`a[href="#/uses/${use}"]`).tap();
    await tap("举报这次使用");
    await page().getByLabel("哪里不对？").fill("我没有办理这件事");
    await tap("签名并提交");
    await phones.logIn();
    await see("等待答复");
    assert.equal((await outside("answer_reports")).answered, 1);
    await page().reload();
    await see("经核查");
    await picture("47-report-answered");
  });

  test("the ledger is exported", async () => {
    await phones.go("/uses");
    await see("已交付");
    const [download] = await Promise.all([page().waitForEvent("download"), tap("导出（CSV）")]);
    const text = readFileSync(await download.path(), "utf8");
    assert.ok(text.startsWith("\ufeff时间,用证单位"));
    assert.ok(text.includes("青浦区市场监督管理局"));
  });

  test("its consents are listed, and withdrawn in two taps from the list", async () => {
    await phones.turn("/grants");
    await phones.settle();
    await see("营业执照");
    await picture("48-grants");
    await phones.check("grants");
    const waits = await outside("ask_one");
    await phones.go(`/asks/${waits.batch_id}`);
    await tap("同意并签名");
    await phones.logIn();
    await see("已授权");
    await phones.go("/grants");
    await tap(FIRM);
    await page().locator(".part", { hasText: "房屋租赁合同" }).getByRole("button", { name: "撤回授权" }).first().tap();
    await tap("确认撤回");
    await phones.logIn();
    await phones.settle();
    await page().locator(".choice button", { hasText: "已结束" }).tap();
    await see("已撤回");
    assert.equal((await outside("batch", { batch: waits.batch_id })).grants[0].state, "withdrawn");
  });

  test("its materials are seen page by page, and its code is made for the wall", async () => {
    await phones.go("/materials");
    await tap(FIRM);
    await page().locator(".line").first().waitFor();
    await picture("49-materials");
    await phones.check("materials");
    await page().locator(".line").first().tap();
    await tap("查看页面");
    await page().waitForFunction(() => document.querySelector(".pages img")?.naturalWidth > 500);
    await picture("50-material");
    await phones.go("/me");
    await phones.link(FIRM);
    await tap("签名并生成");
    await page().locator(".sheet").getByRole("button", { name: "签名并生成" }).tap();
    await phones.logIn();
    await page().locator(".qr img").waitFor();
    await picture("51-company-code");
  });

  test("notices lead to what they tell of", async () => {
    await phones.go("/notices");
    await tap(FIRM);
    await see("以您的名义开立了办件");
    await picture("52-notices");
    await phones.check("notices");
  });
});

describe("a preview of fields", () => {
  before(() => phones.fresh());

  test("shows the very values, masked as they will be, only after a login, and is no use", async () => {
    const batch = await outside("ask_person", {
      wanted: [{ type_codes: ["CL006"], mode: "data", fields: ["address:clear", "born_on", "name"], max_uses: 1 }],
    });
    await phones.go(`/asks/${batch.batch_id}`);
    await tap("预览将提供的内容");
    await see("登录后可看到同意后对方将得到的内容");
    await page().locator(".gate .van-button--primary").tap();
    await phones.logIn();
    await tap("预览将提供的内容");
    await see("陈**");
    const shown = await page().locator(".preview").innerText();
    assert.match(shown, /1990-\*\*-\*\*/);
    assert.match(shown, /上海市宝山区示例路 1 弄 2 号 303 室[^]*不脱敏/);
    await picture("53-preview-fields");
    await phones.check("preview of fields");
    assert.equal((await outside("batch", { batch: batch.batch_id })).state, "pending");
  });
});

describe("delegation", () => {
  const delegate = async ({ name, code, days = "30", levels = "0", mode }) => {
    await page().getByLabel("姓名").fill(name);
    await page().locator("#code").fill(code);
    await page().selectOption("#days", days);
    await page().selectOption("#levels", levels);
    if (mode) await page().selectOption("#mode", mode);
  };

  test("legal representative to manager: who, how far, until when; signed, and there it stands", async () => {
    await phones.fresh();
    await phones.enter("/delegations");
    await see("没有委托");
    await picture("60-delegations-empty");
    await tap("办理委托");
    await see("替谁办理");
    await page().locator("#code").fill("310199199912310021");
    await see("身份证号不正确");
    await delegate({ name: LIN, code: LIN_CODE, levels: "1" });
    await see(`${LIN}可代${FIRM}办理`);
    await picture("61-delegate");
    await phones.check("delegate");
    await tap("签名并委托");
    await phones.logIn();
    await see(`代${FIRM}办理`);
    await page().locator(".chain").waitFor();
    await picture("62-delegation");
    await phones.check("delegation");
  });

  test("manager to agent: a part of what was given, never more; the chain shows all three", async () => {
    await phones.fresh();
    await phones.enter("/delegations", LIN);
    await page().locator(".line", { hasText: LIN }).tap();
    await tap("转委托");
    await see("委托给谁");
    assert.deepEqual(await page().locator("#levels option").allInnerTexts(), ["不得转委托"]);
    await delegate({ name: XU, code: XU_CODE, days: "365", mode: "verify" });
    await tap("签名并委托");
    await phones.logIn(LIN);
    await page().locator(".chain li").nth(2).waitFor();
    assert.deepEqual(await page().locator(".chain .row-title").allInnerTexts(), [CHEN, LIN, XU]);
    await see("只限核验");
    await picture("63-delegation-chain");
    await phones.check("chain");
    await tap("核验这条记录的证据");
    const proof = page().locator(".proof-steps > li");
    await proof.first().waitFor();
    const steps = await proof.evaluateAll((all) => all.map((one) => [one.innerText.replaceAll(/\s+/g, " "), one.className]));
    assert.ok(steps.some(([said, status]) => said.startsWith("委托链") && status === "unproven"), steps.join()); // for want of a trust file
    assert.deepEqual(steps.filter(([, status]) => status === "failed"), []);
    await picture("63-delegation-proof");
    await phones.check("proof of a delegation");
  });

  test("the delegate signs for the firm, sees the preview, and may not once the first one ended it", async () => {
    await phones.fresh();
    const waits = await outside("ask_one", { types: ["CL001"] });
    await phones.go(`/asks/${waits.batch_id}`);
    await tap("预览将提供的内容");
    await page().locator(".gate .van-button--primary").tap();
    await phones.logIn(LIN);
    await tap("预览将提供的内容");
    await see("对方得到带加注水印的副本");
    await page().keyboard.press("Escape");
    await page().locator(".sheet").waitFor({ state: "hidden" });
    await tap("同意并签名");
    await phones.logIn(LIN);
    await see("已授权");
    await phones.fresh();
    await phones.enter("/delegations");
    await page().locator(".line", { hasText: LIN }).tap();
    await tap("终止委托");
    await see("终止这项委托？");
    await picture("64-delegation-end");
    await page().locator(".sheet .van-button--danger").tap();
    await phones.logIn();
    await page().locator(".badge", { hasText: "已终止" }).waitFor();
    await phones.fresh();
    await phones.enter("/delegations", XU);
    await page().locator(".line", { hasText: XU }).tap();
    await page().locator(".chain li.ended").waitFor();
    await picture("65-chain-ended");
    const more = await outside("ask_one", { types: ["CL001"] });
    await phones.go(`/asks/${more.batch_id}`);
    await tap("同意并签名");
    await phones.logIn(LIN);
    await see("登录的人不是材料持有人或其代表");
    phones.forgive(/403/);
  });
});

describe("what goes wrong", () => {
  beforeEach(() => phones.fresh());

  test("the session runs out: what was shown is gone, the page says why, and one login brings it back", async () => {
    await phones.enter("/licences");
    await see("居民身份证");
    await phones.context.clearCookies();
    await page().locator(".licence").first().tap();
    await see("登录已过期");
    phones.forgive(/401/);
    assert.equal(await page().getByText("310199199001010018").count(), 0);
    await picture("70-session-over");
    await page().locator(".gate .van-button--primary").tap();
    await phones.logIn();
    await see("有效期");
  });

  test("by its clock: after fifteen minutes nothing personal is on the screen", async () => {
    await phones.enter("/licences");
    await see("居民身份证");
    await page().clock.install();
    await page().reload();
    await see("居民身份证");
    await page().clock.runFor(16 * 60_000);
    await see("登录已过期");
    assert.equal(await page().locator(".licence").count(), 0);
  });

  test("logged out in another tab: this one shows nothing more", async () => {
    await phones.enter("/licences");
    await see("居民身份证");
    const other = await phones.context.newPage();
    phones.watch(other);
    await other.goto(`${HOME}#/me`);
    await other.getByText(CHEN).waitFor();
    await other.getByRole("button", { name: "退出登录" }).tap();
    await other.getByText("请先登录").waitFor();
    await page().locator(".licence").first().tap();
    await see("登录已过期");
    phones.forgive(/401/);
  });

  test("no network: said in a bar and in the page, and all is well when it is back", async () => {
    await phones.enter("/licences");
    await see("居民身份证");
    await phones.context.setOffline(true);
    await see("网络已断开");
    await phones.link("记录").catch(() => undefined);
    await see("连接不上");
    await picture("71-offline");
    phones.forgive(/ERR_INTERNET_DISCONNECTED|Failed to fetch dynamically/);
    await phones.context.setOffline(false);
    await see("还没有使用记录");
  });

  test("code of a page that did not come: said, nothing is lost by trying too early, and it comes when it can", async () => {
    await phones.enter("/licences");
    await see("居民身份证");
    await page().route(/assets\/UsesPage-/, (route) => route.abort());
    await page().route("**/m/config.json", (route) => route.abort());
    await phones.link("记录");
    await see("连接不上");
    const asked = page().waitForEvent("requestfailed", (request) => request.url().endsWith("/m/config.json"));
    await tap("重试");
    await asked;
    await see("连接不上");
    await page().unrouteAll();
    await tap("重试");
    await see("还没有使用记录");
    phones.forgive(/ERR_FAILED|Failed to fetch dynamically/);
  });

  test("a server that fails: said, and tried again by a tap", async () => {
    await phones.enter("/me");
    await page().route("**/v1/my/materials*", (route) => route.fulfill({ status: 503, json: { code: "unavailable" } }));
    await phones.link("我的材料");
    await see("连接不上");
    await picture("72-server-down");
    phones.forgive(/503/);
    await page().unroute("**/v1/my/materials*");
    await tap("重试");
    await see("没有材料");
  });

  test("slow: its place is kept, and two quick taps on a signature are one", async () => {
    await phones.enter("/licences");
    let go;
    const held = new Promise((resolve) => (go = resolve));
    await page().route("**/v1/my/materials*", async (route) => {
      await held;
      await route.continue();
    });
    await phones.link("我的材料");
    await page().locator("[aria-busy=true]").waitFor();
    await picture("73-loading");
    go();
    await see("没有材料");
    await phones.go(`/licences/${card.licence_id}`);
    await tap("纸质码");
    assert.equal(await phones.tapTwice(page().locator(".sheet .van-button--primary")), 1);
  });

  test("the answer to a signed request is lost: sent again it counts once, and nothing is signed anew", async () => {
    await phones.enter(`/licences/${card.licence_id}`);
    await tap("提出异议");
    await page().getByLabel("说明").fill("姓名有误");
    let sent = 0;
    await page().route("**/v1/disputes", async (route) => {
      sent += 1;
      if (sent > 1) return route.continue();
      await route.fetch();
      return route.abort();
    });
    await tap("签名并提交异议");
    await phones.logIn();
    await see("您的签名还在，没有丢失");
    await picture("74-answer-lost");
    phones.forgive(/Failed to load resource|ERR_FAILED/);
    await tap("再试一次");
    await see("待答复");
    assert.equal(await page().locator(".badge", { hasText: "待答复" }).count(), 1);
    await tap("撤回异议");
    await page().locator(".sheet").getByRole("button", { name: "撤回异议" }).tap();
    await phones.logIn();
    await page().locator(".badge", { hasText: "已撤回" }).first().waitFor();
  });

  test("a thing that is not one's own, or is not at all, looks the same", async () => {
    await phones.enter("/me");
    for (const [kind, words] of Object.entries({ materials: "没有找到这份材料", uses: "没有找到这条记录", delegations: "没有找到这项委托" })) {
      await phones.turn(`/${kind}/019a0000-0000-7000-8000-000000000000`);
      await see(words);
    }
    await phones.turn("/licences/019a0000-0000-7000-8000-000000000000");
    await page().locator(".hero-mark").waitFor();
    phones.forgive(/404/);
    await picture("75-missing");
  });
});

describe("for everybody", () => {
  const settings = (values) => page().addInitScript((held) => localStorage.setItem("cailian.preferences", held), JSON.stringify(values));
  const places = {
    licences: "/licences", licence: () => `/licences/${card.licence_id}`, show: () => `/licences/${card.licence_id}/show`, uses: "/uses",
    me: "/me", delegate: "/delegations/new", notices: "/notices",
  };

  for (const [name, values] of Object.entries({ dark: { theme: "dark" }, "elder mode": { elder: true, theme: "light" }, English: { language: "en" } })) {
    test(`${name}: text stands out, targets are 44 px, nothing is wider than the narrowest phone`, async () => {
      await phones.fresh();
      await settings(values);
      await phones.go("/me");
      await page().locator(".gate .van-button--primary").tap();
      await phones.logIn();
      await page().locator(".whoami").waitFor();
      for (const [at, place] of Object.entries(places)) {
        await phones.turn(typeof place === "string" ? place : place());
        await phones.settle();
        await page().locator(".card, .licence").first().waitFor();
        await phones.check(`${at}, ${name}`);
        await picture(`80-${at}-${name.replaceAll(" ", "-")}`);
        if (name === "English") {
          const own = await page().$$eval("main dt, main h2, main .van-button, main summary, nav", (all) => all.map((one) => one.textContent).join(" "));
          if (at !== "licence") assert.doesNotMatch(own, /[\u3400-\u9fff]/, at);
        }
      }
    });
  }

  test("by keyboard alone, from the tabs to a licence and into its sheet and out of it", async () => {
    await phones.fresh();
    await phones.enter("/me");
    await page().getByRole("link", { name: "证照" }).focus();
    await page().keyboard.press("Enter");
    await page().locator(".licence", { hasText: "居民身份证" }).focus();
    await page().keyboard.press("Enter");
    await phones.button("提出异议").focus();
    await page().keyboard.press("Enter");
    await page().locator(".sheet").waitFor();
    await page().keyboard.press("Escape");
    await page().locator(".sheet").waitFor({ state: "hidden" });
  });

  test("installed, the pages open without a network, and nothing personal was kept", async () => {
    await phones.fresh({ serviceWorkers: "allow" });
    await phones.enter("/licences");
    await see("居民身份证");
    await page().evaluate(() => navigator.serviceWorker.ready);
    await page().reload();
    await see("居民身份证");
    const kept = await page().evaluate(async () => {
      const found = [];
      for (const name of await caches.keys()) {
        const shell = await caches.open(name);
        for (const request of await shell.keys()) found.push([new URL(request.url).pathname, await (await shell.match(request)).text()]);
      }
      return found;
    });
    assert.ok(kept.length > 3);
    assert.deepEqual(kept.filter(([path]) => !/^\/m\/(assets\/[^/]+|icon\.svg|app\.webmanifest)?$/.test(path)), []);
    assert.deepEqual(kept.filter(([, text]) => text.includes("310199199001010018") || text.includes(CHEN)).map(([path]) => path), []);
    await phones.context.setOffline(true);
    await page().reload();
    await see("连接不上");
    await picture("81-offline-start");
    phones.forgive(/ERR_INTERNET_DISCONNECTED|ServiceWorker/);
    const manifest = await (await fetch(`${BASE}/m/app.webmanifest`)).json();
    assert.deepEqual([manifest.display, manifest.scope, manifest.start_url], ["standalone", "/m/", "/m/"]);
  });

  test("no fault was written to the console, and no other host was asked, by any of this", () => {
    phones.forgive(/404.*019a0000-0000-7000-8000-000000000000/); // what was asked for and is not there
    assert.deepEqual(phones.faults, []);
    assert.deepEqual(phones.elsewhere, []);
  });
});
