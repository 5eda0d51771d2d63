/** Values that definitions may hold, and what a definition offers for them. */

import { pick } from "../words.ts";
import { rowsOf, text, type Known, type Offer } from "./form.ts";
import { isHeld, valueAt, type Held, type Json } from "./json.ts";

type Pair = readonly [zh: string, en: string];
const offers = (held: Readonly<Record<string, Pair>>) => (): Offer[] => Object.entries(held).map(([value, [zh, en]]) => ({ value, text: pick(zh, en) }));

export const needs = offers({ required: ["必要", "Required"], optional: ["可选", "Optional"] });
export const applicants = offers({ person: ["个人", "People"], organisation: ["单位", "Organisations"] });
export const fieldKinds = offers({
  text: ["文字", "Text"], code: ["代码", "Code"], date: ["日期", "Date"], number: ["数字", "Number"], money: ["金额", "Money"], address: ["地址", "Address"], choice: ["选项", "Choice"], list: ["列表", "List"],
});
export const shareClasses = offers({ O: ["无条件共享", "Shared"], C: ["有条件共享", "Shared on conditions"], D: ["不予共享", "Not shared"] });
export const levels = (): Offer[] => ["1", "2", "3", "4"].map((value) => ({ value, text: pick(`${value} 级`, `Level ${value}`) }));
export const materialValidity = offers({
  live: ["以登记为准", "As the register says"], until_valid_to: ["至有效期截止", "Until its last day"], until_superseded: ["至被替代", "Until superseded"], permanent: ["长期", "For good"],
  months: ["若干月", "Some months"], days: ["若干天", "Some days"], year: ["当年", "This year"], one_case: ["仅限一次办件", "One case"],
});
export const sames = offers({
  premises: ["同一场所", "The same premises"], vehicle: ["同一车辆", "The same vehicle"], project: ["同一项目", "The same project"], case: ["同一办件", "The same case"],
  representative: ["同一代表人", "The same representative"], base_version: ["同一版本", "The same version"],
});
export const licenceValidity = offers({ live: ["以登记为准", "As the register says"], permanent: ["长期", "For good"], dated: ["至任一日期", "Until any day"], years: ["固定年数", "A number of years"], up_to_years: ["不超过年数", "Up to a number of years"] });
export const faceKinds = offers({ text: ["文字", "Text"], date: ["日期", "Date"], number: ["数字", "Number"], person_name: ["姓名", "Name of a person"], id_code: ["证件号码", "Identity code"], address: ["地址", "Address"], list: ["列表", "List"] });
export const masks = offers({ name: ["按姓名", "As a name"], id_code: ["按证件号码", "As an identity code"], address: ["按地址", "As an address"], number: ["按号码", "As a number"] });
export const relatedKinds = offers({ legal_representative: ["法定代表人", "Legal representative"], guardian: ["监护人", "Guardian"] });
export const mutuals = offers({ spouse: ["配偶", "Spouses"], co_owner: ["共有人", "Co-owners"] });
export const templates = offers({ certificate: ["证书", "Certificate"], card: ["卡片", "Card"], composite: ["综合许可", "Composite"] });
export const mediaTypes = offers({
  "application/pdf": ["PDF", "PDF"], "application/ofd": ["OFD", "OFD"], "image/jpeg": ["JPEG", "JPEG"], "image/png": ["PNG", "PNG"], "image/tiff": ["TIFF", "TIFF"], "application/xml": ["XML", "XML"],
  "application/vnd.openxmlformats-officedocument.wordprocessingml.document": ["Word 文档", "Word"], "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet": ["Excel 表格", "Excel"],
  "image/vnd.dwg": ["DWG 图纸", "DWG"], "image/vnd.dxf": ["DXF 图纸", "DXF"],
});

const codes = (rows: Json | undefined): string[] => rowsOf(rows).map((each) => text(valueAt(each, ["code"])));
const demanded = (held: Held): string[] => [...new Set(rowsOf(held["demands"]).map((each) => text(valueAt(each, ["type_code"]))))];
const licences = (held: Held, known: Known): string[] => demanded(held).flatMap((each) => known.materials.get(each)?.licence ?? []);

/** Materials that the item demands, as rules name them. */
export const papers = (held: Held): string[] => demanded(held).map((each) => `material:${each}`);
export const things = (held: Held, known: Known): string[] => [...licences(held, known), ...papers(held)];

/** Where a value may come from, as far as the item and the faces of licences say. */
export function sources(held: Held, known: Known, isRule: boolean): string[] {
  const faces = licences(held, known).flatMap((code) => [...(known.licences.get(code)?.fields ?? []).map(({ name }) => name), "holder_name", "holder_code", "licence_no", "valid_to"].map((each) => `${code}.${each}`));
  const answers = codes(held["questions"]).map((each) => `answer.${each}`);
  if (isRule) return [...codes(held["fields"]).map((each) => `form.${each}`), ...answers, "applicant.name", "applicant.code", "case.accepted_at", ...faces, ...papers(held).map((each) => `${each}.`)];
  return ["applicant", "last_case", "computed", "applicant.name", "applicant.code", ...answers, ...faces, ...papers(held).map((each) => `${each}.`)];
}

/** The item's roles beside the applicant. */
export const roles = (held: Held): Offer[] => Object.entries(isHeld(held["roles"]) ? held["roles"] : {}).map(([value, names]) => ({ value, text: pick(text(valueAt(names, [0])), text(valueAt(names, [1]))) }));
/** Who seals or signs. */
export const sides = (held: Held): Offer[] => [{ value: "applicant", text: pick("申请人", "Applicant") }, ...roles(held)];
/** Whose material is meant. */
export const whose = (held: Held): Offer[] => [
  { value: "applicant", text: pick("申请人", "Applicant") }, { value: "legal_rep", text: pick("法定代表人", "Legal representative") }, { value: "agent", text: pick("代办人", "Agent") },
  ...roles(held).map((each) => ({ value: `each:${each.value}`, text: pick(`每名${each.text}`, `Each: ${each.text}`) })),
];
