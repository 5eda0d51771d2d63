/** The verification page in a browser: right verdicts, nothing but the truth, no request (RELIABILITY L4). */

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, beforeEach, describe, test } from "node:test";

import { faint } from "./contrast.mjs";
import { launch } from "./launch.mjs";

const BASE = process.env.BASE_URL;
const FOLDER = join(import.meta.dirname, "../../vectors/bundles");
const PHONE = { width: 390, height: 844 };

let browser;
let context;
let page;
let requests;
const faults = [];

before(async () => {
  browser = await launch();
});
after(() => browser?.close());

/** A new browser profile with the page open. */
async function open() {
  await context?.close();
  context = await browser.newContext({ viewport: PHONE, locale: "zh-CN" });
  page = await context.newPage();
  page.setDefaultTimeout(120_000);
  requests = [];
  context.on("request", (request) => requests.push(request.url()));
  page.on("pageerror", (error) => faults.push(String(error)));
  page.on("console", (message) => {
    if (["error", "warning"].includes(message.type())) faults.push(`${message.text()} ${message.location().url}`);
  });
  await page.goto(`${BASE}/verify`, { waitUntil: "load" });
}

const bundle = (name) => join(FOLDER, `${name}.cailian.json`);
const choose = (slot, path) => page.setInputFiles(`#file-${slot}`, path);
const text = (selector) => page.locator(selector).innerText();

/** Choose exactly these files and wait for the report. */
async function verify(name, { trust = "trust.json", document } = {}) {
  for (const slot of ["bundle", "trust", "document"]) {
    if (await page.locator(`[data-row=${slot}] .remove`).count()) await page.click(`[data-row=${slot}] .remove`);
  }
  if (trust) await choose("trust", join(FOLDER, trust));
  if (document) await choose("document", join(FOLDER, document));
  await choose("bundle", bundle(name));
  await page.waitForSelector(".report");
}

/** The status of each step by its number, as its class says. */
const steps = () =>
  page.$$eval(".report .steps > li", (rows) => Object.fromEntries(rows.map((row, i) => [i + 1, row.className])));

describe("the network", () => {
  beforeEach(open);

  test("gives three files of this host and is never asked again, also with no network at all", async () => {
    const files = ["/verify", "/verify/verify.css", "/verify/verify.js"];
    assert.deepEqual(requests.filter((url) => !/^(data|blob):/.test(url)).sort(), files.map((path) => BASE + path));
    const count = requests.length;
    await context.setOffline(true);
    await verify("good-qbft-three-of-four", { trust: "trust-qbft.json", document: "documents/lease.txt" });
    assert.equal(await text(".verdict"), "已证明");
    await page.click("#en");
    await verify("inclusion-hash-flipped");
    assert.equal(await text(".verdict"), "Do not rely on it");
    assert.equal(requests.length, count);
  });

  test("is closed to the page and to its worker by policy", async () => {
    const attempts = await page.evaluate(async () => {
      const failed = async (act) => {
        try {
          await act();
          return false;
        } catch {
          return true;
        }
      };
      return [
        await failed(() => fetch("/livez")),
        await failed(() => (document.body.innerHTML = "<b>markup</b>")),
        await failed(() => new Worker("/verify/verify.js")),
        await failed(() => (document.createElement("script").text = "markup")),
      ];
    });
    assert.deepEqual(attempts, [true, true, true, true]);
    assert.ok(faults.splice(0).every((fault) => /Content Security Policy|TrustedScript|requires 'Trusted/.test(fault)));
  });
});

describe("a whole bundle", () => {
  before(open);

  test("is green with the document, the use, who asked and when it was anchored", async () => {
    await verify("good-use-with-deposit-and-grant", { document: "documents/lease.txt" });
    assert.equal(await text(".verdict"), "已证明");
    const sentence = await text(".sentence");
    assert.match(sentence, /材料调用.*2026-11-21 12:00:00（北京时间）锚定到链上，所给文件与记录一致/);
    assert.match(sentence, /区块终局性未证明（开发链）/);
    const facts = await text(".facts");
    for (const value of ["11310199XX00000C1X", "C-2026-1", "0192aaaa-0000-7000-8000-000000000001", "取件"]) {
      assert.ok(facts.includes(value), value);
    }
    assert.ok(facts.includes("72ce751bb4c039fac3504d7040d3adbe08430472c156c2058a3623d3e0736d37"));
    const passed = await steps();
    for (const number of [1, 2, 3, 4, 5, 6, 8, 10]) assert.equal(passed[number], "ok");
    assert.equal(passed[11], "unproven");
    assert.match(await text(".limits"), /区块终局性未证明/);
  });

  test("with seals has nothing open but the truth of the document", async () => {
    await verify("good-qbft-three-of-four", { trust: "trust-qbft.json", document: "documents/lease.txt" });
    assert.doesNotMatch(await text(".sentence"), /未证明/);
    assert.equal((await steps())[11], "ok");
    assert.equal(await page.locator(".limits li").count(), 1);
  });

  test("of a district shows the logs above", async () => {
    await verify("good-district-city-delta-chain");
    assert.match(await text(".facts"), /log\.example\/310000 → log\.example\/delta/);
  });
});

describe("less than a proof", () => {
  before(open);
  const cases = {
    "no trust file": ["good-deposit", { trust: null }, "自洽，来源未知", /没有信任文件/],
    "only promised": ["good-deposit-promised", {}, "仅有承诺", /承诺不是证明/],
    "record erased": ["good-deposit-erased", {}, "内容已删除", /只能证明日志里有过一个条目/, true],
    "not anchored": ["good-deposit-not-anchored", {}, "在册，未锚定", /没有链上锚定/],
    "no witnesses": ["good-deposit", { trust: "trust-no-witnesses.json" }, "已证明", /信任文件不要求见证者/, true],
    "chain unknown": ["good-deposit", { trust: "trust-no-chain.json" }, "在册，未锚定", /信任文件没有指定区块链/],
    "parties shut": ["good-deposit-parties-shut", {}, "在册，未锚定", /参与方信息被出具者遮蔽/],
    "unknown section": ["good-unknown-section-ignored", {}, "在册，未锚定", /本程序不认识，未核对/],
  };
  for (const [name, [file, options, verdict, limit, isAnchored = false]] of Object.entries(cases)) {
    test(`${name} is said`, async () => {
      await verify(file, options);
      assert.equal(await text(".verdict"), verdict);
      assert.match(await text(".limits"), limit);
      if (!isAnchored) assert.doesNotMatch(await text(".report .facts"), /上链锚定时间/);
    });
  }
});

describe("a tampered bundle is red, and the failed step named", () => {
  before(open);
  const cases = {
    form: ["json-duplicate-key-in-a-record", 1, "格式"],
    "record behind its leaf": ["leaf-fact-edited", 2, "叶子承诺"],
    "records of two uses": ["record-completion-of-another-use", 3, "记录内容"],
    tile: ["inclusion-hash-flipped", 5, "日志包含证明"],
    proof: ["inclusion-first-hash-missing", 5, "日志包含证明"],
    checkpoint: ["checkpoint-signature-flipped", 6, "检查点签名"],
    "district's checkpoint": ["superior-leaf-is-a-forged-root", 7, "上级日志"],
    cosignature: ["witness-of-another-checkpoint", 8, "见证签名"],
    promise: ["promise-signature-flipped", 9, "入链承诺"],
    anchor: ["storage-leaf-flipped", 10, "链上锚定"],
    block: ["qbft-two-of-four", 11, "区块终局性", { trust: "trust-qbft.json" }],
  };
  for (const [name, [file, number, step, options]] of Object.entries(cases)) {
    test(name, async () => {
      await verify(file, options);
      assert.equal(await text(".verdict"), "不能采信");
      assert.equal(await text(".sentence"), `第 ${number} 步“${step}”未通过，这份证据不能采信。`);
      const all = await steps();
      assert.equal(all[number], "failed");
      assert.deepEqual(Object.entries(all).filter(([at]) => at > number).map(([, status]) => status), Array(15 - number).fill("unreached"));
      assert.ok((await text(".advice")).includes("该怎么办"));
      const red = await page.locator(".steps > .failed .mark").evaluate((mark) => getComputedStyle(mark).backgroundColor);
      assert.equal(red, "rgb(179, 38, 30)");
      assert.equal(await page.locator(".limits").count(), 0);
      if (number <= 3) assert.equal(await page.locator(".facts").count(), 0);
      else assert.match(await text(".refuted h2"), /未获证明/);
    });
  }

  test("another document", async () => {
    await verify("good-deposit", { document: "documents/lease-flipped.txt" });
    assert.equal(await text(".verdict"), "文件不符");
    assert.equal((await steps())[4], "failed");
  });
});

describe("a licence", () => {
  before(open);

  test("that was fetched is a derived copy, and the page says so", async () => {
    await verify("good-use-of-a-licence", { document: "documents/copy.txt" });
    assert.equal(await text(".verdict"), "已证明");
    assert.match(await text(".sentence"), /所给文件是记录在案的加注件（不是证照原件）/);
    const facts = await text(".facts");
    for (const value of ["加注件（副本）", "证照原件 SHA-256", "加注件有效期止", "BS2026000000001"]) assert.ok(facts.includes(value), value);
    assert.match(await text(".limits"), /请核对日期/);
    assert.match(await text(".steps"), /不是证照原件/);
  });

  test("whose original is given in the copy's place is told apart", async () => {
    await verify("good-use-of-a-licence", { document: "documents/licence.txt" });
    assert.equal(await text(".verdict"), "是原件，不是加注件");
    assert.match(await text(".advice"), /请选收到的加注件/);
    assert.equal((await steps())[4], "failed");
  });

  test("shows its state as recorded, and that it may have changed since", async () => {
    await verify("good-licence-suspended", { document: "documents/licence.txt" });
    assert.match(await text(".sentence"), /签发的证照原件（不是加注件）/);
    assert.match(await text(".facts"), /02 暂扣/);
    assert.match(await text(".limits"), /请查询实时状态/);
  });
});

describe("files", () => {
  beforeEach(open);
  const drop = (names) =>
    page.evaluate((held) => {
      const data = new DataTransfer();
      for (const { name, content } of held) data.items.add(new File([content], name));
      document.body.dispatchEvent(new DragEvent("drop", { dataTransfer: data, bubbles: true, cancelable: true }));
    }, names.map((name) => ({ name: name.split("/").at(-1), content: readFileSync(join(FOLDER, name), "utf8") })));

  test("dropped together find their places", async () => {
    await drop(["documents/lease.txt", "trust.json", "good-deposit.cailian.json"]);
    await page.waitForSelector(".report");
    assert.equal(await text(".verdict"), "已证明");
    assert.equal((await steps())[4], "ok");
  });

  test("chosen one after the other are always verified as they stand now", async () => {
    await choose("trust", join(FOLDER, "trust.json"));
    await Promise.all([choose("bundle", bundle("good-deposit")), choose("bundle", bundle("witness-none"))]);
    await choose("bundle", bundle("storage-leaf-flipped"));
    await page.waitForFunction(() => document.querySelector(".sentence")?.textContent?.includes("第 10 步"));
    await page.click("[data-row=trust] .remove");
    await page.waitForFunction(() => document.querySelector(".verdict")?.textContent?.startsWith("自洽"));
    await page.click("[data-row=bundle] .remove");
    await page.waitForSelector(".preview");
  });

  test("a trust file that is none gives no verdict", async () => {
    await choose("bundle", bundle("good-deposit"));
    await choose("trust", bundle("good-deposit"));
    await page.waitForSelector(".notice");
    assert.match(await text(".notice"), /不是有效的信任文件/);
    assert.equal(await page.locator(".verdict").count(), 0);
  });

  test("a trust file is remembered only when asked, with its fingerprint, and forgotten", async () => {
    await choose("trust", join(FOLDER, "trust.json"));
    await page.reload();
    assert.equal(await page.locator("[data-row=trust].filled").count(), 0);
    await choose("trust", join(FOLDER, "trust.json"));
    const print = await text(".fingerprint code");
    await page.click("[data-row=trust] .quiet");
    await page.reload();
    assert.equal(await text(".fingerprint code"), print);
    await choose("bundle", bundle("good-deposit"));
    await page.waitForSelector(".report");
    assert.equal(await text(".verdict"), "已证明");
    await page.click("[data-row=trust] .quiet");
    await page.reload();
    assert.equal(await page.locator("[data-row=trust].filled").count(), 0);
  });

  test("names and contents are text, whatever they hold", async () => {
    const name = "<img src=x onerror=alert(1)>\u202e.cailian.json";
    await page.setInputFiles("#file-bundle", { name, mimeType: "application/json", buffer: Buffer.from('{"<b>\u202e":1}') });
    await page.waitForSelector(".report");
    assert.equal(await page.locator("img, b").count(), 0);
    assert.ok((await text("[data-row=bundle] .file-name")).startsWith("<img src=x"));
  });
});

describe("for everybody", () => {
  beforeEach(open);

  test("Chinese first, English at a touch, the same report in both", async () => {
    assert.equal(await page.getAttribute("html", "lang"), "zh-CN");
    await verify("good-deposit");
    await page.click("#en");
    assert.equal(await page.getAttribute("html", "lang"), "en");
    assert.equal(await text(".verdict"), "Proven");
    assert.match(await text(".sentence"), /chain finality is not proven/);
    assert.doesNotMatch(await text("main"), /[\u3400-\u9fff]{2}/);
  });

  test("nothing is wider than the screen, from the narrowest phone to a desktop", async () => {
    await verify("good-use-with-deposit-and-grant");
    for (const width of [320, 390, 768, 1280]) {
      await page.setViewportSize({ width, height: 800 });
      assert.ok((await page.evaluate(() => document.documentElement.scrollWidth)) <= width, `at ${width}`);
    }
  });

  test("by keyboard alone, with names for everything and the verdict announced", async () => {
    await verify("good-deposit");
    assert.equal(await page.evaluate(() => document.activeElement?.id), "result");
    assert.equal(await page.getAttribute("#result", "aria-live"), "polite");
    const unnamed = await page.$$eval("button, input", (all) =>
      all.filter((one) => !(one.getAttribute("aria-label") ?? one.labels?.[0]?.textContent ?? one.textContent)?.trim()),
    );
    assert.equal(unnamed.length, 0);
    const small = await page.$$eval("button, label.slot", (all) =>
      all.map((one) => one.getBoundingClientRect()).filter(({ height }) => height < 32),
    );
    assert.equal(small.length, 0);
    await page.focus("#file-document");
    await choose("document", join(FOLDER, "documents/lease.txt"));
    await page.waitForFunction(() => document.querySelectorAll(".report .steps > .ok").length === 8);
  });

  for (const scheme of ["light", "dark"]) {
    test(`text stands out from its ground by 4.5 to 1 (${scheme})`, async () => {
      await page.emulateMedia({ colorScheme: scheme });
      for (const name of ["good-deposit", "inclusion-hash-flipped", "good-deposit-promised"]) {
        await verify(name);
        assert.deepEqual(await faint(page), [], name);
      }
    });
  }

  test("no fault was written to the console by any of this", () => {
    assert.deepEqual(faults, []);
  });
});
