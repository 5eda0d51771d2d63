/**
 * The console of those who keep a node running and of who takes paper in, in a real browser, without a mouse but where
 * dragging is looked at: deliveries, organisations, access requests, pages put together, cards read.
 */

import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";

import { BASE, Desk, HOME, outside } from "./desk.mjs";

const LATER = 15_000;
let desk;
before(async () => {
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

/** Who waits for a chooser of files; the browser hands them out as long as somebody listens. */
let chosen;
async function as(handle) {
  await desk.fresh();
  desk.page.on("filechooser", (chooser) => chosen?.(chooser));
  await desk.page.goto(HOME);
  await desk.enter(handle);
}

/** Shut the dialog's curtain is gone, so that the next key goes where it should. */
const shut = () => desk.page.waitForFunction(() => ![...document.querySelectorAll(".el-overlay")].some((each) => getComputedStyle(each).display !== "none"));

describe("deliveries that failed", () => {
  step("an administrator sees kinds and codes, and begins one and then all anew, for a reason", async () => {
    await outside("give_up", { count: 3 });
    await as("op-902");
    await desk.press("Alt+w");
    await desk.page.locator("[data-kind=notice]").waitFor();
    await desk.see("notice-not-taken");
    await desk.picture("40-outbox", true);
    await desk.check("outbox");
    await desk.tabTo(/^重发 \d+/);
    await desk.press("Enter");
    await desk.page.locator(".el-dialog input:focus").waitFor();
    await desk.press("Enter");
    assert.equal((await outside("replays")).held.length, 0, "no reason, no replay");
    await desk.type("短信网关已恢复");
    await desk.picture("41-replay");
    await desk.check("replay");
    await desk.press("Enter");
    await desk.see("已重新投递 1 条");
    await shut();
    await desk.tabTo(/^全部重发/);
    await desk.press("Enter");
    await desk.page.locator(".el-dialog input:focus").waitFor();
    await desk.type("持有人 310199199001010018 未收到");
    await desk.press("Enter");
    await desk.page.locator(".el-dialog [role=alert]").waitFor();
    await desk.picture("42-reason-names-somebody");
    await desk.page.locator(".el-dialog input").fill("网关升级完成");
    await desk.press("Enter");
    await desk.see("已重新投递 2 条");
    await shut();
    const { held } = await outside("replays");
    assert.deepEqual(held.map((each) => [each.operator, each.count, each.reason]), [["op-902", 1, "短信网关已恢复"], ["op-902", 2, "网关升级完成"]]);
    desk.forgive(/status of 422/);
  });

  step("in English, and in the dark", async () => {
    await desk.tabTo(/^English$/, "Shift+Tab");
    await desk.press("Enter");
    await desk.see("One by one");
    await desk.tabTo(/Light or dark/);
    await desk.press("Enter");
    await desk.picture("43-outbox-dark", true);
    await desk.check("outbox in the dark");
    await desk.tabTo(/^中文$/, "Shift+Tab");
    await desk.press("Enter");
  });

  step("a security officer and an auditor look and have nothing to press", async () => {
    for (const handle of ["op-901", "op-900"]) {
      await as(handle);
      await desk.press("Alt+w");
      await desk.see("按类型");
      assert.equal(await desk.page.getByRole("button", { name: /重发/ }).count(), 0);
    }
  });

  step("a window has no such page, and typing its address shows a refusal", async () => {
    await as("qp-103");
    assert.equal(await desk.page.getByRole("link", { name: "投递" }).count(), 0);
    await desk.go("/outbox");
    await desk.page.locator(".fault").waitFor();
    desk.forgive(/status of 403/);
  });

  step("offline it says so, and goes on", async () => {
    await as("op-902");
    await desk.page.route("**/v1/operations/outbox*", (route) => route.abort());
    await desk.press("Alt+w");
    await desk.see("无法连接节点");
    await desk.picture("44-outbox-offline");
    await desk.page.unroute("**/v1/operations/outbox*");
    await desk.tabTo(/^重试$/);
    await desk.press("Enter");
    await desk.see("按类型");
    desk.forgive(/ERR_FAILED/);
  });
});

describe("organisations", () => {
  const CODE = "91310118XX0000502U";

  step("one files an application; a private key is refused before it is sent", async () => {
    await as("op-901");
    await desk.press("Alt+o");
    await desk.see("青浦区市场监督管理局");
    await desk.picture("50-organisations", true);
    await desk.check("organisations");
    await desk.tabTo(/^登记申请$/);
    await desk.press("Enter");
    await desk.see("登记接入申请");
    const held = await outside("jwk");
    await desk.tabTo(/政务部门/);
    await desk.press("ArrowDown", "ArrowDown");
    const fields = [["名称", "青浦示例银行(演示)"], ["统一社会信用代码", CODE], ["区划代码", "310118"], ["法律依据", "应用场景 SCN-310118-101 合作协议"], ["客户端名称", "qingpu-bank"]];
    for (const [label, words] of fields) {
      await desk.tabTo(new RegExp(label));
      await desk.type(words);
    }
    await desk.tabTo(/^验码$/);
    await desk.press("Space");
    await desk.tabTo(/^公钥/);
    await desk.type(held.private);
    await desk.see("请只提供公钥");
    await desk.picture("51-private-key", true);
    await desk.press("Control+a");
    await desk.type(held.public);
    await desk.see("公钥 1 把");
    await desk.tabTo(/^工号$/);
    await desk.type("qb-001");
    for (const [label, words] of [["姓名", "示例联系人"], ["电话", "021-00000000"], ["电子邮箱", "open@example.org"]]) {
      await desk.tabTo(new RegExp(`^${label}`));
      await desk.type(words);
    }
    await desk.picture("52-join", true);
    await desk.check("join");
    await desk.press("Control+Enter");
    await desk.see("等待另一人审批");
    const { keys } = await outside("application", { org_code: CODE });
    await desk.see(keys[0]);
    await desk.picture("53-filed");
  });

  step("who filed it does not decide; another does, and looks at what came of it", async () => {
    await desk.press("Alt+o");
    await desk.page.locator(`[data-application="${CODE}"]`).waitFor();
    await desk.see("须由另一人审批");
    await as("op-902");
    await desk.press("Alt+o");
    await desk.page.locator(`[data-application="${CODE}"]`).waitFor();
    await desk.picture("54-to-decide", true);
    await desk.check("to decide");
    await desk.tabTo(/^同意接入$/);
    await desk.press("Enter");
    await desk.page.locator(".el-dialog input:focus").waitFor();
    await desk.press("Enter");
    await desk.see("已接入");
    await shut();
    assert.equal((await outside("application", { org_code: CODE })).state, "approved");
    await desk.tabTo(/^青浦示例银行/);
    await desk.press("Enter");
    await desk.see("示例联系人");
    await desk.see("qingpu-bank");
    await desk.picture("55-organisation", true);
    await desk.check("organisation");
  });

  step("its limit is set, it is suspended for a reason, and let in again", async () => {
    await desk.tabTo(/^上限/);
    await desk.type("1000");
    await desk.press("Enter");
    await desk.see("限额已生效");
    await desk.tabTo(/^暂停接入$/, "Shift+Tab");
    await desk.press("Enter");
    await desk.page.locator(".el-dialog input:focus").waitFor();
    await desk.type("密钥疑似泄露");
    await desk.press("Enter");
    await desk.see("已暂停");
    await shut();
    await desk.tabTo(/^恢复接入$/, "Shift+Tab");
    await desk.press("Enter");
    await desk.page.locator(".el-dialog input:focus").waitFor();
    await desk.type("已更换密钥");
    await desk.press("Enter");
    await desk.page.locator(".head .el-tag", { hasText: "正常" }).waitFor();
    await shut();
  });
});

describe("access to conditionally shared types", () => {
  step("a window asks, with item, purpose and basis", async () => {
    await outside("provider");
    await as("qp-103");
    await desk.press("Alt+a");
    await desk.see("本部门没有申请");
    await desk.check("no access requests");
    await desk.tabTo(/^申请共享$/);
    await desk.press("Enter");
    await desk.page.locator(".el-dialog select:focus").waitFor();
    await desk.press("ArrowDown", "Tab", "ArrowDown");
    await desk.tabTo(/^用途/);
    await desk.type("食品经营许可审查时复用租赁合同");
    await desk.tabTo(/^依据/);
    await desk.type("食品经营许可和备案管理办法");
    await desk.picture("60-ask-access");
    await desk.check("ask for access");
    await desk.press("Enter");
    await shut();
    await desk.page.locator("[data-access=CL022]").waitFor();
    await desk.see(/还剩 \d+ 天/);
    await desk.picture("61-asked", true);
    await desk.check("asked");
  });

  step("a registrar of the provider answers", async () => {
    await as("bs-002");
    await desk.press("Alt+a");
    await desk.page.locator("[data-access=CL022]").waitFor();
    await desk.tabTo(/^同意$/);
    await desk.press("Enter");
    await desk.page.locator(".el-dialog input:focus").waitFor();
    await desk.press("Enter");
    await desk.page.locator(".el-tag", { hasText: "已同意" }).waitFor();
    await shut();
    await desk.picture("62-answered", true);
    assert.equal((await outside("access")).asked[0].state, "approved");
  });
});

/** To a part of a form, or a way of editing, among buttons that the arrows move between. */
async function partTo(words) {
  const chosen = () => desk.page.evaluate(() => document.activeElement?.closest(".el-radio-group")?.querySelector(":checked")?.labels?.[0]?.textContent ?? "");
  for (let n = 0; n < 12 && !words.test(await chosen()); n += 1) await desk.press("ArrowRight");
  assert.match(await chosen(), words);
}
const json = async (path) => (await fetch(`${BASE}${path}`)).json();

describe("items", () => {
  const ITEM = "11310118XX00000B0W4310101101000";

  step("one changes an item in a form; what is wrong in the JSON is told with its line", async () => {
    await as("bs-002");
    await desk.press("Alt+e");
    await desk.page.locator(`[data-item="${ITEM}"]`).waitFor();
    await desk.picture("90-items", true);
    await desk.check("items");
    await desk.go(`/items/${ITEM}`);
    await desk.see("排水许可新办");
    await desk.tabTo(/^承诺工作日$/);
    await desk.press("Control+a");
    await desk.type("6");
    await desk.press("Control+Enter");
    await desk.page.locator("td.now", { hasText: /^6$/ }).waitFor();
    await desk.picture("91-item-form", true);
    await desk.check("item form");
    await desk.tabTo(/^表单$/, "Shift+Tab");
    await desk.press("ArrowRight");
    const raw = desk.page.getByLabel("JSON 定义");
    const right = await raw.inputValue();
    assert.match(right, /"version": "2026.3"/);
    await raw.fill(right.replace('"CL053"', '"CL999"'));
    await desk.press("Control+Enter");
    await desk.page.locator(".notice", { hasText: "CL999" }).waitFor();
    await desk.tabTo(/^定位到该行$/, "Shift+Tab");
    await desk.press("Enter");
    assert.match(await raw.evaluate((field) => field.value.slice(field.selectionStart, field.selectionEnd)), /CL999/);
    await desk.picture("92-item-wrong", true);
    await desk.check("item wrong");
    await desk.press("Control+z");
    assert.equal(await raw.inputValue(), right, "one step back");
    await desk.press("Control+s");
    await desk.see("草稿已保存");
    assert.equal(await desk.page.getByRole("button", { name: "发布新版本" }).count(), 0);
    desk.forgive(/status of 422/);
  });

  step("questions, fields and check points are built part by part; an error is at its field; it is tried before it is kept", async () => {
    await desk.tabTo(/^JSON$/, "Shift+Tab");
    await partTo(/^表单$/);
    await desk.tabTo(/^材料 \d/); // where what was wrong is
    await partTo(/^问卷/);
    const before = await desk.page.locator(".part-row").count();
    await desk.tabTo(/^增加问题$/);
    await desk.press("Enter");
    await desk.page.locator(".part-body input:focus").first().waitFor();
    await desk.type("排水口是否临时?");
    await desk.press("Tab");
    await desk.type("Is the outlet temporary?");
    await desk.press("Tab", "Control+a");
    await desk.type("Temporary Outlet");
    await desk.tabTo(/^条件$/);
    await desk.press("ArrowDown");
    await desk.page.locator(".when-line select").nth(2).waitFor();
    await desk.press("Control+Enter");
    await desk.page.locator(".notice", { hasText: "编码须以小写字母开头" }).waitFor();
    await desk.tabTo(/^定位到该处$/, "Shift+Tab");
    await desk.press("Enter");
    assert.equal(await desk.focused(), "编码");
    await desk.picture("95-question-wrong", true);
    await desk.check("question wrong");
    await desk.press("Control+a");
    await desk.type("temporary");
    const titles = () => desk.page.$$eval('[data-path="questions"] > .part-row > .part-title', (all) => all.map((each) => each.textContent));
    await desk.tabTo(/^上移$/);
    await desk.press("Enter");
    assert.match((await titles()).at(-2), /排水口是否临时/);
    assert.equal(await desk.focused(), "上移", "what moves keeps the focus");
    await desk.press("Control+z");
    assert.match((await titles()).at(-1), /排水口是否临时/);
    await desk.tabTo(/^问卷/, "Shift+Tab");
    await partTo(/^审查要点/);
    await desk.tabTo(/^增加审查要点$/);
    await desk.press("Enter");
    await desk.page.locator(".part-body input:focus").waitFor();
    await desk.type("已填写排水量");
    await desk.press("Tab");
    await desk.type("The discharge is stated");
    await desk.tabTo(/^看什么 1$/);
    await desk.press("Control+a");
    await desk.type("form.nothing");
    await desk.press("Control+Enter");
    await desk.page.locator(".notice", { hasText: "表单没有字段 nothing" }).waitFor();
    await desk.press("Control+a");
    await desk.type("form.discharge_volume");
    await desk.press("Control+Enter");
    await desk.see("检查通过");
    await desk.page.locator("th.mono", { hasText: /^check_points\[4\]/ }).first().waitFor();
    await desk.picture("96-check-point", true);
    await desk.check("check point");
    desk.forgive(/status of 422/);
  });

  step("what the applicant is asked is walked through with what stands there", async () => {
    await desk.tabTo(/^表单$/, "Shift+Tab");
    await partTo(/^试答$/);
    await desk.tabTo(/^自有$/);
    await desk.press("Space");
    const asked = () => desk.page.$$eval(".asked legend", (all) => all.map((each) => each.textContent));
    assert.deepEqual(await asked(), ["经营场所是自有还是租用?", "是否新设排水口?"]);
    await desk.tabTo(/^是$/);
    await desk.press("Space");
    assert.match((await asked()).at(-1), /排水口是否临时/);
    await desk.tabTo(/^是$/);
    await desk.press("Space");
    await desk.see(/新设排水口：4 项材料/);
    await desk.picture("97-asked", true);
    await desk.check("asked");
    await desk.press("Control+s");
    await desk.see("草稿已保存");
  });

  step("another publishes it; the version before stays to be read", async () => {
    await as("bs-003");
    await desk.press("Alt+e");
    await desk.page.locator(`[data-item="${ITEM}"] .el-tag`, { hasText: "待发布" }).waitFor();
    await desk.go(`/items/${ITEM}`);
    await desk.page.locator("td.now", { hasText: /^6$/ }).waitFor();
    await desk.picture("93-to-publish", true);
    await desk.check("to publish");
    await desk.tabTo(/^发布新版本$/);
    await desk.press("Enter");
    await desk.see("锚定上链");
    await desk.page.locator("dd", { hasText: "2026.3" }).waitFor();
    await desk.page.locator("tbody a", { hasText: "2026.2" }).waitFor();
    await desk.picture("94-published", true);
    assert.equal((await json(`/v1/items/${ITEM}/versions/2026.2/definition`)).version, "2026.2");
  });
});

describe("an item whose cases are about others, and are decided without a person", () => {
  const ITEM = "11310113XX00000A2R4310700501000";
  const openPart = async (from, words) => {
    await desk.tabTo(from, "Shift+Tab");
    await partTo(words);
  };

  step("a role is added; what is wrong with its code is told there", async () => {
    await as("bs-002");
    await desk.go(`/items/${ITEM}`);
    await desk.tabTo(/^基本信息$/);
    await partTo(/^相关人员 1$/);
    await desk.tabTo(/^增加角色$/);
    await desk.press("Enter");
    await desk.page.locator(".role-row input:focus").waitFor();
    for (const words of ["押运员", "Escort", "Escort"]) {
      await desk.press("Control+a");
      await desk.type(words);
      await desk.press("Tab");
    }
    await desk.press("Control+Enter");
    await desk.page.locator(".notice", { hasText: "角色编码须以小写字母开头" }).waitFor();
    await desk.tabTo(/^定位到该处$/, "Shift+Tab");
    await desk.press("Enter");
    assert.equal(await desk.focused(), "编码");
    await desk.picture("98-role-wrong", true);
    await desk.check("role wrong");
    await desk.press("Control+a");
    await desk.type("worker");
    await desk.see("编码 worker 已有");
    await desk.press("Control+a");
    await desk.type("escort");
    await desk.picture("98-roles", true);
    desk.forgive(/status of 422/);
  });

  step("rules are built; who must say yes has a rule, and who is asked is told where it lacks", async () => {
    await openPart(/^相关人员 2$/, /^自动办理$/);
    await desk.tabTo(/^增加规则$/);
    await desk.press("Enter");
    await desk.page.locator(".part-body input:focus").waitFor();
    await desk.type("押运员本人已确认");
    await desk.press("Tab");
    await desk.type("The escort has confirmed");
    await desk.tabTo(/^规则$/);
    await desk.press("ArrowDown");
    await desk.tabTo(/^角色$/);
    await desk.press("ArrowDown");
    await desk.press("Control+Enter");
    await desk.page.locator(".notice", { hasText: "须一一对应" }).waitFor();
    await desk.tabTo(/^定位到该处$/, "Shift+Tab");
    await desk.press("Enter");
    assert.match(await desk.focused(), /从业人员/);
    await desk.page.locator("#automatic-confirm").waitFor();
    await desk.tabTo(/^增加确认$/);
    await desk.press("Enter");
    await desk.page.locator(".part-body select:focus").waitFor();
    await desk.press("ArrowDown", "Tab");
    await desk.press("End");
    await desk.type("请您押运,请确认");
    await desk.press("Control+Enter");
    await desk.see("检查通过");
    await desk.page.locator("th.mono", { hasText: /^automatic\.confirm\[2\]/ }).first().waitFor();
    await desk.page.locator("th.mono", { hasText: /^roles\.escort/ }).first().waitFor();
    await desk.picture("98-automatic", true);
    await desk.check("automatic");
    desk.forgive(/status of 422/);
  });

  step("a comparison with one value becomes one with several; what a decision changes is chosen", async () => {
    await desk.tabTo(/^.*新旧单位不同.*$/, "Shift+Tab");
    await desk.press("Enter");
    await desk.tabTo(/^规则$/);
    await desk.press("ArrowDown");
    await desk.tabTo(/^比较$/);
    await desk.press("End");
    await desk.tabTo(/^固定值，每行一个$/);
    await desk.type("甲公司\n乙公司");
    const held = async () => JSON.parse(await desk.page.getByLabel("JSON 定义").inputValue()).automatic;
    await openPart(/^表单$/, /^JSON$/);
    assert.deepEqual((await held()).rules[4].rule, { kind: "value", field: "worker_name", op: "contains", value: ["甲公司", "乙公司"] });
    await desk.tabTo(/^JSON$/, "Shift+Tab");
    await partTo(/^表单$/);
    await desk.tabTo(/^自动办理$/);
    await desk.tabTo(/^持证主体$/);
    await desk.press("ArrowDown");
    await openPart(/^表单$/, /^JSON$/);
    const { result } = await held();
    assert.deepEqual(Object.keys(result.set), ["employer", "holder_name"]);
    await desk.tabTo(/^JSON$/, "Shift+Tab");
    await partTo(/^表单$/);
  });

  step("a pattern of case numbers shows the number that comes of it", async () => {
    await desk.tabTo(/^自动办理$/);
    await partTo(/^基本信息$/);
    await desk.tabTo(/^办件编号规则$/);
    await desk.type("BS-");
    await desk.see("须含流水号");
    await desk.press("Control+Enter");
    await desk.page.locator(".notice", { hasText: "办件编号规则有误" }).waitFor();
    await desk.tabTo(/^定位到该处$/, "Shift+Tab");
    await desk.press("Enter");
    assert.equal(await desk.focused(), "办件编号规则");
    await desk.tabTo(/流水号$/);
    await desk.press("Enter");
    assert.equal(await desk.focused(), "办件编号规则", "who inserts a part goes on typing behind it");
    await desk.see("BS-000001");
    await desk.press("Control+Enter");
    await desk.see("检查通过");
    await desk.picture("99-case-numbers", true);
    await desk.check("case numbers");
    desk.forgive(/status of 422/);
  });

  step("in English, and in the dark", async () => {
    await desk.tabTo(/^English$/, "Shift+Tab");
    await desk.press("Enter");
    await desk.see("Such as:");
    await desk.tabTo(/Light or dark/);
    await desk.press("Enter");
    await desk.tabTo(/^Basics$/);
    await partTo(/^Automatic$/);
    await desk.see("Who says yes first");
    await desk.picture("99-automatic-dark", true);
    await desk.check("automatic in the dark");
    await partTo(/^People 2$/);
    await desk.picture("99-roles-dark", true);
    await desk.check("roles in the dark");
    await desk.tabTo(/^Undo it all$/, "Shift+Tab");
    await desk.press("Enter");
    await desk.page.getByText("Not saved").waitFor({ state: "detached" });
  });
});

describe("types of material", () => {
  const CODE = "CL005";

  step("what was typed and not kept is still there after a look elsewhere", async () => {
    await as("bs-002");
    await desk.go("/material-types");
    await desk.page.locator(`[data-item=${CODE}]`).waitFor();
    await desk.picture("100-material-types", true);
    await desk.check("material types");
    await desk.go(`/material-types/${CODE}`);
    await desk.see("机关群团统一社会信用代码证书");
    await desk.tabTo(/^保存年数/);
    await desk.press("Control+a");
    await desk.type("20");
    await desk.picture("101-material-type", true);
    await desk.check("material type");
    await desk.go("/material-types");
    await desk.page.locator(`[data-item=${CODE}] .el-tag`, { hasText: "未保存" }).waitFor();
    await desk.go(`/material-types/${CODE}`);
    await desk.see("已恢复您在此页签中未保存的修改");
    assert.equal(await desk.page.getByLabel(/^保存年数/).inputValue(), "20");
  });

  step("what a colleague kept meanwhile is shown, and nothing is put in its place unasked", async () => {
    await outside("draft", { operator: "bs-003", kind: "material-type", code: CODE, members: { version: "2026.2", issuer: "机构编制委员会办公室" } });
    await desk.press("Control+s");
    await desk.see("在此期间 bs-003 保存了草稿");
    await desk.picture("102-meanwhile", true);
    await desk.check("meanwhile");
    await desk.tabTo(/^改用那一份$/);
    await desk.press("Enter");
    await desk.tabTo(/^保存年数/);
    await desk.press("Control+a");
    await desk.type("20");
    await desk.press("Control+s");
    await desk.see("草稿已保存");
    await desk.page.locator("td.now", { hasText: "机构编制委员会办公室" }).waitFor();
  });

  step("another publishes it", async () => {
    await as("bs-003");
    await desk.go(`/material-types/${CODE}`);
    await desk.page.locator("td.now", { hasText: /^20$/ }).waitFor();
    await desk.tabTo(/^发布新版本$/);
    await desk.press("Enter");
    await desk.see("锚定上链");
    await desk.page.locator("dd", { hasText: "2026.2" }).waitFor();
    await desk.picture("103-material-type-published", true);
    assert.equal((await json(`/v1/material-types/${CODE}/definition`)).retention_years, 20);
    assert.equal((await json(`/v1/material-types/${CODE}/versions/2026.1/definition`)).retention_years, 30);
  });

  step("one is added", async () => {
    await desk.go("/material-types");
    await desk.tabTo(/^新增材料类型$/);
    await desk.press("Enter");
    await desk.see("尚未发布");
    await desk.tabTo(/^名称$/);
    await desk.type("排水设施养护合同");
    await desk.press("Control+Enter");
    await desk.page.locator(".notice", { hasText: "名称或文件类型为空" }).waitFor();
    await desk.tabTo(/^英文名称$/);
    await desk.type("Contract on the upkeep of drains");
    await desk.tabTo(/^出具单位$/);
    await desk.type("水务局");
    await desk.press("Control+s");
    await desk.see("草稿已保存");
    await desk.picture("104-material-type-added", true);
    await desk.check("material type added");
    desk.forgive(/status of (404|422)/);
  });
});

describe("types of licence", () => {
  const CODE = "LT24";

  step("what licences that were issued rely on is locked; a field of the face is added", async () => {
    await as("bs-002");
    await desk.go("/licence-types");
    await desk.page.locator(`[data-item=${CODE}]`).waitFor();
    await desk.picture("110-licence-types", true);
    await desk.check("licence types");
    await desk.go(`/licence-types/${CODE}`);
    await desk.see("不可更改：已签发的证照就是这样");
    assert.equal(await desk.page.getByLabel("名称", { exact: true }).getAttribute("readonly"), "");
    await desk.picture("111-licence-type", true);
    await desk.check("licence type");
    const organisations = desk.page.getByRole("checkbox", { name: "个人" });
    assert.ok(await organisations.isDisabled(), "who holds one goes on holding it");
    await desk.see("已有这类持证人，只能增加");
    await desk.tabTo(/^增加一行 证照类型代码$/);
    await desk.press("Enter");
    await desk.page.locator(".words-row input:focus").waitFor();
    await desk.press("End");
    await desk.type("90");
    await desk.press("Control+Enter");
    await desk.page.locator(".notice", { hasText: "证照类型代码为 21 位" }).waitFor();
    await desk.tabTo(/^定位到该处$/, "Shift+Tab");
    await desk.press("Enter");
    assert.equal(await desk.focused(), "证照类型代码 2");
    await desk.press("End");
    await desk.type("2");
    assert.equal(await desk.page.getByLabel("证照类型代码 1").getAttribute("readonly"), "");
    await desk.picture("111-type-codes", true);
    await desk.check("type codes");
    desk.forgive(/status of 422/);
    await desk.tabTo(/^基本信息$/, "Shift+Tab");
    await partTo(/^照面字段/);
    await desk.tabTo(/^增加字段$/);
    await desk.press("Enter");
    await desk.page.locator(".part-body input:focus").waitFor();
    await desk.type("继续教育学时");
    await desk.press("Tab");
    await desk.type("Hours of training");
    await desk.press("Tab", "Control+a");
    await desk.type("training_hours");
    await desk.tabTo(/^亮证时可出示$/);
    await desk.press("Space");
    await desk.press("Control+s");
    await desk.see("草稿已保存");
    await desk.picture("112-face", true);
    await desk.check("face");
  });

  step("who is about to publish what was kept anew looks again first", async () => {
    await as("bs-003");
    await desk.go(`/licence-types/${CODE}`);
    await desk.page.locator("td.now", { hasText: "training_hours" }).first().waitFor();
    await outside("draft", { operator: "bs-002", kind: "licence-type", code: CODE, members: { issuer: "人力资源社会保障部门" } });
    await desk.tabTo(/^发布新版本$/);
    await desk.press("Enter");
    await desk.see("您查看之后的变动");
    await desk.page.locator("[aria-labelledby=again] td.now", { hasText: "人力资源社会保障部门" }).waitFor();
    await desk.picture("113-look-again", true);
    await desk.check("look again");
    await desk.page.getByRole("button", { name: "发布新版本" }).focus();
    await desk.press("Enter");
    await desk.see("锚定上链");
    await desk.page.locator("dd", { hasText: "2026.2" }).waitFor();
    const { fields, presenting, type_codes: codes } = await json(`/v1/licence-types/${CODE}/definition`);
    assert.deepEqual(codes, ["11100000XX00001073901", "11100000XX00001073902"]);
    assert.deepEqual([fields.at(-1).name, fields.at(-1).since, presenting.at(-1)], ["training_hours", "2026.2", "training_hours"]);
    desk.forgive(/status of 409/);
  });

  step("in English, and in the dark", async () => {
    await desk.tabTo(/^English$/, "Shift+Tab");
    await desk.press("Enter");
    await desk.see("Fixed: licences that were issued rely on it");
    await desk.tabTo(/Light or dark/);
    await desk.press("Enter");
    await desk.picture("114-licence-type-dark", true);
    await desk.check("licence type in the dark");
  });
});

/** Made paper: lines of words on a white sheet, sharp or not, or with nothing on it. */
async function sheet({ words = "", width = 1654, height = 2339, blur = 0, name }) {
  const url = await desk.page.evaluate(({ words, width, height, blur }) => {
    const canvas = document.createElement("canvas");
    [canvas.width, canvas.height] = [width, height];
    const context = canvas.getContext("2d");
    context.fillStyle = "#fdfcf8";
    context.fillRect(0, 0, width, height);
    if (blur) context.filter = `blur(${blur}px)`;
    context.fillStyle = "#222";
    context.font = `${Math.round(height / 60)}px sans-serif`;
    for (let y = 0.1; words && y < 0.9; y += 0.03) context.fillText(words.repeat(8).slice(0, 60), width * 0.1, height * y, width * 0.8);
    return canvas.toDataURL("image/png");
  }, { words, width, height, blur });
  return { name, mimeType: "image/png", buffer: Buffer.from(url.split(",")[1], "base64") };
}
const names = () => desk.page.$$eval(".paper-name", (all) => all.map((each) => each.textContent.replace(/^\d+ · /, "")));
async function choosing(files, keys) {
  const opened = new Promise((resolve) => (chosen = resolve));
  await keys();
  await (await opened).setFiles(files);
}

describe("paper", () => {
  step("several pages are chosen; a blank one goes by itself, and can be put back", async () => {
    const { case_no: number } = await outside("open_case");
    await as("qp-103");
    await desk.go(`/cases/${number}`);
    await desk.lineTo("CL022");
    await desk.tabTo(/上传/);
    await desk.press("Enter");
    await desk.page.locator(".el-dialog [data-first]:focus").waitFor();
    const files = [
      await sheet({ words: "租赁合同第一页 lease page one ", name: "a.png" }),
      await sheet({ words: "", name: "blank.png" }),
      await sheet({ words: "合同第二第三页 pages two and three ", width: 2339, height: 1654, name: "open.png" }),
      await sheet({ words: "模糊 blurred ", blur: 5, name: "blurred.png" }),
      await sheet({ words: "太小 coarse ", width: 620, height: 877, name: "coarse.png" }),
    ];
    await choosing(files, () => desk.press("Enter"));
    await desk.see("已自动去除 1 张空白页");
    assert.deepEqual(await names(), ["a.png", "open.png", "blurred.png", "coarse.png"]);
    const hints = await desk.page.$$eval(".paper", (all) => all.map((each) => each.getAttribute("aria-label")));
    assert.match(hints[2], /可能模糊/);
    assert.match(hints[3], /分辨率偏低/);
    assert.doesNotMatch(hints[0] + hints[1], /模糊|分辨率|偏暗|过淡/);
    await desk.picture("70-paper", true);
    await desk.check("paper");
    await desk.tabTo(/^放回$/);
    await desk.press("Enter");
    assert.deepEqual(await names(), ["a.png", "blank.png", "open.png", "blurred.png", "coarse.png"]);
  });

  step("pages are turned, split, moved, removed by keys; each step can be undone", async () => {
    await desk.tabTo(/^第 1 页/);
    await desk.press("ArrowRight", "Delete");
    assert.deepEqual(await names(), ["a.png", "open.png", "blurred.png", "coarse.png"]);
    await desk.page.locator(".paper[aria-selected=true]:focus", { hasText: "open.png" }).waitFor();
    await desk.press("s");
    await desk.page.waitForFunction(() => document.querySelectorAll(".paper").length === 5);
    assert.deepEqual(await names(), ["a.png", "open.png", "open.png", "blurred.png", "coarse.png"]);
    await desk.press("r", "r");
    assert.equal(await desk.page.locator(".paper img.turn-180").count(), 1);
    await desk.press("Control+z");
    assert.equal(await desk.page.locator(".paper img.turn-90").count(), 1);
    await desk.press("Control+z", "End", "Control+ArrowLeft", "Control+ArrowLeft");
    assert.deepEqual(await names(), ["a.png", "open.png", "coarse.png", "open.png", "blurred.png"]);
    await desk.press("Delete", "End", "Delete");
    assert.deepEqual(await names(), ["a.png", "open.png", "open.png"]);
    await desk.press("Control+z", "Control+y");
    assert.deepEqual(await names(), ["a.png", "open.png", "open.png"]);
  });

  step("a page is dragged, and replaced by another file", async () => {
    await desk.page.locator(".paper").first().dragTo(desk.page.locator(".paper").nth(2));
    assert.deepEqual(await names(), ["open.png", "open.png", "a.png"]);
    await desk.tabTo(/^撤销$/, "Shift+Tab");
    await desk.press("Enter");
    assert.deepEqual(await names(), ["a.png", "open.png", "open.png"]);
    const better = await sheet({ words: "重新扫描的第一页 scanned again ", name: "better.png" });
    await desk.page.locator(".paper").first().focus();
    await choosing([better], () => desk.press("p"));
    await desk.page.locator(".paper", { hasText: "better.png" }).waitFor();
    assert.deepEqual(await names(), ["better.png", "open.png", "open.png"]);
  });

  step("the camera: refused it says what to do; allowed it takes a page", async () => {
    await desk.page.evaluate(() => {
      navigator.mediaDevices.getUserMedia = () => Promise.reject(new DOMException("no", "NotAllowedError"));
    });
    await desk.tabTo(/^拍摄$/, "Shift+Tab");
    await desk.press("Enter");
    await desk.see("未允许使用摄像头");
    await desk.picture("71-camera-refused", true);
    await desk.press("Enter");
    await desk.page.evaluate(() => {
      const canvas = document.createElement("canvas");
      [canvas.width, canvas.height] = [1280, 1810];
      const context = canvas.getContext("2d");
      const draw = () => {
        context.fillStyle = "#f4f2ea";
        context.fillRect(0, 0, canvas.width, canvas.height);
        context.fillStyle = "#222";
        context.font = "36px sans-serif";
        for (let y = 200; y < 1600; y += 60) context.fillText("拍摄的附页 a page before the camera", 140, y);
      };
      setInterval(draw, 50);
      draw();
      navigator.mediaDevices.getUserMedia = () => Promise.resolve(canvas.captureStream(20));
    });
    await desk.press("Enter");
    await desk.page.locator(".camera button:focus", { hasText: "拍一页" }).waitFor();
    await desk.picture("72-camera", true);
    await desk.press("Enter");
    await desk.page.waitForFunction(() => document.querySelectorAll(".paper").length === 4);
    await desk.tabTo(/^关闭摄像头$/);
    await desk.press("Enter");
  });

  step("a PDF joins them page by page; what cannot be taken apart is refused beside others", async () => {
    const pdf = await outside("lease");
    const pages = (await names()).length;
    await desk.page.route("**/v1/page-pictures*", (route) => route.abort());
    await desk.tabTo(/^再加几页$/, "Shift+Tab");
    await choosing([pdf.path], () => desk.press("Enter"));
    await desk.page.locator(".paper-pdf").first().waitFor();
    await desk.tabTo(/^撤销$/, "Shift+Tab");
    await desk.press("Enter");
    await desk.page.unroute("**/v1/page-pictures*");
    desk.forgive(/ERR_FAILED/);
    assert.equal((await names()).length, pages);
    await desk.tabTo(/^再加几页$/, "Shift+Tab");
    await choosing([pdf.path], () => desk.press("Enter"));
    const drawn = () => desk.page.$$eval(".paper", (all, from) => all.slice(from).map((each) => each.querySelector("img")?.naturalWidth), pages);
    await desk.page.waitForFunction((from) => [...document.querySelectorAll(".paper")].slice(from).every((each) => each.querySelector("img")?.complete) && document.querySelectorAll(".paper").length > from, pages);
    assert.deepEqual([...new Set(await drawn())], [360], "each page as it looks, drawn by the node");
    await desk.tabTo(/^再加几页$/, "Shift+Tab");
    await choosing([{ name: "form.ofd", mimeType: "application/ofd", buffer: Buffer.from("PK not a picture") }], () => desk.press("Enter"));
    await desk.see("“form.ofd”不能与其他页合并");
    await desk.picture("73-put-together", true);
    await desk.check("put together");
  });

  step("one PDF is made of them on the device, and uploaded", async () => {
    const pages = (await names()).length;
    const sent = desk.page.waitForResponse((answer) => answer.request().method() === "POST" && answer.url().endsWith("/v1/materials"));
    await desk.tabTo(/^上传$/);
    await desk.press("Enter");
    const held = await outside("material", { material_id: (await (await sent).json()).material_id });
    assert.equal(held.media_type, "application/pdf");
    const counted = new RegExp(`\\d+ ?/ ?${pages}(?!\\d)`); // read, or being read, which takes its time
    await desk.page.locator(".sheet figcaption, [aria-busy] [role=status]", { hasText: counted }).first().waitFor();
    await desk.picture("74-read", true);
  });
});

describe("identity cards", () => {
  step("the demo's card fills name and number, and proves who is there", async () => {
    await desk.press("Alt+n");
    await desk.tabTo(/^事项$/);
    await desk.type("食品经营");
    await desk.page.locator("[role=option]", { hasText: "食品经营许可新办" }).first().waitFor();
    await desk.press("Enter");
    for (const [question, keys] of [["主体业态", ["Space"]], ["自有还是租用", ["ArrowDown"]], ["由他人代办", ["ArrowDown"]], ["告知承诺办理", ["ArrowDown"]]]) {
      await desk.page.locator("fieldset:focus-within", { hasText: question }).waitFor();
      await desk.press(...keys, "Enter");
    }
    await desk.page.locator(".how-there .card-reader").waitFor();
    await desk.page.locator(".how-there .card-reader").getByRole("button", { name: "读身份证" }).focus();
    await desk.press("Enter");
    await desk.page.waitForFunction(() => [...document.querySelectorAll(".how-there input")].some((each) => /^310199/.test(each.value)), null, { timeout: LATER });
    await desk.picture("80-card", true);
    await desk.check("card");
  });

  step("a reader of the demo is none where the node is in earnest, and none is elsewhere than on this machine", async () => {
    for (const [held, words] of [
      [{ demo: false, card_reader: { kind: "demo", url: "/demo/card-reader" } }, "演示读卡器只能用于演示环境"],
      [{ demo: false, card_reader: { kind: "loopback", url: "https://reader.example.org" } }, "本机读卡服务未启动"],
    ]) {
      await desk.fresh();
      await desk.page.goto(HOME);
      await desk.enter();
      await desk.page.route("**/console/config.json", async (route) => route.fulfill({ json: { ...(await (await route.fetch()).json()), ...held } }));
      await desk.page.reload();
      await desk.page.locator(".who").waitFor();
      await desk.press("Alt+n");
      await desk.tabTo(/^事项$/);
      await desk.type("食品经营");
      await desk.page.locator("[role=option]", { hasText: "食品经营许可新办" }).first().waitFor();
      await desk.press("Enter");
      for (const [question, keys] of [["主体业态", ["Space"]], ["自有还是租用", ["ArrowDown"]], ["由他人代办", ["ArrowDown"]], ["告知承诺办理", ["ArrowDown"]]]) {
        await desk.page.locator("fieldset:focus-within", { hasText: question }).waitFor();
        await desk.press(...keys, "Enter");
      }
      await desk.see(words);
      assert.equal(await desk.page.getByRole("button", { name: "读身份证" }).count(), 0);
    }
  });
});

describe("the header", () => {
  const inEnglish = async () => {
    await desk.tabTo(/^English$/, "Shift+Tab");
    await desk.press("Enter");
    await desk.page.locator(".brand", { hasText: "Console" }).waitFor();
  };
  const shown = () => desk.page.$$eval(".pages a:not(.no-room)", (all) => all.map((each) => each.textContent.trim()));

  step("is one line for everybody, in both languages", async () => {
    for (const [handle, first, last] of [["qp-103", "Cases", "Node"], ["qp-204", "Cases", "Node"], ["bs-002", "Cases", "Node"], ["op-902", "Figures", "Node"]]) {
      await as(handle);
      await desk.settle();
      await desk.check(`header of ${handle}`);
      await inEnglish();
      await desk.picture(`120-header-${handle}`);
      await desk.check(`header of ${handle} in English`);
      const links = await shown();
      assert.deepEqual([links.at(0), links.at(-1)], [first, last], `${handle}: nobody needs to open more`);
    }
  });

  step("who may do everything has the rest behind a button, by the keyboard", async () => {
    const roles = ["window", "reviewer", "registrar", "auditor", "security_officer", "administrator"];
    await as("bs-002");
    await desk.page.route("**/v1/console/session", async (route) => {
      const answer = await route.fetch();
      const held = await answer.json();
      await route.fulfill({ json: { ...held, roles, scopes: [...held.scopes, "oversee"] } });
    });
    await desk.page.reload();
    await desk.page.locator(".who").waitFor();
    await desk.settle();
    await desk.picture("121-header-everything");
    await desk.check("header of who may do everything");
    await inEnglish();
    await desk.check("header of who may do everything, in English");
    await desk.picture("121-header-everything-english");
    await desk.page.setViewportSize({ width: 1100, height: 900 });
    await desk.page.locator(".more-pages").waitFor();
    assert.ok((await shown()).length < 9);
    await desk.tabTo(/^More$/, "Shift+Tab");
    await desk.press("Enter");
    await desk.picture("122-more");
    await desk.tabTo(/^Node$/);
    await desk.press("Escape");
    assert.equal(await desk.focused(), "More");
    assert.ok(!(await desk.page.locator(".more-pages ul").isVisible()));
    await desk.press("Enter");
    await desk.tabTo(/^Node$/);
    const told = desk.page.waitForEvent("console", (message) => message.location().url.includes("/operations/gaps"));
    await desk.press("Enter");
    await desk.page.waitForURL(/#\/node$/);
    await told; // the exchange knows the roles better
    assert.ok(!(await desk.page.locator(".more-pages ul").isVisible()));
    assert.ok((await desk.page.evaluate(() => document.documentElement.scrollWidth)) <= 1100, "nothing to scroll sideways");
    desk.forgive(/status of 403 .*\/operations\/gaps/);
    await desk.page.unroute("**/v1/console/session");
  });

  step("nothing was written to the browser's console, and no other host was asked", () => {
    assert.deepEqual(desk.faults, []);
    assert.deepEqual(desk.elsewhere, []);
  });
});
