/**
 * The department's console in a real browser: a case from opening to decision by the keyboard alone, then the other
 * pages, and what goes wrong. The exchange is real; the applicant's phone is `tests/pages/test_console.py`.
 */

import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";

import { BASE, Desk, HOME, outside } from "./desk.mjs";

const PREMISES = "上海市宝山区示例路 88 号";
let desk;
let number;
before(async () => {
  await outside("prepare");
  desk = await Desk.open();
});
after(() => desk?.close());

/** A test; where it fails, a picture says what the screen showed. */
function step(name, act) {
  test(name, async () => {
    try {
      await act();
    } catch (error) {
      await desk.picture(`failed-${name.replace(/\W+/g, "-").slice(0, 40)}`);
      throw error;
    }
  });
}

describe("a case from opening to decision, by the keyboard alone", () => {
  step("staff log in at the provider; no script can read the session", async () => {
    await desk.page.goto(HOME);
    await desk.see("工作人员登录");
    await desk.picture("00-gate");
    await desk.check("gate");
    await desk.enter();
    await desk.see("没有符合条件的办件");
    await desk.picture("01-no-cases");
    await desk.check("no cases");
    const [kept] = (await desk.context.cookies()).filter(({ name }) => name === "cailian-staff");
    assert.deepEqual([kept.httpOnly, kept.sameSite], [true, "Strict"]);
    assert.equal(await desk.page.evaluate(() => document.cookie), "");
    assert.ok(!(await desk.page.evaluate(() => JSON.stringify({ ...sessionStorage, ...localStorage }))).includes("eyJ"));
  });

  step("item by search, questionnaire, firm by the beginning of its name", async () => {
    await desk.press("Alt+n");
    await desk.see("开办件");
    await desk.tabTo(/^事项$/);
    await desk.type("食品经营");
    await desk.page.locator("[role=option]", { hasText: "食品经营许可新办" }).first().waitFor();
    await desk.press("Enter");
    for (const [question, keys] of [["主体业态", ["Space"]], ["自有还是租用", ["ArrowDown"]], ["由他人代办", ["ArrowDown"]], ["告知承诺办理", ["ArrowDown"]]]) {
      await desk.page.locator("fieldset:focus-within", { hasText: question }).waitFor();
      await desk.press(...keys, "Enter");
    }
    await desk.see("一般新办");
    await desk.page.locator(".who-applies:focus-within").waitFor();
    await desk.picture("02-questionnaire", true);
    await desk.tabTo(/单位名称/);
    await desk.type("宝山青禾");
    await desk.page.locator("[role=option]", { hasText: "91310113XX0000019X" }).waitFor();
    await desk.picture("03-firm");
    await desk.press("Enter");
    await desk.page.locator(".how-there:focus-within").waitFor();
    await desk.picture("04-new-case", true);
    await desk.check("new case");
    await desk.press("Enter");
    await desk.page.locator("[data-line=CL022]").waitFor();
    number = /cases\/(\d+)/.exec(desk.page.url())[1];
    await desk.see("宝山青禾餐饮管理有限公司");
    await desk.picture("05-checklist", true);
    await desk.check("checklist");
  });

  step("consent is asked for, and arrives", async () => {
    await desk.press("Alt+c");
    await desk.page.locator(".consent img").first().waitFor();
    await desk.page.waitForFunction(() => !document.querySelector(".acts .is-loading"));
    await desk.page.waitForFunction(() => [...document.querySelectorAll(".consent img")].every((each) => each.naturalWidth > 0));
    await desk.picture("06-consent", true);
    await desk.check("consent");
    for (const batch of await desk.page.locator("[data-batch]").evaluateAll((all) => all.map((one) => one.dataset.batch))) {
      await outside("answer", { batch });
    }
    await desk.page.waitForFunction(() => document.querySelectorAll("[data-batch]").length > 0 && !document.querySelector(".consent img"));
    await desk.see("已授权");
  });

  step("what is allowed is fetched, all at once", async () => {
    await desk.page.getByRole("button", { name: /调取 \(2\)/ }).waitFor();
    await desk.press("Alt+g");
    await desk.page.locator("[data-line=CL001].supplied").waitFor();
    await desk.page.locator("[data-line='CL006.legal_rep'].supplied").waitFor();
    await desk.see("查看文件");
    await desk.picture("07-fetched", true);
  });

  step("questions are put to their sources", async () => {
    for (const line of ["CL041", "CL040"]) {
      await desk.lineTo(line);
      await desk.press("Enter");
      await desk.see(/向“.*”核验/);
      if (line === "CL041") await desk.picture("08-ask");
      await desk.page.locator(".el-dialog button[type=submit]:focus").waitFor();
      await desk.press("Enter");
      await desk.page.locator(`[data-line=${line}].supplied`).waitFor();
      await desk.page.waitForFunction(() => ![...document.querySelectorAll(".el-overlay")].some((each) => getComputedStyle(each).display !== "none"));
    }
  });

  step("a scan is uploaded, read, looked at beside its page, and confirmed", async () => {
    await desk.lineTo("CL022");
    await desk.tabTo(/改为上传/);
    await desk.press("Enter");
    await desk.see("归属：宝山青禾");
    const { path } = await outside("lease");
    desk.page.once("filechooser", (chooser) => void chooser.setFiles(path));
    await desk.page.locator(".el-dialog [data-first]:focus").waitFor();
    await desk.press("Enter");
    await desk.see("lease.pdf");
    await desk.picture("09-upload");
    await desk.tabTo(/^上传$/);
    await desk.press("Enter");
    await desk.page.locator(".side .field").first().waitFor();
    await desk.page.waitForFunction(() => document.querySelector(".sheet img")?.naturalWidth > 300);
    await desk.tabTo(/承租/);
    await desk.page.locator(".box.on").waitFor();
    assert.ok(await desk.page.evaluate(() => {
      const [on, sheet] = [".box.on", ".sheet-page"].map((each) => document.querySelector(each).getBoundingClientRect());
      return on.width > 10 && on.left >= sheet.left && on.bottom <= sheet.bottom;
    }));
    await desk.picture("10-reading", true);
    await desk.check("reading");
    await desk.press("Control+Enter");
    await desk.page.locator(".side .el-tag", { hasText: "已确认" }).waitFor();
  });

  step("documents are made of what is known, and of the little that is asked", async () => {
    await desk.press("Alt+1");
    await desk.page.locator("[data-line=CL022].supplied").waitFor();
    const forms = {
      CL025: [[/经营场所/, PREMISES], [/建筑面积/, "120"], [/功能分区/, "就餐区\n操作区\n清洗区"]],
      CL053: [[/设备/, "冷藏柜 2 台\n消毒柜 1 台"], [/流程|工艺/, "验收\n粗加工\n烹饪"]],
      CL051: [[/制度/, "从业人员健康管理制度\n进货查验记录制度"]],
    };
    for (const [line, fields] of Object.entries(forms)) {
      await desk.lineTo(line);
      await desk.press("Enter");
      await desk.page.locator(".el-dialog:visible label.field").first().waitFor();
      await desk.page.locator(".el-dialog label:focus-within").first().waitFor();
      for (const [label, text] of fields) {
        if (!label.test(await desk.focused())) await desk.tabTo(label);
        await desk.type(text);
      }
      if (line === "CL025") await desk.picture("11-make");
      await desk.press("Control+Enter");
      await desk.page.locator(`[data-line=${line}].supplied`).waitFor();
      await desk.page.waitForFunction(() => ![...document.querySelectorAll(".el-overlay")].some((each) => getComputedStyle(each).display !== "none"));
    }
    await desk.see("材料已齐");
    await desk.picture("12-complete", true);
  });

  step("the form fills itself and says from where", async () => {
    await desk.press("Alt+3");
    await desk.see("尚未预填");
    await desk.tabTo(/^智能预填$/);
    await desk.press("Enter");
    await desk.page.locator(".form-line").first().waitFor();
    await desk.settle();
    await desk.tabTo(/联系人/);
    await desk.type("陈安澜");
    await desk.press("Control+s");
    await desk.see(/申请人填报/);
    await desk.settle();
    await desk.picture("13-form", true);
    await desk.check("form");
  });

  step("the pre-review names what is to be looked at", async () => {
    await desk.press("Alt+4");
    await desk.see("尚未预审");
    await desk.tabTo(/^运行预审$/);
    await desk.press("Enter");
    await desk.page.locator(".lines .line h3").filter({ visible: true }).first().waitFor();
    await desk.settle();
    await desk.picture("14-review", true);
    await desk.check("review");
  });

  step("the case is accepted, its notice printed, and decided", async () => {
    await desk.press("Alt+5");
    await desk.see("材料已齐。受理后期限开始计算");
    await desk.picture("15-accept");
    await desk.check("accept");
    await desk.press("Control+Enter");
    await desk.page.locator(".stage", { hasText: "已受理" }).waitFor();
    await desk.press("Alt+p");
    await desk.page.locator(".sheet-print h1", { hasText: "受理通知书" }).waitFor();
    await desk.page.locator(".sheet-print", { hasText: "宝山青禾餐饮管理有限公司" }).waitFor();
    await desk.see("受理清单 SHA-256");
    await desk.picture("16-acceptance", true);
    await desk.page.emulateMedia({ media: "print" });
    assert.equal(await desk.page.locator(".top").isVisible(), false);
    await desk.picture("17-acceptance-on-paper", true);
    await desk.page.emulateMedia({ media: "screen" });
    await desk.press("Escape");
    await desk.page.locator("[data-line=CL022]").waitFor();
    await desk.press("Alt+5");
    await desk.see("承诺期限");
    await desk.tabTo(/^准予$/);
    await desk.press("Enter");
    await desk.see("再按一次确认");
    await desk.picture("18-decide");
    await desk.press("Enter");
    await desk.page.locator(".stage", { hasText: "准予" }).waitFor();
  });
});

describe("the other pages", () => {
  step("my cases, by their numbers", async () => {
    await desk.press("Alt+l");
    await desk.page.locator("table a", { hasText: number }).waitFor();
    await desk.settle();
    await desk.picture("20-cases");
    await desk.check("cases");
  });

  step("what is missing is asked for all at once, and printed", async () => {
    const { case_no: other } = await outside("open_case");
    await desk.go(`/cases/${other}`);
    await desk.page.locator("[data-line=CL022]").waitFor();
    await desk.press("Alt+5");
    await desk.tabTo(/^全选$/);
    await desk.press("Enter");
    await desk.tabTo(/一次告知补正并打印/);
    await desk.press("Enter");
    await desk.page.locator(".sheet-print h1", { hasText: "补正材料告知书" }).waitFor();
    await desk.page.locator(".sheet-print", { hasText: "房屋租赁" }).waitFor();
    await desk.picture("21-supplement", true);
    await desk.press("Escape");
    await desk.page.locator("[data-line=CL022]").waitFor();
    await desk.press("Alt+p");
    await desk.press("Alt+5");
    await desk.press("Alt+p");
    await desk.page.locator(".sheet-print h1", { hasText: "收件凭证" }).waitFor();
    await desk.picture("22-receipt", true);
  });

  step("a live code is verified, once", async () => {
    await desk.press("Alt+s");
    await desk.page.locator("form label:focus-within", { hasText: "扫码枪" }).waitFor();
    await desk.tabTo(/柜台号/, "Shift+Tab");
    await desk.press("Control+a");
    await desk.type("3");
    await desk.tabTo(/扫码枪/);
    const { code } = await outside("live_code");
    await desk.type(code);
    await desk.press("Enter");
    await desk.page.locator(".verdict", { hasText: "有效" }).waitFor();
    await desk.see("陈安澜");
    await desk.picture("23-verified");
    await desk.check("scan");
    await desk.type(code);
    await desk.press("Enter");
    await desk.page.locator(".fault").waitFor();
    await desk.picture("24-verified-before");
    desk.forgive(/status of 4\d\d/);
  });

  step("figures as charts", async () => {
    const counted = () =>
      desk.page.waitForFunction(async () => {
        const answer = await fetch("/v1/figures", { headers: { "X-Cailian-Page": "console" } });
        return (await answer.json()).total?.cases > 0;
      }, null, { polling: 1000 });
    await counted();
    await desk.press("Alt+f");
    await desk.see("统计 · 本部门");
    await desk.settle();
    await desk.page.waitForFunction(() => document.querySelectorAll(".chart canvas").length === 2);
    await desk.picture("25-figures", true);
    await desk.check("figures");
  });

  step("the node: its parts, log, chain, witnesses and lag", async () => {
    await desk.press("Alt+d");
    await desk.see("就绪");
    await desk.see("已锚定上链");
    await desk.picture("26-node", true);
    await desk.check("node");
  });

  step("every key is told; in English, and in the dark", async () => {
    await desk.press("Alt+k");
    await desk.see("Alt+N");
    await desk.picture("27-shortcuts");
    await desk.press("Escape");
    await desk.tabTo(/^English$/);
    await desk.press("Enter");
    await desk.tabTo(/^Light or dark$/);
    await desk.press("Enter");
    await desk.press("Alt+l");
    await desk.see("Mine");
    await desk.page.locator("table a", { hasText: number }).waitFor();
    await desk.picture("28-english-dark");
    await desk.check("english, dark");
    await desk.tabTo(/^Light or dark$/);
    await desk.press("Enter");
    await desk.tabTo(/^中文$/, "Shift+Tab");
    await desk.press("Enter");
  });
});

describe("what goes wrong", () => {
  step("a case that is not there, or not ours", async () => {
    await desk.go("/cases/31011800000000000000");
    await desk.page.locator(".fault").waitFor();
    await desk.picture("30-missing");
    desk.forgive(/status of 404/);
  });

  step("no network: said at once, nothing lost, and it goes on by itself", async () => {
    await desk.press("Alt+l");
    await desk.page.locator("table a", { hasText: number }).waitFor();
    await desk.context.setOffline(true);
    await desk.see("网络已断开");
    await desk.press("Alt+l", "Alt+n");
    await desk.page.locator(".fault, .narrow").first().waitFor();
    await desk.picture("31-offline");
    await desk.context.setOffline(false);
    await desk.page.locator(".strip.offline").waitFor({ state: "detached" });
    desk.forgive(/ERR_INTERNET_DISCONNECTED|Failed to fetch dynamically/);
  });

  step("the node is down in the middle of an act: tried again, it counts once", async () => {
    const { case_no: other } = await outside("open_case");
    await desk.go(`/cases/${other}`);
    await desk.page.locator("[data-line=CL051]").waitFor();
    const keys = [];
    let drop = true;
    await desk.page.route("**/send-backs", async (route) => {
      keys.push(route.request().headers()["idempotency-key"]);
      if (!drop) return route.continue();
      drop = false;
      await route.fetch(); // it arrived, and the answer is lost
      return route.abort();
    });
    await desk.press("Alt+5");
    await desk.tabTo(/^全选$/);
    await desk.press("Enter");
    await desk.tabTo(/一次告知补正并打印/);
    await desk.press("Enter");
    await desk.see("无法连接节点");
    await desk.picture("32-node-down");
    await desk.press("Enter");
    await desk.page.locator(".sheet-print h1", { hasText: "补正材料告知书" }).waitFor();
    assert.equal(new Set(keys).size, 1);
    assert.equal(keys.length, 2);
    assert.equal((await outside("case", { case_no: other })).send_backs, 1);
    await desk.page.unroute("**/send-backs");
    desk.forgive(/ERR_FAILED/);
  });

  step("a session that is over: said, and back to where they were", async () => {
    const { case_no: other } = await outside("open_case");
    await desk.go(`/cases/${other}`);
    await desk.page.locator("[data-line=CL051]").waitFor();
    await desk.context.clearCookies();
    await desk.press("Alt+r");
    await desk.see("登录已过期");
    await desk.picture("33-over");
    await desk.tabTo(/^登录$/);
    await desk.press("Enter");
    await desk.page.getByText("以谁的身份登录").waitFor();
    await desk.tabTo(/qp-103/);
    await desk.press("Enter");
    await desk.page.locator("[data-line=CL051]").waitFor();
    assert.ok(desk.page.url().includes(other));
    desk.forgive(/status of 401/);
  });

  step("an account that is nobody's here logs nobody in", async () => {
    await desk.fresh();
    await desk.page.goto(HOME);
    await desk.tabTo(/^登录$/);
    await desk.press("Enter");
    await desk.page.getByText("以谁的身份登录").waitFor();
    const asked = new URL(desk.page.url());
    asked.searchParams.set("login_hint", "demo-person-chen");
    await desk.page.goto(asked.toString());
    await desk.see("此账号未登记为本节点的工作人员");
    await desk.picture("34-not-staff");
    desk.forgive(/status of 403/);
  });

  step("whoever oversees sees the node and its gaps, and no cases", async () => {
    await desk.fresh();
    await desk.page.goto(HOME);
    await desk.enter("op-900");
    await desk.see("缺口监测");
    await desk.picture("35-overseer", true);
    assert.equal(await desk.page.getByRole("link", { name: "办件" }).count(), 0);
  });

  step("an answer that nobody is here, from before the login, ends no session", async () => {
    await desk.fresh();
    const { page } = desk;
    await page.goto(HOME);
    await desk.see("工作人员登录");
    const begun = page.waitForResponse((answer) => answer.url().endsWith("/v1/console/session") && answer.request().method() === "POST");
    let told;
    const late = new Promise((resolve) => (told = resolve));
    await page.route("**/v1/console/session", async (route) => {
      if (route.request().method() !== "GET") return route.continue();
      const answer = await route.fetch();
      await begun;
      await page.locator(".who").waitFor();
      await route.fulfill({ response: answer });
      return told(answer.status());
    });
    await desk.enter("op-900");
    assert.equal(await late, 204);
    await page.evaluate(() => new Promise((resolve) => requestAnimationFrame(() => requestAnimationFrame(resolve))));
    await desk.see("缺口监测");
    assert.ok(await page.locator(".who", { hasText: "op-900" }).isVisible());
  });

  step("nothing was written to the browser's console, and no other host was asked", () => {
    assert.deepEqual(desk.faults, []);
    assert.deepEqual(desk.elsewhere, []);
    assert.ok(BASE);
  });
});
