/**
 * What a person promises and confirms on the phone: a letter of commitment read whole, signed, taken back; an application
 * and a change of employer, each with one signature. The exchange is real; `tests/pages/test_promises.py` stands around.
 */

import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";

import { CHEN, LIN, outside, Phones } from "./phone.mjs";

const FIRM = "宝山青禾餐饮管理有限公司";
let phones;
const see = (words) => phones.see(words);
const tap = (name) => phones.tap(name);
const picture = (name) => phones.picture(name);
const page = () => phones.page;

before(async () => {
  phones = await Phones.open();
});
after(() => phones?.close());

describe("a letter of commitment", () => {
  let held;
  before(async () => {
    await phones.fresh();
    held = await outside("propose");
    assert.equal(held.http, 200, JSON.stringify(held));
  });

  test("waits on the first page, and is shown whole before it can be signed", async () => {
    await phones.enter(`/commitments/${held.commitment_id}`);
    await see("请您签署承诺书");
    await see(FIRM);
    await see("不再适用告知承诺");
    await page().locator(".pages img").waitFor();
    await page().waitForFunction(() => document.querySelector(".pages img")?.naturalWidth > 500);
    await picture("promise-01-letter");
    await phones.check("letter");
    const sign = phones.button("我已阅读，签名承诺");
    const next = phones.button("下一页");
    while ((await next.count()) && (await next.isEnabled())) {
      const before_ = await phones.text(".pages figcaption .figures");
      await next.tap();
      await page().waitForFunction((was) => document.querySelector(".pages figcaption .figures")?.textContent !== was, before_);
    }
    await page().waitForFunction(() => ![...document.querySelectorAll(".decide button")].some((one) => one.disabled));
    assert.ok(await sign.isEnabled());
    await picture("promise-02-letter-read");
    await phones.turn("/");
    await see("告知承诺书");
    await picture("promise-03-letter-waits");
  });

  test("is signed at the provider, and the window has it", async () => {
    await phones.turn(`/commitments/${held.commitment_id}`);
    const next = phones.button("下一页");
    await page().locator(".pages img").waitFor();
    await page().waitForFunction(() => document.querySelector(".pages img")?.naturalWidth > 500);
    while ((await next.count()) && (await next.isEnabled())) {
      const before_ = await phones.text(".pages figcaption .figures");
      await next.tap();
      await page().waitForFunction((was) => document.querySelector(".pages figcaption .figures")?.textContent !== was, before_);
    }
    await tap("我已阅读，签名承诺");
    await phones.logIn();
    await see("承诺书已签署");
    await picture("promise-04-letter-signed");
    await phones.check("signed letter");
    assert.equal((await outside("commitment", { commitment: held.commitment_id })).state, "signed");
  });

  test("is taken back before the case is accepted", async () => {
    await tap("撤回承诺");
    await page().locator(".sheet").getByRole("button", { name: "签名确认" }).tap();
    await phones.logIn();
    await see("承诺已撤回");
    await picture("promise-05-letter-taken-back");
    assert.equal((await outside("commitment", { commitment: held.commitment_id })).state, "withdrawn");
    await phones.turn("/commitments");
    await page().locator(".badge", { hasText: "已撤回" }).first().waitFor();
    await picture("promise-06-letters");
    await phones.check("letters");
  });
});

describe("what is decided without coming", () => {
  test("an application is signed on the phone, and what was signed stands there", async () => {
    const begun = await outside("begin");
    assert.equal(begun.http, 200, JSON.stringify(begun));
    await phones.turn("/inquiries");
    await page().getByRole("button", { name: FIRM }).tap();
    await see("申请自动办理");
    await picture("promise-07-inquiries");
    await phones.check("inquiries");
    await page().locator(".inquiry .text-button").first().tap();
    await page().locator(".sheet").getByRole("button", { name: "同意并签名", exact: true }).tap();
    await phones.logIn(CHEN);
    await see("您已同意");
    await picture("promise-08-agreed");
  });

  test("the worker confirms once, with all that is wanted of them", async () => {
    await phones.fresh();
    await phones.enter("/inquiries", LIN);
    const link = page().getByRole("link", { name: "查看并一并授权" }).first();
    for (let n = 0; n < 60 && !(await link.count()); n += 1) {
      await phones.turn("/me");
      await phones.turn("/inquiries");
      await phones.settle();
    }
    await picture("promise-09-to-confirm");
    await link.tap();
    await see("请您本人确认");
    await see(`${FIRM}申请将您的服务单位变更为该单位`);
    await picture("promise-10-confirm-with-consents");
    await phones.check("confirming");
    const left = page().locator("[role=checkbox][aria-checked=false]");
    while (await left.count()) await left.first().tap(); // each sensitive thing by itself
    await page().locator(".decide .van-button--primary").tap();
    await phones.logIn(LIN);
    await page().locator(".hero-mark.good").waitFor();
    await picture("promise-11-confirmed");
    await phones.turn("/inquiries");
    await see("您已同意");
  });

  test("nothing unforeseen was said or asked for", () => {
    assert.deepEqual(phones.faults, []);
    assert.deepEqual(phones.elsewhere, []);
  });
});
