/**
 * The consent dialogue on a phone (RELIABILITY W3): ask, approve a part, fetch, exhaust, withdraw, refuse; by a login and
 * by a passkey; and what goes wrong on the way. The exchange is real, the department's window is `tests/web/department.py`.
 */

import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { mkdirSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, beforeEach, describe, test } from "node:test";
import { gzipSync } from "node:zlib";

import { faint } from "./contrast.mjs";
import { launch } from "./launch.mjs";

const BASE = process.env.BASE_URL;
const HOME = `${BASE}/m/`;
const PICTURES = join(import.meta.dirname, "../../../build/citizen-pages");
const BUILT = join(import.meta.dirname, "../../../web/citizen/dist");
const PHONE = { viewport: { width: 390, height: 844 }, deviceScaleFactor: 2, isMobile: true, hasTouch: true, locale: "zh-CN", serviceWorkers: "block" };
const FIRST_LOAD = 200 * 1024;
const [LEASE, IDENTITY, HEALTH] = ["房屋租赁合同(备案)", "居民身份证", "从业人员健康合格证明"];
const [REPRESENTATIVE, STRANGER] = ["陈安澜", "徐行舟"];

let browser;
let context;
let page;
const faults = [];
const elsewhere = [];

before(async () => {
  mkdirSync(PICTURES, { recursive: true });
  browser = await launch();
});
after(() => browser?.close());

/** A new phone. */
async function phone() {
  await page?.unrouteAll({ behavior: "ignoreErrors" }); // what a test held back must not fail in the next one
  await context?.close();
  context = await browser.newContext(PHONE);
  page = await context.newPage();
  page.setDefaultTimeout(120_000); // longer than the page itself waits for an answer;
  watch(page);
}

function watch(one) {
  one.on("pageerror", (error) => faults.push(String(error)));
  one.on("console", (message) => {
    if (/Service Worker registration blocked/.test(message.text())) return; // by the test itself
    if (["error", "warning"].includes(message.type())) faults.push(`${message.text()} ${message.location().url}`);
  });
  one.on("request", (request) => {
    if (!/^(data:|http:\/\/(localhost|127\.0\.0\.1):)/.test(request.url())) elsewhere.push(request.url());
  });
}

/** What the browser itself says of an answer that was refused or never came; looked at by the test that provokes it. */
const forgiven = (pattern) => {
  for (let at = faults.length - 1; at >= 0; at -= 1) if (pattern.test(faults[at])) faults.splice(at, 1);
};

async function department(act, given = {}) {
  const answer = await fetch(process.env.DEPARTMENT, { method: "POST", body: JSON.stringify({ act, ...given }) });
  return { status: answer.status, ...(await answer.json()) };
}

const picture = (name) => page.screenshot({ path: join(PICTURES, `${name}.png`), animations: "disabled" });
const text = (selector) => page.locator(selector).first().innerText();
const see = (words) => page.getByText(words).first().waitFor();
const button = (name) => page.getByRole("button", { name });
const card = (name) => page.locator(".part", { hasText: name });
const tap = (name) => button(name).first().tap();

async function open(batch) {
  await page.goto(`${HOME}#/asks/${batch.batch_id}`);
  await page.locator(".decide, .hero").first().waitFor();
}

/** At the identity provider: whom the phone belongs to. */
async function logIn(name = REPRESENTATIVE) {
  await see("以谁的身份登录");
  await page.getByText(name).tap();
}

/** A digest made here, by another hand than the page's. */
function digestOf(terms) {
  const sorted = (value) => {
    if (Array.isArray(value) || value === null || typeof value !== "object") return value;
    return Object.fromEntries(Object.keys(value).sort().map((name) => [name, sorted(value[name])]));
  };
  return createHash("sha256").update(JSON.stringify(sorted(terms))).digest("base64url");
}

describe("by a login", () => {
  let batch;
  before(phone);

  test("nothing waits on a new phone, and the page says what to do", async () => {
    await page.goto(HOME);
    await see("没有等您决定的请求");
    await picture("01-home-empty");
    await page.fill("#link", "https://elsewhere.example/");
    await tap("打开");
    await see("这不是授权链接");
  });

  test("a link is opened, and all is there: who, why, what, how, how often, until when, where, rights", async () => {
    batch = await department("ask");
    await page.fill("#link", batch.link);
    await tap("打开");
    await page.locator(".decide").waitFor();
    const all = await text("main");
    for (const words of ["青浦区市场监督管理局", "食品经营许可新办(餐饮)", "食品经营许可新办审查", batch.notice.why.case]) {
      assert.ok(all.includes(words), words);
    }
    assert.match(all, /1[34]:\d\d后失效/); // a quarter of an hour, less what it took to get here
    assert.match(await card(LEASE).innerText(), /取得一份副本[^]*最多 2 次[^]*2026-[^]*上海市青浦区/);
    assert.match(await card(IDENTITY).innerText(), /敏感信息[^]*读取下列字段[^]*住址 · 不脱敏[^]*姓名[^]*最多 1 次/);
    assert.match(await card(HEALTH).innerText(), /只核验真伪[^]*最多 5 次，每天至多 1 次[^]*宝山区、上海市青浦区[^]*365 天内/);
    await picture("02-ask");
    await page.getByText("您的权利").tap();
    for (const right of batch.notice.rights.zh) await see(right);
  });

  test("what is sensitive is never ticked beforehand, and the button says what it does", async () => {
    assert.equal(await card(LEASE).getByRole("checkbox").getAttribute("aria-checked"), "true");
    for (const name of [IDENTITY, HEALTH]) assert.equal(await card(name).getByRole("checkbox").getAttribute("aria-checked"), "false");
    await see("同意 1 项并签名");
    await see("未勾选的 2 项将拒绝");
    await card(HEALTH).getByRole("checkbox").tap();
    await see("同意 2 项并签名");
    await picture("03-ask-ticked");
  });

  test("what is shown is what is signed: the digest made on the phone is the exchange's, and the nonce", async () => {
    await page.getByText("将被签名的原文").tap();
    const digest = await text("[data-digest]");
    const approved = batch.asks.filter(({ terms }) => !terms.types.includes("CL006")).map(({ ask_id: id }) => `approved=${id}`);
    const asked = await fetch(`${BASE}/v1/ask-batches/${batch.batch_id}/answer?${approved.join("&")}`);
    assert.equal(digest, (await asked.json()).digest);
    await tap("同意 2 项并签名");
    await see("以谁的身份登录");
    assert.equal(new URL(page.url()).searchParams.get("nonce"), digest);
    assert.equal(new URL(page.url()).searchParams.get("code_challenge_method"), "S256");
  });

  test("a part is approved and the rest refused by that login", async () => {
    await logIn();
    await see("已部分授权");
    assert.match(await card(IDENTITY).innerText(), /已拒绝/);
    assert.match(await card(HEALTH).innerText(), /使用中/);
    await picture("04-approved-in-part");
    const held = await department("batch", { batch: batch.batch_id });
    const states = Object.fromEntries(held.asks.map(({ terms, state }) => [terms.types[0], state]));
    assert.deepEqual(states, { CL022: "approved", CL006: "refused", CL040: "approved" });
    assert.ok(!page.url().includes("code="));
    assert.equal(await page.evaluate(() => sessionStorage.getItem("cailian.act")), null);
  });

  test("the department fetches until it is used up, and the phone shows it", async () => {
    assert.equal((await department("use", { batch: batch.batch_id })).basis, "grant");
    await page.goto(HOME);
    await see(LEASE);
    await tap("登录查看我的全部授权");
    await logIn();
    await see("还可用 1 次 / 共 2 次");
    await picture("05-home");
    assert.equal((await department("use", { batch: batch.batch_id })).status, 200);
    const refused = await department("use", { batch: batch.batch_id });
    assert.equal(refused.code, "grant-used-up");
    assert.deepEqual(await department("proof", { refusal: refused.fields.refusal_id }), {
      status: 200, kind: "refused-use", said: { signature: "skipped", enrolment: "skipped", delegation: "skipped", enforcement: "skipped" },
    });
    await page.locator(".line", { hasText: LEASE }).filter({ hasText: "共 2 次" }).first().tap();
    await see("2 / 2 次");
    await see("已用完");
    await picture("06-used-up");
  });

  test("a grant is withdrawn in two taps", async () => {
    const waits = await department("ask_one");
    await open(waits);
    await tap("同意并签名");
    await logIn();
    await see("已授权");
    await tap("撤回授权");
    await see("撤回这份授权？");
    await picture("07-withdraw");
    await tap("确认撤回");
    await logIn();
    await see("授权已撤回");
    await picture("08-withdrawn");
    assert.equal((await department("use", { batch: waits.batch_id })).code, "grant-withdrawn");
    assert.equal((await department("batch", { batch: waits.batch_id })).grants[0].state, "withdrawn");
    assert.equal(await button("撤回授权").count(), 0);
  });

  test("all is refused in one tap", async () => {
    const waits = await department("ask");
    await open(waits);
    await tap("全部拒绝");
    await logIn();
    await see("已拒绝");
    await picture("09-refused");
    const held = await department("batch", { batch: waits.batch_id });
    assert.deepEqual(held.asks.map(({ state }) => state), ["refused", "refused", "refused"]);
    assert.equal((await department("use", { batch: waits.batch_id })).code, "grant-required");
    for (const { ask_id: refusal } of held.asks) {
      const { kind, said } = await department("proof", { refusal });
      assert.deepEqual([kind, said.signature, said.enrolment], ["refusal", "ok", "skipped"]);
    }
  });

  test("who refused sees the proof of it, computed on the phone", async () => {
    await page.getByRole("link", { name: "查看拒绝的凭证" }).first().tap();
    await see("没有这项拒绝的凭证"); // the session of before looks for the person, and it is the firm's
    forgiven(/404/);
    await tap("宝山青禾餐饮管理有限公司");
    await see("没有信任文件");
    assert.equal(await page.locator(".proof-steps li.failed").count(), 0);
    await page.locator("input[type=file]").setInputFiles(process.env.TRUST);
    await page.locator(".proof-steps li.ok", { hasText: "持有人签名" }).waitFor();
    await picture("09-refusal-proof");
  });
});

describe("by a passkey", () => {
  let device;
  let authenticator;
  before(async () => {
    await phone();
    device = await context.newCDPSession(page);
    await device.send("WebAuthn.enable");
    const options = { protocol: "ctap2", transport: "internal", hasResidentKey: true, hasUserVerification: true, isUserVerified: true };
    authenticator = await device.send("WebAuthn.addVirtualAuthenticator", { options: { ...options, automaticPresenceSimulation: true } });
  });

  test("a key is made on the phone and tied to its owner by two logins", async () => {
    await page.goto(`${HOME}#/keys`);
    await tap("先登录，确认是您本人");
    await logIn();
    await button("登记一把通行密钥").waitFor();
    await picture("10-keys");
    await tap("登记一把通行密钥");
    await logIn();
    await see("本机通行密钥");
    await picture("11-key-added");
    const { credentials } = await device.send("WebAuthn.getCredentials", authenticator);
    assert.equal(credentials.length, 1);
    assert.equal(credentials[0].rpId, "localhost");
    forgiven(/pubKeyCredParams/); // ES256 alone is meant: every phone has it, and both verifiers read it
  });

  test("one tap agrees, without leaving the page; two withdraw", async () => {
    const waits = await department("ask_one");
    await open(waits);
    await see("签名方式：通行密钥");
    await tap("同意并签名");
    await see("已授权");
    assert.equal((await department("use", { batch: waits.batch_id })).basis, "grant");
    await tap("撤回授权");
    await tap("确认撤回");
    await page.locator(".badge", { hasText: "已撤回" }).waitFor();
    assert.equal((await department("batch", { batch: waits.batch_id })).grants[0].state, "withdrawn");
    assert.ok(page.url().includes("/asks/"));
  });

  test("a new key is not used for what is sensitive", async () => {
    await open(await department("ask_one", { types: ["CL040"] }));
    await see("前不能用于敏感材料");
    await see("签名方式：登录确认");
    await picture("12-key-too-new");
  });

  test("a person who is not verified signs nothing, and is offered the login", async () => {
    const waits = await department("ask_one");
    await open(waits);
    await device.send("WebAuthn.setUserVerified", { ...authenticator, isUserVerified: false });
    await tap("同意并签名");
    await see("通行密钥没有完成签名");
    await picture("13-key-failed");
    assert.equal((await department("batch", { batch: waits.batch_id })).state, "pending");
    await device.send("WebAuthn.setUserVerified", { ...authenticator, isUserVerified: true });
    await tap("更换");
    await tap("同意并签名");
    await logIn();
    await see("已授权");
  });

  test("a key that is revoked signs nothing any more", async () => {
    await page.goto(`${HOME}#/keys`);
    await tap("注销");
    await see("注销这把通行密钥？");
    await page.locator(".sheet .van-button--danger").tap();
    await logIn();
    await see("本机还没有通行密钥");
  });

  test("where passkeys do not belong, the page says where they do", async () => {
    await page.goto(`${HOME.replace("localhost", "127.0.0.1")}#/keys`);
    await see("通行密钥只能在登记的网址使用");
    assert.equal(await page.locator(".notice a").getAttribute("href"), `${HOME}#/keys`);
  });
});

describe("what goes wrong", () => {
  beforeEach(phone);

  test("somebody else logs in: nothing is given, and the right person can", async () => {
    const waits = await department("ask_one");
    await open(waits);
    await tap("同意并签名");
    await logIn(STRANGER);
    await see("登录的人不是材料持有人或其代表");
    forgiven(/403/);
    await picture("14-stranger");
    assert.equal((await department("batch", { batch: waits.batch_id })).state, "pending");
    await tap("重新签名");
    await tap("同意并签名");
    await logIn();
    await see("已授权");
  });

  for (const [what, change] of Object.entries({
    "terms widened": (held) => (held.asks[0].terms.max_uses = 1000),
    "a term that is not shown, with a digest that fits": (held) => {
      held.asks[0].terms.also = "everything";
      held.asks[0].digest = digestOf(held.asks[0].terms);
    },
    "another name in the notice": (held) => (held.notice.asked[0].things[0].name = "公司章程"),
    "another organisation named": (held) => (held.notice.who.name = "某局"),
    "an ask that the notice does not know": (held) => held.asks.push(held.asks[0]),
  })) {
    test(`${what}: the page refuses to have it signed`, async () => {
      const waits = await department("ask_one");
      await page.route("**/v1/ask-batches/*", async (route) => {
        const held = await (await route.fetch()).json();
        change(held);
        await route.fulfill({ json: held });
      });
      await open(waits);
      await see("内容核对不上，请不要签名");
      assert.equal(await page.locator(".decide").count(), 0);
      if (what === "terms widened") await picture("15-mismatch");
    });
  }

  test("the exchange's answer is lost in the middle of an approval: sent again, it counts once", async () => {
    const waits = await department("ask_one");
    await open(waits);
    let lost = 0;
    await page.route("**/answer", async (route) => {
      lost += 1;
      if (lost > 1) return route.continue();
      await route.fetch(); // it arrives, the answer does not
      return route.abort();
    });
    await tap("同意并签名");
    await logIn();
    await see("您的签名还在，没有丢失");
    await picture("16-answer-lost");
    forgiven(/Failed to load resource|ERR_FAILED/);
    await tap("再试一次");
    await see("已授权");
    const held = await department("batch", { batch: waits.batch_id });
    assert.equal(held.grants.length, 1);
    assert.equal(lost, 2);
  });

  test("no network: said in a bar and in place of the page, and all is well when it is back", async () => {
    const waits = await department("ask_one");
    await page.goto(HOME);
    await see("没有等您决定的请求");
    await context.setOffline(true);
    await see("网络已断开");
    await page.fill("#link", waits.link);
    await tap("打开");
    await see("连接不上");
    await picture("17-offline");
    forgiven(/ERR_INTERNET_DISCONNECTED/);
    await context.setOffline(false);
    await page.locator(".decide").waitFor();
    assert.equal(await page.locator(".offline-mark").count(), 0);
  });

  test("while it loads, its place is kept", async () => {
    const waits = await department("ask_one");
    let go;
    const held = new Promise((resolve) => (go = resolve));
    await page.route("**/v1/ask-batches/*", async (route) => {
      await held;
      await route.continue();
    });
    await page.goto(`${HOME}#/asks/${waits.batch_id}`);
    await page.locator("[aria-busy=true]").waitFor();
    await picture("18-loading");
    go();
    await page.locator(".decide").waitFor();
  });

  test("a link to nothing", async () => {
    await page.goto(`${HOME}#/asks/019a0000-0000-7000-8000-000000000000`);
    await see("没有找到这个请求");
    await picture("19-missing");
    forgiven(/404/);
  });

  test("an ask that ran out cannot be answered any more", async () => {
    const waits = await department("ask_one");
    await page.clock.install({ time: new Date(Date.parse(waits.expires_at) - 3000) });
    await open(waits);
    await page.clock.runFor(5000);
    await see("请求已过期");
    await picture("20-expired");
    assert.equal(await page.locator(".decide").count(), 0);
  });

  test("answered in another window: this one says so and shows how it stands", async () => {
    const waits = await department("ask_one");
    await open(waits);
    await tap("同意并签名");
    await see("以谁的身份登录");
    const other = await context.newPage();
    watch(other);
    const first = page;
    page = other;
    await open(waits);
    await tap("拒绝");
    await logIn();
    await see("已拒绝");
    page = first;
    await logIn();
    await see("这个请求已经处理过了");
    forgiven(/409/);
    await tap("重新签名");
    await see("已拒绝");
    assert.equal((await department("batch", { batch: waits.batch_id })).grants.length, 0);
  });

  test("two quick taps are one", async () => {
    const waits = await department("ask_one");
    await open(waits);
    let logins = 0;
    let go;
    const held = new Promise((resolve) => (go = resolve));
    await page.route(/\/authorize\?/, async (route) => {
      logins += 1;
      await held; // so that the second tap meets this page, not the provider's
      await route.continue();
    });
    await button("同意并签名").dblclick();
    go();
    await see("以谁的身份登录");
    assert.equal(logins, 1);
  });

  test("an answer of the provider that nobody asked for does nothing", async () => {
    await page.goto(`${HOME}?code=stolen&state=stolen`);
    await see("登录结果与本次操作对不上");
    assert.ok(!page.url().includes("stolen"));
  });
});

describe("for everybody", () => {
  let batch;
  before(async () => {
    batch = await department("ask");
  });
  beforeEach(phone);

  const settings = (values) => page.addInitScript((held) => localStorage.setItem("cailian.preferences", held), JSON.stringify(values));

  test("English at a touch", async () => {
    await open(batch);
    await tap("显示设置");
    await tap("English");
    await tap("Done");
    await see("Agree to 1 and sign");
    assert.equal(await page.getAttribute("html", "lang"), "en");
    await picture("21-english");
    const own = await page.$$eval("main dt, main .badge, main .van-button, main summary", (all) => all.map((one) => one.textContent).join(" "));
    assert.doesNotMatch(own, /[\u3400-\u9fff]/);
  });

  for (const [name, values] of Object.entries({
    light: { theme: "light" },
    dark: { theme: "dark" },
    "elder mode, dark": { elder: true, theme: "dark" },
  })) {
    test(`${name}: text stands out, targets are 44 px, nothing is wider than the narrowest phone`, async () => {
      await settings(values);
      for (const [at, place] of Object.entries({ home: "", ask: `#/asks/${batch.batch_id}`, keys: "#/keys" })) {
        await page.evaluate(() => {
          for (const one of document.querySelectorAll("main")) one.dataset.before = "";
        });
        await page.goto(`${HOME}${place}`);
        await page.locator("main:not([data-before])").first().waitFor(); // not the page before
        await page.locator(at === "ask" ? ".decide" : ".icon-button").last().waitFor();
        await page.locator("[aria-busy=true]").waitFor({ state: "detached" });
        assert.deepEqual(await faint(page), [], at);
        const small = await page.$$eval("button, a, summary, input, [role=checkbox]", (all) =>
          all
            .filter((one) => one.getClientRects().length > 0 && !one.closest("p"))
            .map((one) => [one.textContent.trim() || one.ariaLabel, one.getBoundingClientRect()])
            .filter(([, { height, width }]) => height < 43.5 || width < 43.5)
            .map(([named, { height, width }]) => `${named}: ${width} x ${height}`),
        );
        assert.deepEqual(small, [], at);
        if (at !== "keys") await picture(`22-${at}-${name.replaceAll(/\W+/g, "-")}`);
        for (const width of [320, 900]) {
          await page.setViewportSize({ width, height: 800 });
          assert.ok((await page.evaluate(() => document.documentElement.scrollWidth)) <= width, `${at} at ${width}`);
        }
        await page.setViewportSize(PHONE.viewport);
      }
    });
  }

  test("by keyboard alone, and everything has a name", async () => {
    await open(batch);
    const unnamed = await page.$$eval("button, a, input, [role=checkbox]", (all) =>
      all.filter((one) => !(one.ariaLabel ?? one.labels?.[0]?.textContent ?? one.textContent)?.trim()).length,
    );
    assert.equal(unnamed, 0);
    const boxes = page.getByRole("checkbox");
    await boxes.nth(1).focus();
    await page.keyboard.press("Space");
    assert.equal(await boxes.nth(1).getAttribute("aria-checked"), "true");
    await button("同意 2 项并签名").focus();
    await page.keyboard.press("Enter");
    await see("以谁的身份登录");
  });

  test("nothing moves once it is there", async () => {
    await page.addInitScript(() => {
      globalThis.moved = 0;
      new PerformanceObserver((list) => {
        for (const entry of list.getEntries()) globalThis.moved += entry.value;
      }).observe({ type: "layout-shift", buffered: true });
    });
    await open(batch);
    assert.ok((await page.evaluate(() => globalThis.moved)) < 0.1);
  });

  test("the policy is held: no inline script, no frame, nothing from elsewhere, and the first load is small", async () => {
    const loaded = new Set();
    page.on("response", (answer) => loaded.add(new URL(answer.url()).pathname));
    const answer = await page.goto(HOME);
    await see("没有等您决定的请求");
    const policy = answer.headers()["content-security-policy"];
    for (const part of ["default-src 'none'", "script-src 'self';", "style-src 'self';", "frame-ancestors 'none'"]) assert.ok(policy.includes(part), part);
    assert.ok(!policy.includes("unsafe"));
    const attempts = await page.evaluate(async () => {
      const failed = async (act) => {
        try {
          await act();
          return false;
        } catch {
          return true;
        }
      };
      return [await failed(() => fetch("https://example.org/")), await failed(() => (document.body.innerHTML = "<b>markup</b>"))];
    });
    assert.deepEqual(attempts, [true, true]);
    forgiven(/Content Security Policy|requires 'Trusted/);
    const files = readdirSync(join(BUILT, "assets")).filter((name) => loaded.has(`/m/assets/${name}`));
    const size = [join(BUILT, "index.html"), ...files.map((name) => join(BUILT, "assets", name))].reduce(
      (sum, path) => sum + gzipSync(readFileSync(path)).length,
      0,
    );
    console.log(`# first load: ${files.length} files, ${size} bytes gzip`);
    assert.ok(files.length > 1 && size < FIRST_LOAD, `${size}`);
  });

  test("no fault was written to the console, and no other host was asked, by any of this", () => {
    assert.deepEqual(faults, []);
    assert.deepEqual(elsewhere.filter((url) => url !== "https://example.org/"), []);
  });
});
