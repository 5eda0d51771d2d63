/** Rules of automatic decisions: each kind with its members, as the node reads them (`materials.automatic.rules`). */

import { pick } from "../words.ts";
import { named } from "./conditions.ts";
import { rowsOf, text, texts, type Offer } from "./form.ts";
import { isHeld, valueAt, type Held, type Json } from "./json.ts";
import { ROUTES } from "./routes.ts";

export type Member = "by" | "role" | "fields" | "field" | "left" | "op" | "right" | "value" | "question" | "type" | "is";

export interface TestKind {
  readonly kind: string;
  readonly zh: string;
  readonly en: string;
  readonly means: readonly [zh: string, en: string];
  readonly members: readonly Member[];
}

export const TESTS: readonly TestKind[] = [
  { kind: "supplied", zh: "材料来源", en: "Supplied", means: ["必要材料都以所选途径取得", "Every required material came by one of these routes"], members: ["by"] },
  { kind: "review", zh: "审查通过", en: "Review", means: ["审查要点都通过，没有存疑", "Every check point passes, and none is unclear"], members: [] },
  { kind: "confirmed", zh: "本人已确认", en: "Confirmed", means: ["此角色的每个人都在手机上确认", "Everybody of this role said yes on their phone"], members: ["role"] },
  { kind: "sourced", zh: "字段有来源", en: "Sourced", means: ["这些字段都由数据源填写，不是申报，也不矛盾", "A source filled these fields; nobody stated otherwise"], members: ["fields"] },
  { kind: "compare", zh: "两字段比较", en: "Two fields", means: ["两个同类型的字段互相比较", "Two fields of one kind beside each other"], members: ["left", "op", "right"] },
  { kind: "value", zh: "字段与固定值", en: "A field and a value", means: ["字段与固定值比较", "A field beside what is fixed"], members: ["field", "op", "value"] },
  { kind: "check", zh: "数据源核验", en: "A source's answer", means: ["数据源对此问题的回答", "What a source answers to the question"], members: ["question", "type", "is"] },
];
export const testOf = (kind: string): TestKind | undefined => TESTS.find((each) => each.kind === kind);

const NAMES: Readonly<Record<Member, readonly [string, string]>> = {
  by: ["取得途径", "Routes"], role: ["角色", "Role"], fields: ["表单字段", "Fields of the form"], field: ["表单字段", "Field of the form"],
  left: ["左边", "Left"], op: ["比较", "Compared"], right: ["右边", "Right"], value: ["固定值", "Value"], question: ["核验问题", "Question"], type: ["所核验的材料", "Material it is about"], is: ["回答须为", "The answer must be"],
};
export const testMember = (name: Member): string => pick(...NAMES[name]);

const OPS: readonly (readonly [op: string, zh: string, en: string])[] = [
  ["equal", "等于", "Equals"], ["differs", "不同于", "Differs from"], ["at-least", "不少于", "At least"], ["at-most", "不超过", "At most"], ["one-of", "为其中之一", "One of"], ["contains", "含其中任一", "Contains one of"],
];
const SEVERAL: readonly string[] = ["one-of", "contains"];
/** Whether what is fixed is several words, not one. */
export const isSeveral = (op: string): boolean => SEVERAL.includes(op);
/** Comparisons of a kind of rule: two fields may differ, a field and a value may be one of several. */
export const ops = (kind: string): Offer[] => OPS.filter(([op]) => (kind === "value" ? op !== "differs" : !isSeveral(op))).map(([value, zh, en]) => ({ value, text: pick(zh, en) }));

/** Routes by which nobody has to believe the applicant. */
export const routes = (): Offer[] => ROUTES.filter(({ code }) => code !== "upload").map(({ code: value, zh, en }) => ({ value, text: pick(zh, en) }));
export const formFields = (held: Held): Offer[] => rowsOf(held["fields"]).map((row) => ({ value: text(valueAt(row, ["code"])), text: named(row) || text(valueAt(row, ["code"])) }));
export const demandedTypes = (held: Held): string[] => [...new Set(rowsOf(held["demands"]).map((each) => text(valueAt(each, ["type_code"]))))];
const kindOfField = (held: Held, code: string): Json | undefined => valueAt(rowsOf(held["fields"]).find((row) => valueAt(row, ["code"]) === code), ["kind"]);
/** Fields that a field can be compared with. */
export const likeField = (held: Held, code: string): Offer[] => formFields(held).filter(({ value }) => value !== code && kindOfField(held, value) === kindOfField(held, code));

const roleCodes = (held: Held): string[] => Object.keys(isHeld(held["roles"]) ? held["roles"] : {});

/** A rule of another kind, as it begins; members that both have stay. */
export function testAs(kind: string, was: Json | undefined, held: Held): Held {
  const first = formFields(held)[0]?.value ?? "";
  const begins: Readonly<Record<Member, Json>> = {
    by: ["licence", "check", "reuse"], role: roleCodes(held)[0] ?? "", fields: [], field: first, left: first, op: "equal", right: likeField(held, first)[0]?.value ?? "", value: "",
    question: "", type: demandedTypes(held)[0] ?? "", is: "yes",
  };
  const op = text(valueAt(was, ["op"]));
  const kept = (name: Member): Json | undefined => (name === "op" && !ops(kind).some(({ value }) => value === op) ? undefined : valueAt(was, [name]));
  return { kind, ...Object.fromEntries((testOf(kind)?.members ?? []).map((name) => [name, kept(name) ?? begins[name]])) };
}

/** The same rule with another comparison; what is fixed becomes one word, or several. */
export function compared(was: Held, op: string): Held {
  const { value } = was;
  if (value === undefined || isSeveral(op) === Array.isArray(value)) return { ...was, op };
  return { ...was, op, value: isSeveral(op) ? (value === "" ? [] : [value]) : (texts(value)[0] ?? "") };
}

/** What an item that is to be decided without a person begins with. */
export const BEGUN: Held = {
  wait_days: 5,
  shown: [],
  rules: [
    { code: "supplied", zh: "材料均由证照、核验或复用取得", en: "Every material comes from a licence, a source or the vault", rule: { kind: "supplied", by: ["licence", "check", "reuse"] } },
    { code: "reviewed", zh: "审查要点全部通过", en: "Every check point passes", rule: { kind: "review" } },
  ],
};
