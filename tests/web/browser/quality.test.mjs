/**
 * Which pages are held to what `held.mjs` holds them to, and what Lighthouse says of those that people see first. The
 * console is looked at as it is on a busy day, not as it is before anything was done.
 */

import assert from "node:assert/strict";
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";

import { still } from "./contrast.mjs";
import { Held } from "./held.mjs";
import { Lit } from "./lighthouse.mjs";
import { outside } from "./phone.mjs";

const BASE = process.env.BASE_URL;
const LEAST = 95;
const PICTURES = join(import.meta.dirname, "../../../build/quality-pages");

let lit;
let on;
let world;
const page = () => lit.page;
const holds = (path, kind) => on.holds(path, kind);
before(async () => {
  mkdirSync(PICTURES, { recursive: true });
  world = await outside("prepare");
  lit = await Lit.open();
  on = new Held(BASE, page());
  await on.watch();
});
after(() => lit?.close());

async function picture(name) {
  for (const colorScheme of ["dark", "light"]) {
    await page().emulateMedia({ colorScheme });
    await still(on.page);
    await page().screenshot({ path: join(PICTURES, `${name}-${colorScheme}.png`), fullPage: true });
  }
}

/** What Lighthouse says, beside it what it found. */
async function scored(path, kind) {
  const { scores, low } = await lit.audit(`${BASE}${path}`, kind, ["accessibility", "best-practices"]);
  console.log(`# ${path}: ${JSON.stringify(scores)}`);
  for (const [name, score] of Object.entries(scores)) assert.ok(score >= LEAST, `${path}: ${name} ${score}, ${JSON.stringify(low)}`);
}

/** At the desk, as who has this handle. */
async function logIn(handle) {
  await lit.context.clearCookies();
  await on.there("/console/", "desk");
  await page().getByRole("button", { name: "登录" }).click();
  await page().getByText(new RegExp(handle)).click();
  await page().locator(".who", { hasText: handle }).waitFor();
}

const asked = () => `/m/#/asks/${world.batch_id}`;
const theCase = (rest = "") => `/console/#/cases/${world.case_no}${rest}`;

describe("before anybody logs in", () => {
  for (const [path, kind] of [["/m/", "phone"], ["/m/#/licences", "phone"], ["/m/#/keys", "phone"], ["/kiosk/", "phone"], ["/console/", "desk"], ["/verify", "desk"], ["/auditor/", "desk"], ["/auditor/#/log", "desk"]]) {
    test(path, () => holds(path, kind));
  }
  test("an ask", () => holds(asked(), "phone"));
  for (const [path, kind] of [["/m/", "phone"], ["/console/", "desk"], ["/verify", "desk"]]) {
    test(`Lighthouse: ${path}`, () => scored(path, kind));
  }
  test("Lighthouse: an ask", () => scored(asked(), "phone"));
});

describe("a citizen", () => {
  before(async () => {
    await on.there("/m/#/licences", "phone");
    await page().locator(".gate .van-button--primary").click();
    await page().getByText("陈安澜").click();
    await page().locator(".licence").first().waitFor();
  });

  for (const path of ["/m/", "/m/#/licences", "/m/#/materials", "/m/#/uses", "/m/#/me", "/m/#/grants", "/m/#/notices", "/m/#/inquiries", "/m/#/disputes", "/m/#/delegations", "/m/#/delegations/new"]) {
    test(path, () => holds(path, "phone"));
  }
  test("a licence", () => holds(`/m/#/licences/${world.licence_id}`, "phone"));
  test("Lighthouse: home", () => scored("/m/", "phone"));
  test("Lighthouse: licences", () => scored("/m/#/licences", "phone"));
});

describe("a member of staff", () => {
  before(() => logIn("qp-103"));

  for (const path of ["/console/#/", "/console/#/new", "/console/#/scan", "/console/#/access", "/console/#/figures", "/console/#/node"]) {
    test(path, () => holds(path, "desk"));
  }
  test("a search with its list open and shut", async () => {
    await on.there("/console/#/new", "desk");
    const field = page().getByRole("combobox", { name: "事项" });
    await field.focus();
    await page().getByRole("option").first().waitFor();
    await still(on.page);
    await field.press("ArrowDown");
    assert.equal(await field.getAttribute("aria-expanded"), "true");
    assert.equal(await page().locator(`[id="${await field.getAttribute("aria-activedescendant")}"]`).getAttribute("aria-selected"), "true");
    await on.shown("a list of items", "desk");
    await field.press("Escape");
    await page().locator("[role=option]:visible").first().waitFor({ state: "detached" });
    assert.deepEqual([await field.getAttribute("aria-expanded"), await field.getAttribute("aria-controls")], ["false", null]);
  });
  test("every shortcut", async () => {
    await on.there("/console/#/new", "desk");
    await page().keyboard.press("Alt+k");
    await page().getByRole("dialog").waitFor();
    await still(on.page);
    await on.shown("shortcuts", "desk");
  });

  test("a case", () => holds(theCase(), "desk"));
  for (const [key, name] of [["2", "documents"], ["3", "form"], ["4", "review"], ["5", "acceptance"]]) {
    test(`a case: ${name}`, async () => {
      await on.there(theCase(), "desk");
      await page().keyboard.press(`Alt+${key}`);
      await on.settled();
      await on.shown(name, "desk");
      await picture(`case-${name}`);
    });
  }
  test("a receipt on paper", () => holds(theCase("/print/receipt"), "desk"));
  test("Lighthouse: a case", () => scored(theCase(), "desk"));
});

describe("figures of many weeks", () => {
  before(() => outside("fill"));

  test("of one department", async () => {
    await holds("/console/#/figures", "desk");
    assert.ok((await page().locator(".tile .bad").count()) > 0);
    const drawn = () => page().$$eval("canvas", (all) => all.map((one) => one.toDataURL()));
    const light = await drawn();
    await page().emulateMedia({ colorScheme: "dark" });
    await still(on.page);
    const dark = await drawn();
    assert.deepEqual([light.length, dark.map((one, n) => one === light[n])], [2, [false, false]], "charts have the page's colours");
    await picture("figures");
  });
  test("of a year, day by day", async () => {
    await on.there("/console/#/figures", "desk");
    await page().getByText("近 365 天").click();
    await on.settled();
    await on.shown("a year", "desk");
  });
  test("and its cases", async () => {
    await on.there("/console/#/", "desk");
    await page().getByText("本部门", { exact: true }).click();
    await on.settled();
    await page().getByRole("button", { name: "更多" }).waitFor();
    await on.shown("cases", "desk");
    await picture("cases");
  });
});

/** A node where everything is wrong that can be, in the shapes of its answers. */
const ILL = {
  "/readyz": (held) => ({
    ...held,
    status: "not ready",
    parts: { database: "ok", log: "frozen", objects: "unavailable" },
    warnings: ["10400 entries pend, of 14000", "quorum lag 11000 s of 14400 s", "canary silent for 912 s", "2 emergencies wait for a review: GET /v1/operations/break-glass", "something nobody knows yet"],
  }),
  "/healthz": (held) => ({
    ...held,
    lag_warning: true,
    figures: { ...held.figures, log_pending: 10400, quorum_lag_seconds: 11000, anchor_lag_seconds: 90000, disputes_overdue: 3, break_glass_unreviewed: 2, duty_samples_waiting: 7 },
    witnesses: [...held.witnesses, { name: "witness.example/silent", size: 0, cosigned_at: null, failure: "witness-unreachable: no answer within 5 s, at the third time" }],
  }),
  "/v1/operations/gaps": (held) => ({ ...held, counts: Object.fromEntries(Object.keys(held.counts).map((name, n) => [name, n + 1])) }),
};

describe("who keeps a node running", () => {
  before(() => logIn("op-902"));

  for (const path of ["/console/#/node", "/console/#/figures", "/console/#/access", "/console/#/parties", "/console/#/parties/join", "/console/#/outbox"]) {
    test(path, () => holds(path, "desk"));
  }
  test("a node that is ill says so", async () => {
    for (const [path, ails] of Object.entries(ILL)) {
      await page().route(`**${path}*`, async (route) => {
        const answer = await route.fetch();
        await route.fulfill({ response: answer, status: path === "/readyz" ? 503 : 200, json: ails(await answer.json()) });
      });
    }
    await holds("/console/#/node", "desk");
    for (const words of ["日志：已冻结", "对象存储：不可用", "见证滞后 11000 秒，上限 14400 秒", "something nobody knows yet", "接近上限", "witness.example/silent"]) {
      await page().getByText(words).first().waitFor();
    }
    assert.equal(await page().locator("dd.bad").count(), 3);
    await picture("node-ill");
    await page().unrouteAll({ behavior: "wait" });
  });
  test("a node that does not answer for itself says what it can", async () => {
    await page().route("**/healthz", (route) => route.abort());
    await holds("/console/#/node", "desk");
    await page().getByText("无法连接节点").waitFor();
    await page().getByText("数据库：正常").waitFor();
    await page().unrouteAll({ behavior: "wait" });
  });
});

describe("a page whose parts come late, or never", () => {
  for (const [path, late] of [["/console/#/figures", /assets\/ChartBox/], ["/console/#/node", /assets\/NodePage|readyz/]]) {
    test(`${path} waits for ${late.source}, and says so`, async () => {
      let go;
      const held = new Promise((resolve) => (go = resolve));
      await page().route(late, (route) => held.then(() => route.continue()));
      await page().goto("about:blank");
      await page().goto(`${BASE}${path}`);
      await page().locator(".who").waitFor();
      await page().locator("main [aria-busy=true]").waitFor();
      go();
      await on.settled();
      await page().locator("main h1").waitFor();
      assert.ok((await page().evaluate(() => globalThis.moved.sum)) < 0.05);
      await page().unrouteAll({ behavior: "wait" });
    });
  }
  test("is missed, told of, and there when it is tried again", async () => {
    await on.there("/console/#/node", "desk");
    await page().route(/assets\/OutboxPage/, (route) => route.abort());
    await page().keyboard.press("Alt+w");
    await page().getByText("无法连接节点").waitFor();
    await page().getByRole("heading", { name: "节点" }).waitFor();
    await on.shown("a page that is missed", "desk");
    await page().unrouteAll({ behavior: "wait" });
    await page().getByRole("button", { name: "重试" }).click();
    await page().getByRole("heading", { name: "投递" }).waitFor();
  });
});

describe("who writes items down", () => {
  before(() => logIn("bs-002"));

  test("/console/#/items", () => holds("/console/#/items", "desk"));
  test("an item", async () => {
    await on.there("/console/#/items", "desk");
    await page().locator('main a[href*="#/items/"]').first().click();
    await page().waitForURL(/#\/items\/.+/);
    await on.settled();
    await on.shown("an item", "desk");
  });
});

describe("an auditor", () => {
  before(() => logIn("op-900"));

  for (const path of ["/auditor/#/search", "/auditor/#/looks", "/auditor/#/log/entries", "/auditor/#/log/checkpoints"]) {
    test(path, () => holds(path, "desk"));
  }
});
