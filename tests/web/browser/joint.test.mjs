/**
 * What several people decide together, and what they are told that nobody asked them about: on two phones, in turn.
 * The exchange is real; the department is `tests/pages/test_citizen_joint.py`.
 */

import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";

import { CHEN, outside, Phones, XU } from "./phone.mjs";

let phones;
const see = (words) => phones.see(words);
const tap = (name) => phones.tap(name);
const picture = (name) => phones.picture(name);
const page = () => phones.page;
const card = (words) => page().locator(".card.part", { hasText: words }).first();
/** What stands at each name of the first request that is listed. */
async function people() {
  const all = page().locator(".joint-people").first().locator("li");
  await all.first().waitFor();
  return all.allInnerTexts();
}

before(async () => {
  phones = await Phones.open();
});
after(() => phones?.close());

/** A phone of somebody, at the page of what is held together. */
async function joint(who) {
  await phones.fresh();
  await phones.enter("/joint", who);
  await phones.settle();
}

/** From the list to the request, and yes. */
async function sign(who) {
  await phones.link("查看并签署");
  await see("这份证照由 2 位持有人共同持有");
  await page().locator(".decide").waitFor();
  await tap("同意并签名");
  await phones.logIn(who);
  await see("已授权");
}

describe("a house of two", () => {
  let batch;

  test("nothing is asked yet, and the page says what would be here", async () => {
    await joint(CHEN);
    await see("没有需要共同同意的请求");
    await picture("60-joint-empty");
    await phones.check("joint, empty");
  });

  test("each sees that both have to sign, and who has not", async () => {
    batch = await outside("ask_house");
    assert.equal(batch.http, 200, JSON.stringify(batch));
    await joint(CHEN);
    await see("等您签署");
    assert.deepEqual((await people()).map((text) => text.replace(/\s+/g, " ").trim()), ["陈安澜（您） 尚未签署", "徐行舟 尚未签署"]);
    await page().getByText("如果有人拒绝会怎样").tap();
    await see("不会告诉其他持有人是谁拒绝的");
    await picture("61-joint-waits-for-me");
    await phones.check("joint, waiting");
  });

  test("one signs: it waits for the other, and nothing can be used", async () => {
    await sign(CHEN);
    await see("徐行舟");
    await picture("62-joint-signed");
    await phones.go("/joint");
    await see("等其他持有人");
    await see("2 位持有人中已有 1 位签署");
    assert.equal((await outside("use_house", { batch: batch.batch_id })).code, "grant-joint");
    await picture("63-joint-waits-for-others");
  });

  test("the other signs on another phone, and it is complete", async () => {
    await joint(XU);
    assert.deepEqual((await people()).map((text) => text.replace(/\s+/g, " ").trim()), ["徐行舟（您） 尚未签署", "陈安澜 已签署"]);
    await sign(XU);
    await phones.go("/joint");
    await see("已全部同意");
    await picture("64-joint-complete");
    assert.equal((await outside("use_house", { batch: batch.batch_id })).basis, "grant");
  });

  test("either may withdraw; the other sees that it is good no longer", async () => {
    await card("不动产权证书").getByRole("link").tap();
    await tap("撤回授权");
    await tap("确认撤回");
    await phones.logIn(XU);
    await see("授权已撤回");
    await joint(CHEN);
    await see("已失效");
    assert.match((await people()).join(" "), /陈安澜（您）\s*已签署\s+徐行舟\s*已撤回/);
    await picture("65-joint-withdrawn");
    assert.equal((await outside("use_house", { batch: batch.batch_id })).code, "grant-joint");
  });

  test("one refuses: it is over for both, and the other is not told by whom", async () => {
    const second = await outside("ask_house");
    await joint(XU);
    await phones.link("查看并签署");
    await page().locator(".decide").waitFor();
    await tap("拒绝");
    await phones.logIn(XU);
    await see("已拒绝");
    await phones.link("查看拒绝的凭证");
    await page().locator(".proof-steps li").first().waitFor();
    assert.equal(await page().locator(".proof-steps li.failed").count(), 0);
    await picture("66-refusal-proof");
    await phones.check("proof of a refusal");
    await phones.go("/joint");
    await see("您已拒绝");
    await phones.fresh();
    await phones.enter("/notices", CHEN);
    await page().locator(".line", { hasText: "其中一位未同意" }).tap();
    await see("已终止");
    const all = (await people()).join(" ");
    assert.match(all, /陈安澜（您）\s*未签署，已终止\s+徐行舟\s*未签署，已终止/);
    await picture("67-joint-ended");
    await phones.check("joint, ended");
    assert.equal((await outside("use_house", { batch: second.batch_id })).code, "ask-holder");
  });

  test("there is no proof of what one did not sign", async () => {
    await page().locator(".card.part", { hasText: "已终止" }).first().getByRole("link").tap();
    await phones.link("查看拒绝的凭证");
    await see("没有这项拒绝的凭证");
    phones.forgive(/404/);
    await picture("68-no-proof");
  });
});

describe("without asking", () => {
  test("a duty use that was told late says why, who decided and by which law", async () => {
    const used = await outside("late");
    assert.equal(used.told, 1, JSON.stringify(used));
    await phones.fresh();
    await phones.enter("/notices", CHEN);
    await see("依法推迟告知");
    await picture("70-notices");
    await phones.check("notices");
    await page().locator(".line", { hasText: "依法推迟告知" }).tap();
    await see("为什么现在才告诉您");
    await see("理由：案件调查需要");
    await see("由审核人员于");
    await see("个人信息保护法 第三十五条");
    await see("食品安全法 第三十五条");
    await picture("71-told-late");
    await phones.check("told late");
    await tap("核验这条记录的证据");
    await page().locator(".proof-steps li").first().waitFor();
    assert.equal(await page().locator(".proof-steps li.failed").count(), 0);
  });

  test("an emergency says in which roles who decided, why, and what a third person found", async () => {
    const used = await outside("emergency", { reason: "食源性疾病处置" });
    assert.equal(used.http, 200, JSON.stringify(used));
    await phones.go("/notices");
    await page().locator(".line", { hasText: "经两人批准" }).first().tap();
    await see("公共卫生事件");
    await see("食源性疾病处置");
    await see("窗口经办人，");
    await see("审核人员，");
    await see("尚未完成，最迟");
    await see("认为不该这样使用？");
    await picture("72-emergency");
    await phones.check("emergency");
    await outside("review", { glass: used.glass });
    await page().reload();
    await see("认定不正当");
    await see("可以先征得同意");
    await tap("举报这次使用");
    await page().fill("#report", "当天可以联系到我");
    await tap("签名并提交");
    await phones.logIn(CHEN);
    await see("当天可以联系到我");
    await picture("73-emergency-reported");
  });

  test("words that hold somebody's number are not shown", async () => {
    const used = await outside("emergency", { reason: "患者电话 13800000000" });
    await phones.go(`/uses/${used.use_id}`);
    await see("说明中含他人信息，不予显示");
    assert.ok(!(await phones.text("main")).includes("13800000000"));
  });

  test("in English, nothing is left in Chinese that is ours", async () => {
    await phones.go("/joint");
    await see("已终止");
    await phones.go("/me");
    await tap("显示设置");
    await tap("English");
    await tap("Done");
    await phones.go("/joint");
    await see("Joint consent");
    const own = await page().$$eval("main .badge, main summary, main .part-body p", (all) => all.map((one) => one.textContent).join(" "));
    assert.doesNotMatch(own, /[\u3400-\u9fff]/);
    await picture("74-joint-english");
  });
});

describe("after a withdrawal", () => {
  test("the recipient is overdue, and later says under which law it keeps what it has", async () => {
    await phones.fresh();
    await phones.enter("/cessations", CHEN);
    await see("没有要处理的撤回");
    await phones.check("cessations, empty");
    const batch = await outside("ask_one");
    await phones.go(`/asks/${batch.batch_id}`);
    await tap("同意并签名");
    await phones.logIn(CHEN);
    await see("已授权");
    assert.equal((await outside("use", { batch: batch.batch_id })).basis, "grant");
    await tap("撤回授权");
    await tap("确认撤回");
    await phones.logIn(CHEN);
    await see("授权已撤回");
    await see("等待答复");
    await picture("75-withdrawn-waits");
    const [{ grant_id: grant }] = (await outside("batch", { batch: batch.batch_id })).grants;
    await outside("overdue", { grant });
    await phones.go("/cessations");
    await see("逾期未答复");
    await see("监督人员已能看到");
    await picture("76-overdue");
    await phones.check("cessations, overdue");
    await outside("acknowledge", { grant });
    await page().reload();
    await see("依法保留");
    await see("食品安全法 第四十二条");
    await picture("77-retained");
  });

  test("nothing was written to the console, and no other host was asked", () => {
    assert.deepEqual(phones.faults, []);
    assert.deepEqual(phones.elsewhere, []);
  });
});
