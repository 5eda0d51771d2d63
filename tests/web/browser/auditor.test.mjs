/** The auditor's pages in a browser: the log for everybody, records for auditors, the graph by keyboard, what may fail. */

import assert from "node:assert/strict";
import { mkdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { after, afterEach, before, describe, test } from "node:test";

import { hear } from "./answers.mjs";
import { faint } from "./contrast.mjs";
import { launch } from "./launch.mjs";

const BASE = process.env.BASE_URL;
const { caseNo, material, licence, department, trust, receipt, document, saved, others } = JSON.parse(process.env.SUBJECTS);
const PICTURES = join(import.meta.dirname, "../../../build/auditor-pages");
const LIMIT = Number(process.env.LIMIT ?? 120_000);
const SCREEN = { viewport: { width: 1280, height: 860 }, locale: "zh-CN", acceptDownloads: true };

let browser;
let context;
let page;
let faults = [];
let elsewhere = [];

async function fresh(options = {}) {
  await context?.close();
  context = await browser.newContext({ ...SCREEN, ...options });
  page = await context.newPage();
  page.setDefaultTimeout(LIMIT);
  hear(page);
  page.on("pageerror", (error) => faults.push(String(error)));
  page.on("console", (message) => {
    if (["error", "warning"].includes(message.type())) faults.push(`${message.text()} ${message.location().url}`);
  });
  page.on("request", (request) => {
    if (!/^(data:|blob:|file:|http:\/\/(localhost|127\.0\.0\.1):)/.test(request.url())) elsewhere.push(request.url());
  });
}
const forgive = (pattern) => (faults = faults.filter((fault) => !pattern.test(fault)));
const go = (path) => page.goto(`${BASE}/auditor/#${path}`);
const see = (words) => page.getByText(words).filter({ visible: true }).first().waitFor();
const picture = (name, whole = true) => page.screenshot({ path: join(PICTURES, `${name}.png`), fullPage: whole, animations: "disabled" });
const settle = () => page.waitForFunction(() => document.querySelector("main h1, .fault") && !document.querySelector("main [aria-busy=true]"));

/** What every page is held to: contrast, targets, names, nothing to scroll sideways; light and dark, wide and narrow. */
async function check(what) {
  for (const theme of ["light", "dark"]) {
    await page.evaluate((held) => (document.documentElement.dataset.theme = held), theme);
    assert.deepEqual(await faint(page), [], `${what}: contrast, ${theme}`);
  }
  await page.evaluate(() => (document.documentElement.dataset.theme = "light"));
  const places = await page.$$eval("button, a, input, [role=button]", (all) =>
    all
      .filter((one) => one.getClientRects().length > 0 && !one.closest(".skip"))
      .map((one) => {
        const named = (one.getAttribute("aria-label") ?? one.labels?.[0]?.textContent ?? one.textContent ?? "").trim();
        const { height } = (one.closest("label") ?? one).getBoundingClientRect();
        return { named, html: one.outerHTML.slice(0, 140), height: Math.round(height) };
      }),
  );
  assert.deepEqual(places.filter(({ named }) => !named), [], `${what}: names`);
  assert.deepEqual(places.filter(({ height }) => height < 24), [], `${what}: targets (WCAG 2.2, 2.5.8)`);
  for (const width of [390, 1280]) {
    await page.setViewportSize({ width, height: 860 });
    assert.ok((await page.evaluate(() => document.documentElement.scrollWidth)) <= width, `${what}: wider than ${width}`);
  }
}

/** Through the gate, and the provider's page, as a member of staff. */
async function enter(handle) {
  await page.getByRole("button", { name: "登录", exact: true }).click();
  await page.getByText("以谁的身份登录").waitFor();
  await page.getByText(new RegExp(handle)).click();
  await page.locator(".who", { hasText: handle }).waitFor();
}

async function look(kind, value, cause = "2026 年第四季度调用抽查") {
  await go("/search");
  await settle();
  await page.getByLabel(kind, { exact: true }).first().check();
  await page.locator("#look-value").fill(value);
  await page.locator("#look-cause").fill(cause);
  await page.getByRole("button", { name: /检索并留痕/ }).click();
}

before(async () => {
  mkdirSync(PICTURES, { recursive: true });
  browser = await launch();
  await fresh();
});
after(() => browser?.close());
afterEach(() => {
  assert.deepEqual(faults, []);
  assert.deepEqual(elsewhere, []);
});

describe("everybody", () => {
  test("finds three doors", async () => {
    await go("/");
    await settle();
    assert.equal(await page.locator(".door").count(), 3);
    assert.equal(await page.locator(".paths h3").count(), 4);
    await picture("01-home");
    await check("home");
    await page.setViewportSize({ width: 390, height: 844 });
    await picture("01-home-phone");
    await page.setViewportSize(SCREEN.viewport);
  });

  test("sees the log as it is, checked here, with whose keys", async () => {
    await go("/log");
    await page.locator(".steps .ok").first().waitFor();
    assert.equal(await page.locator(".steps .failed").count(), 0);
    assert.ok((await page.locator(".steps .ok").count()) >= 2);
    await see("签名按节点自己给出的密钥核对");
    await picture("02-log");
    await check("log");
  });

  test("turns pages of entries, which say nothing but their bound of time, except those in clear", async () => {
    await go("/log/entries");
    await page.locator("tbody tr").first().waitFor();
    await see("已封");
    assert.ok((await page.locator("td", { hasText: /^≤/ }).count()) > 0);
    await picture("03-entries");
    await check("entries");
    if (await page.getByRole("button", { name: "较早" }).isEnabled()) {
      const first = await page.locator("tbody th").first().innerText();
      await page.getByRole("button", { name: "较早" }).click();
      await page.waitForFunction((was) => document.querySelector("tbody th")?.innerText !== was, first);
    }
    await see("目录发布");
  });

  test("opens one entry, and the browser proves that it is in the log", async () => {
    await go("/log/entries/1");
    await page.locator("[data-step='1'].ok").waitFor();
    assert.equal(await page.locator(".steps .failed").count(), 0);
    await picture("04-entry");
    await check("entry");
  });

  test("is told of an entry that is not there", async () => {
    await go("/log/entries/999999999");
    await see(/还没有第 999999999 条/);
  });

  test("picks two checkpoints and sees that the log only grew", async () => {
    await go("/log/checkpoints");
    await page.locator("tbody tr").nth(2).waitFor();
    assert.equal(await page.locator(".tag.bad").count(), 0);
    assert.ok((await page.locator("td", { hasText: "0x" }).count()) > 0, "transactions");
    const rows = page.locator("tbody input");
    await rows.nth(0).check();
    await rows.nth(2).check();
    await picture("05-checkpoints");
    await check("checkpoints");
    await page.getByRole("button", { name: "比较" }).click();
    await page.locator(".verdict.good").waitFor();
    assert.equal(await page.locator(".steps .ok").count(), 3);
    await picture("06-compare");
    await check("compare");
  });

  test("sees red where a tile was altered on its way, and that history was rewritten", async () => {
    await fresh();
    await page.route("**/log/tile/0/**", async (route) => {
      const answer = await route.fetch();
      const body = await answer.body();
      body[40] ^= 1;
      await route.fulfill({ response: answer, body });
    });
    await go("/log/checkpoints");
    await page.locator("tbody input").nth(2).waitFor();
    await page.locator("tbody input").nth(0).check();
    await page.locator("tbody input").nth(2).check();
    await page.getByRole("button", { name: "比较" }).click();
    await page.locator(".verdict.bad").waitFor();
    assert.equal(await page.locator("[data-step='3'].failed").count(), 1);
    await picture("07-rewritten");
  });

  test("sees red where a checkpoint was altered on its way", async () => {
    await fresh();
    await page.route("**/v1/log", async (route) => {
      const answer = await route.fetch();
      const held = await answer.json();
      const [origin, size, root, ...rest] = held.checkpoint.split("\n");
      await route.fulfill({ response: answer, json: { ...held, checkpoint: [origin, size, root.replace(/^./, (c) => (c === "A" ? "B" : "A")), ...rest].join("\n") } });
    });
    await go("/log");
    await page.locator("[data-step='1'].failed").waitFor();
    await picture("08-forged");
  });

  test("is told while it waits, when the node is down, and goes on afterwards", async () => {
    await fresh();
    let let_go;
    const held = new Promise((resolve) => (let_go = resolve));
    await page.route("**/v1/log", async (route) => {
      await held;
      await route.abort();
    });
    await go("/log");
    await page.locator(".skeleton").waitFor();
    let_go();
    await page.locator(".fault", { hasText: "无法连接节点" }).waitFor();
    await picture("09-down");
    await page.unroute("**/v1/log");
    await page.getByRole("button", { name: "重试" }).click();
    await page.locator(".steps .ok").first().waitFor();
    await context.setOffline(true);
    await see("网络已断开");
    await context.setOffline(false);
    forgive(/ERR_FAILED|ERR_INTERNET_DISCONNECTED/);
  });
});

describe("an auditor", () => {
  test("comes in through the gate, and is told what is seen and what is not", async () => {
    await fresh();
    await go("/search");
    await see("审计人员登录");
    await picture("10-gate");
    await check("gate");
    await enter("op-900");
    await page.locator("#look-value").waitFor();
    await picture("11-search");
    await check("search");
  });

  test("must say what and why, and names nobody", async () => {
    await page.getByRole("button", { name: /检索并留痕/ }).click();
    await see("请填写检索对象和事由");
    await look("办件", caseNo, "查 310199199001010018");
    await page.locator(".fault").waitFor();
    forgive(/422/);
  });

  test("is told when there is no such thing", async () => {
    await look("办件", "31011820260101999999");
    await page.locator(".fault").waitFor();
    await picture("12-none");
    forgive(/404/);
  });

  test("sees a material's life as a graph in time, and as a list", async () => {
    await look("材料", material);
    await page.locator(".life svg g[role=button]").first().waitFor();
    const marks = await page.locator(".life svg g[role=button]").count();
    assert.equal(marks, await page.locator(".lines tbody tr").count());
    for (const shape of ["deposit", "reuse", "refused", "version", "dispute"]) {
      assert.ok((await page.locator(`.mark-of.${shape}[role=button]`).count()) > 0, shape);
    }
    assert.ok((await page.locator(".arc.version").count()) > 0);
    for (const name of ["陈安澜", "宝山青禾", "310199199001010018", "lease.pdf"]) {
      assert.ok(!(await page.locator("main").innerText()).includes(name), name);
    }
    await picture("13-material");
    await check("material");
    await page.setViewportSize({ width: 390, height: 844 });
    await picture("14-material-phone");
    await page.setViewportSize(SCREEN.viewport);
    await page.evaluate(() => (document.documentElement.dataset.theme = "dark"));
    await picture("14a-material-dark");
    await page.evaluate(() => (document.documentElement.dataset.theme = "light"));
  });

  test("walks the graph by keyboard, hears each mark, and finds it in the list", async () => {
    await page.locator(".life svg g[tabindex='0']").focus();
    const said = () => page.evaluate(() => document.activeElement?.getAttribute("aria-label"));
    const first = await said();
    assert.match(first, /^存入，.*宝山区行政服务中心/);
    await page.keyboard.press("ArrowRight");
    const second = await said();
    assert.notEqual(second, first);
    assert.match(second, /日志第 \d+ 条/);
    await page.keyboard.press("End");
    await page.keyboard.press("ArrowUp");
    await page.keyboard.press("Enter");
    assert.equal(await page.evaluate(() => document.activeElement?.closest(".lines tr.on") !== null), true);
    await picture("15-keyboard", false);
  });

  test("goes from a record to its entry, whose kind is open to the auditor and checked here", async () => {
    const link = page.locator(".lines .entry").first();
    const [, index] = /第 (\d+) 条/.exec(await link.innerText());
    await link.click();
    await page.locator("[data-step='1'].ok").waitFor();
    await go(`/log/entries?to=${Number(index) + 1}`);
    await page.locator("tbody tr", { hasText: "材料已存入" }).first().waitFor();
    assert.equal(await page.locator(".tag.bad").count(), 0);
    await picture("16-entries-opened");
  });

  test("checks each line against the log, and opens it", async () => {
    await look("材料", material);
    await page.getByRole("button", { name: "在本机逐条核对" }).click();
    await page.locator(".steps li").nth(1).waitFor();
    assert.equal(await page.locator(".steps .failed").count(), 0, await page.locator(".steps").innerText());
    await see("并能打开：类型与这里所说一致");
    assert.ok((await page.locator(".lines .tag.good", { hasText: "已核对" }).count()) >= 6);
    assert.equal(await page.locator(".lines .tag.bad", { hasText: "对不上" }).count(), 0);
    await picture("16a-checked");
    await check("checked");
  });

  test("sees red where the exchange tells what the log does not hold", async () => {
    await page.route("**/v1/audit/entries?**", async (route) => {
      const answer = await route.fetch();
      const held = await answer.json();
      for (const { opening } of held.entries) if (opening.fact.content.type === "use.intended") opening.fact.content.type = "use.refused";
      await route.fulfill({ response: answer, json: held });
    });
    await page.getByRole("button", { name: "再核对一次" }).click();
    await page.locator("[data-step='2'].failed").waitFor();
    assert.ok((await page.locator(".lines .tag.bad", { hasText: "对不上" }).count()) > 0);
    await picture("16b-contradicted");
    await page.unroute("**/v1/audit/entries?**");
  });

  test("takes the evidence of a version away, which verifies with the document", async () => {
    const bundle = join(PICTURES, "taken.cailian.json");
    const [download] = await Promise.all([page.waitForEvent("download"), page.getByRole("button", { name: "下载证据包" }).first().click()]);
    await download.saveAs(bundle);
    await see("已下载");
    const other = await context.newPage();
    await other.goto(`${BASE}/verify`);
    await other.setInputFiles("#file-trust", trust);
    await other.setInputFiles("#file-document", document);
    await other.setInputFiles("#file-bundle", bundle);
    await other.locator(".verdict-card.good").waitFor();
    await other.close();
  });

  test("takes the proof of a refusal away, which verifies", async () => {
    const bundle = join(PICTURES, "refused.cailian.json");
    const row = page.locator(".lines tbody tr", { hasText: "被拒" }).first();
    const [download] = await Promise.all([page.waitForEvent("download"), row.getByRole("button", { name: "下载被拒证明" }).click()]);
    await download.saveAs(bundle);
    assert.equal(JSON.parse(readFileSync(bundle, "utf8")).sections["refused-use"].why.content.reason, "grant-required");
    await row.screenshot({ path: join(PICTURES, "16c-refused.png") });
    const other = await context.newPage();
    await other.goto(`${BASE}/verify`);
    await other.setInputFiles("#file-trust", trust);
    await other.setInputFiles("#file-bundle", bundle);
    await other.locator(".verdict-card.good").waitFor();
    await other.close();
  });

  test("looks by case, by licence and by department", async () => {
    await look("办件", caseNo);
    await page.locator(".lines tbody tr", { hasText: "开件" }).waitFor();
    await picture("17-case");
    await look("证照", licence);
    await page.locator(".lines tbody tr", { hasText: "签发" }).waitFor();
    assert.ok(!(await page.locator("main").innerText()).includes("310199000000001"));
    await page.locator(".mark-of.shown[role=button]").waitFor();
    const shown = await page.locator(".lines tbody tr", { hasText: "亮证" }).innerText();
    for (const words of ["青浦区市场监督管理局", "凭动态码", "场景 SCN-310118-001", "所见字段：", "日志第"]) assert.ok(shown.includes(words), `${words}: ${shown}`);
    await picture("18-licence");
    await look("部门", department);
    await page.locator(".lines tbody tr", { hasText: "复用" }).first().waitFor();
    assert.equal(await page.locator(".life").count(), 0);
    await picture("19-department");
    await check("department");
  });

  test("sees a department's parts, chooses one, goes on to a document from there, and takes all away as a table", async () => {
    const sum = (name) => page.locator(".sum", { hasText: name });
    const told = async () => Number((await sum("使用").locator("strong").innerText()).replaceAll(",", ""));
    const uses = await told();
    assert.ok(uses >= 3);
    const choose = async (name) => {
      await sum(name).click();
      await page.waitForFunction((words) => [...document.querySelectorAll(".sum[aria-pressed=true]:enabled")].some((one) => one.textContent.includes(words)), name);
    };
    await choose("扫码核验");
    await page.locator(".lines tbody tr", { hasText: "亮证" }).first().waitFor();
    assert.equal(await page.locator(".lines tbody tr", { hasText: "复用" }).count(), 0);
    await choose("使用");
    await page.locator(".lines tbody tr", { hasText: "复用" }).first().waitFor();
    assert.equal(await page.locator(".lines tbody tr").count(), uses);
    await picture("19a-department-part");
    const [download] = await Promise.all([page.waitForEvent("download"), page.getByRole("button", { name: /导出表格/ }).click()]);
    const file = join(PICTURES, download.suggestedFilename());
    await download.saveAs(file);
    const rows = readFileSync(file, "utf8").trim().split("\r\n");
    assert.equal(rows.length, uses + 1);
    assert.ok(rows[1].includes(caseNo));
    await page.setViewportSize({ width: 390, height: 844 });
    await picture("19b-department-phone");
    await page.setViewportSize(SCREEN.viewport);
    await page.getByRole("link", { name: /看它的来历/ }).first().click();
    await page.waitForFunction(() => document.activeElement?.id === "look-cause");
    assert.match(await page.inputValue("#look-value"), /^[0-9a-f-]{36}$/);
  });

  test("names a department instead of its code, and is told what to do where a time is empty", async () => {
    await go("/search?kind=department");
    await settle();
    await page.waitForFunction((code) => [...document.querySelectorAll("#look-parties option")].some((one) => one.value === code), department);
    await page.locator("#look-value").fill(department);
    await see("青浦区市场监督管理局");
    await page.getByRole("button", { name: "上月" }).click();
    assert.match(await page.locator("input[type=date]").first().inputValue(), /-01$/);
    await page.locator("#look-cause").fill("上月抽查");
    await picture("19c-search-department");
    await page.getByRole("button", { name: /检索并留痕/ }).click();
    await see("这段时间没有记录");
    await page.getByRole("link", { name: "换一段时间" }).waitFor();
    await picture("19d-empty");
    await check("empty");
  });

  test("finds every look recorded, its own too", async () => {
    await go("/looks");
    await page.locator("tbody tr").nth(3).waitFor();
    await see("2026 年第四季度调用抽查");
    await picture("20-looks");
    await check("looks");
  });

  test("reads English where it is chosen", async () => {
    await page.getByRole("button", { name: "English" }).click();
    await go("/search");
    await see("Records and provenance");
    await picture("22-search-english");
    await go("/");
    await see("What do you want to find out?");
    await picture("23-home-english");
    assert.equal(await page.getAttribute("html", "lang"), "en");
    await page.getByRole("button", { name: "中文" }).click();
  });

  test("is asked to log in again when the time is over", async () => {
    await go("/looks");
    await page.locator("tbody tr").first().waitFor();
    await context.clearCookies();
    await go("/search");
    await see("登录已过期");
    forgive(/401/);
  });
});

describe("others", () => {
  test("who handle cases see no records", async () => {
    await fresh();
    await go("/search");
    await enter(others);
    await see("仅限审计人员");
    await picture("21-not-auditor");
    assert.equal(await page.locator("#look-value").count(), 0);
  });

  test("who oversee without auditing see who looked, and look at nothing", async () => {
    await fresh();
    await go("/looks");
    await enter("op-901");
    await page.locator("tbody tr").first().waitFor();
    await go("/search");
    await see("仅限审计人员");
  });
});

describe("the verification page", () => {
  /** Drop files where a hand would. */
  const drop = (paths) =>
    page.evaluate(
      (held) => {
        const data = new DataTransfer();
        for (const { name, content } of held) {
          data.items.add(new File([Uint8Array.from(atob(content), (each) => each.charCodeAt(0))], name));
        }
        document.body.dispatchEvent(new DragEvent("drop", { dataTransfer: data, bubbles: true, cancelable: true }));
      },
      paths.map((path) => ({ name: path.split("/").at(-1), content: readFileSync(path).toString("base64") })),
    );
  const tampered = (edit) => ({ name: "edited.cailian.json", mimeType: "application/json", buffer: Buffer.from(edit(readFileSync(receipt, "utf8"))) });

  test("takes receipt, trust file and document of this exchange, dropped together", async () => {
    await fresh();
    await page.goto(`${BASE}/verify`);
    await drop([receipt, trust, document]);
    await page.locator(".verdict-card.good").waitFor();
    assert.equal(await page.locator(".steps > .failed").count(), 0);
    await picture("30-verified");
  });

  test("says of a document alone what it is and what is missing", async () => {
    await page.reload();
    await drop([document]);
    await see("只有文件，还不能核验");
    assert.match(await page.locator(".facts").innerText(), /[0-9a-f]{64}/);
    await picture("31-document-alone");
  });

  test("says of a wrong file what it looks like, and gives no verdict of it", async () => {
    await page.reload();
    await page.setInputFiles("#file-bundle", trust);
    await see("看起来是信任文件");
    await page.locator(".verdict-card.bad").waitFor();
    await picture("32-wrong-file");
  });

  test("turns red for an edited receipt", async () => {
    await page.setInputFiles("#file-trust", trust);
    await page.setInputFiles("#file-bundle", tampered((text) => text.replace('"mode":"copy"', '"mode":"data"')));
    await see(/第 2 步/);
  });

  test("leads to the log, which then trusts the file that was remembered", async () => {
    await page.getByRole("button", { name: "在这台设备上记住" }).click();
    await page.getByRole("link", { name: "浏览日志" }).click();
    await page.locator(".steps .ok").first().waitFor();
    await see("签名按您在核验页记住的信任文件核对");
    assert.equal(await page.locator(".steps .failed").count(), 0);
  });

  test("kept on the disk works without a network", async () => {
    await page.goto(`${BASE}/verify`);
    const [download] = await Promise.all([page.waitForEvent("download"), page.getByRole("link", { name: "保存离线版" }).click()]);
    const path = join(PICTURES, download.suggestedFilename());
    await download.saveAs(path);
    await fresh({ offline: true });
    const asked = [];
    page.on("request", (request) => asked.push(request.url()));
    await page.goto(`file://${path}`);
    await see("离线版");
    await page.setInputFiles("#file-trust", trust);
    await page.setInputFiles("#file-document", document);
    await page.setInputFiles("#file-bundle", receipt);
    await page.locator(".verdict-card.good").waitFor();
    await page.setInputFiles("#file-bundle", tampered((text) => text.replace('"mode":"copy"', '"mode":"data"')));
    await page.locator(".verdict-card.bad").waitFor();
    assert.deepEqual(asked.filter((url) => !/^(file|blob|data):/.test(url)), []);
    assert.ok(await page.evaluate(async () => fetch("https://example.org/").then(() => false, () => true)));
    forgive(/Content Security Policy|example\.org/);
    await picture("33-offline");
  });

  test("saved by the browser with all its files works as well", async () => {
    await fresh({ offline: true });
    await page.goto(`file://${saved}`);
    await page.setInputFiles("#file-trust", trust);
    await page.setInputFiles("#file-bundle", receipt);
    await page.locator(".verdict-card.good").waitFor();
  });
});
