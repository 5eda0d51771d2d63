/** Rules of check points: each kind with its members, as the node reads them (`materials.review.rules`). */

import { pick } from "../words.ts";

/** What a member holds: a source of values, several, a licence or material as a whole, … */
export type Holds = "source" | "sources" | "thing" | "paper" | "side" | "number" | "ratio" | "words" | "text";

export interface Member {
  readonly name: string;
  readonly holds: Holds;
  readonly isOptional?: boolean;
  readonly zh?: string;
  readonly en?: string;
}
export interface RuleKind {
  readonly kind: string;
  readonly zh: string;
  readonly en: string;
  readonly means: readonly [zh: string, en: string];
  readonly members: readonly Member[];
}

const left: Member = { name: "left", holds: "source" };
const right: Member = { name: "right", holds: "source" };
const of = (holds: Holds): Member => ({ name: "of", holds });
const either: readonly Member[] = [left, { ...right, isOptional: true }, { name: "value", holds: "number", isOptional: true, zh: "或固定值", en: "Or a fixed value" }];
const share: Member = { name: "value", holds: "ratio", zh: "比例（如 2/3）", en: "Share, as 2/3" };

export const RULES: readonly RuleKind[] = [
  { kind: "equal", zh: "一致", en: "Equal", means: ["左边的每个值都在右边的值之中", "Each value on the left is among those on the right"], members: [left, right] },
  { kind: "equal-all", zh: "全部一致", en: "All equal", means: ["各来源的值都相同", "They all say the same"], members: [of("sources")] },
  { kind: "differs", zh: "不相同", en: "Differs", means: ["左边的值都不在右边", "No value on the left is on the right"], members: [left, right] },
  { kind: "present", zh: "已填写", en: "Present", means: ["每个来源都有值", "Each of them has a value"], members: [of("sources")] },
  { kind: "contains-any", zh: "含任一词", en: "Contains any", means: ["文字里有其中任一词", "One of the words is in it"], members: [of("source"), { name: "any", holds: "words" }] },
  { kind: "contains-all", zh: "含全部词", en: "Contains all", means: ["文字里每样都有", "Each of the words is in it"], members: [of("source"), { name: "all", holds: "words" }] },
  { kind: "at-least", zh: "不少于", en: "At least", means: ["左边不小于右边或固定值（只填一个）", "Left is not less than right or the fixed value: one of the two"], members: either },
  { kind: "at-most", zh: "不超过", en: "At most", means: ["左边不大于右边或固定值（只填一个）", "Left is not more than right or the fixed value: one of the two"], members: either },
  { kind: "months-between", zh: "相隔月数", en: "Months between", means: ["首日到末日的整月数在两数之间", "Whole months from the first day to the last"], members: [left, right, { name: "least", holds: "number" }, { name: "most", holds: "number" }] },
  { kind: "before", zh: "先后", en: "Before", means: ["左边的日期不晚于右边", "The left day is not after the right one"], members: [left, right] },
  { kind: "within-days", zh: "若干日内", en: "Within days", means: ["右边的日期在左边之后若干日内", "The right day is at most so many days after the left one"], members: [left, right, { name: "value", holds: "number", zh: "天数", en: "Days" }] },
  { kind: "ratio-at-least", zh: "比例不低于", en: "Share at least", means: ["左边占右边不低于此比例", "Left is at least this share of right"], members: [left, right, share] },
  { kind: "ratio-above", zh: "比例超过", en: "Share above", means: ["左边占右边超过此比例", "Left is more than this share of right"], members: [left, right, share] },
  { kind: "sum", zh: "合计", en: "Sum", means: ["各项相加等于此数", "Amounts add up"], members: [of("source"), { name: "equals", holds: "source" }] },
  { kind: "formula", zh: "算式", en: "Formula", means: ["等于算式的结果", "It is what the formula comes to"], members: [of("source"), { name: "formula", holds: "text" }] },
  { kind: "in-time", zh: "在有效期内", en: "In time", means: ["证照或材料正在有效期内", "A licence or material that is in its time"], members: [of("thing")] },
  { kind: "status", zh: "证照状态", en: "Status", means: ["证照状态为此代码", "A licence's status"], members: [of("thing"), { name: "equals", holds: "text", zh: "状态代码（01 正常）", en: "Status (01 is in force)" }] },
  { kind: "sealed", zh: "已盖章", en: "Sealed", means: ["有此方的有效电子印章", "An electronic seal of theirs is on it, and holds"], members: [of("paper"), { name: "by", holds: "side" }] },
  { kind: "signed", zh: "已签名", en: "Signed", means: ["由此人在此处签名", "Signed by them, at the place"], members: [of("paper"), { name: "by", holds: "source", isOptional: true }, { name: "at", holds: "source", isOptional: true }, { name: "side", holds: "side", isOptional: true }] },
  { kind: "legible", zh: "清晰可读", en: "Legible", means: ["每一页都能读", "Every page can be read"], members: [of("paper")] },
  { kind: "base-version", zh: "针对现行版本", en: "Amends what stands", means: ["修改的是同一企业的现行版本", "It amends the version that is current"], members: [of("paper"), { name: "base", holds: "paper" }] },
];
export const ruleOf = (kind: string): RuleKind | undefined => RULES.find((each) => each.kind === kind);

const NAMES: Readonly<Record<string, readonly [string, string]>> = {
  left: ["左边", "Left"],
  right: ["右边", "Right"],
  of: ["看什么", "Of"],
  any: ["词", "Words"],
  all: ["词", "Words"],
  least: ["最少", "Least"],
  most: ["最多", "Most"],
  equals: ["等于", "Equals"],
  formula: ["算式", "Formula"],
  by: ["由谁", "By"],
  at: ["签名处", "At"],
  side: ["代表哪一方", "For which side"],
  base: ["现行文件", "What it amends"],
};
export function memberName({ name, zh, en }: Member): string {
  const [chinese, english] = NAMES[name] ?? [name, name];
  return pick(zh ?? chinese, en ?? english);
}
