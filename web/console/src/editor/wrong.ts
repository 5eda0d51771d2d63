/** What the node finds wrong in a definition: in which line, at which place, in words. */

import { Problem } from "../../../shared/exchange.ts";
import { pick } from "../words.ts";
import { lineOf, parsed, placeOf, type Place } from "./json.ts";
import { placeIn } from "./places.ts";

export interface Wrong {
  readonly line: number;
  readonly place: Place;
  readonly words: string;
}

/** What the node says in English only, or in general words (`materials.editing.words`). */
const SAID: readonly (readonly [RegExp, string])[] = [
  [/^spelling of a code$/, "编码须以小写字母开头，只含小写字母、数字、- 和 _"],
  [/^computed, and what by$/, "来源含“计算”时须写算式，反之亦然"],
  [/^computed from (.+)$/, "算式引用了其后的或非数字的字段 $1"],
  [/^choices$/, "选项为空或重复"],
  [/^asked later: a circle, or unknown$/, "条件只能用前面的问题"],
  [/^its answers$/, "预设回答与问卷不符"],
  [/^its answers lead elsewhere$/, "预设回答会进入另一情形"],
  [/^route (\S+) and what it needs$/, "途径与其所需内容不一致"],
  [/^no rule of commitment$/, "有告知承诺的材料，但没有承诺规则"],
  [/^a letter nobody could sign$/, "承诺书在部分情形下无人签署"],
  [/^form$/, "写法不对"],
  [/^unknown$/, "没有这一项"],
  [/^the form has no (.+)$/, "表单没有字段 $1"],
  [/^nobody asks (.+)$/, "问卷没有问题 $1"],
  [/^nobody reads (.+)$/, "无法从材料读取 $1"],
  [/^(\S+) is not demanded$/, "材料清单没有 $1"],
  [/^no words$/, "没有要找的词"],
  [/^bounds$/, "下限大于上限"],
  [/^share$/, "比例须大于 0、不超过 1"],
  [/^a number$/, "须为数字"],
  [/^too few, or one twice$/, "太少，或有重复"],
];

function said(problem: string, chinese: string): string {
  const found = SAID.find(([each]) => each.test(problem));
  return pick(found ? problem.replace(found[0], found[1]) : chinese || problem, problem);
}

/** What a refusal says of a text; null where it is none of this kind. */
export function wrongOf(error: unknown, typed: string): Wrong | null {
  if (!(error instanceof Problem) || error.code !== "definition-invalid") return null;
  const { line, problem = "", problem_zh: chinese = "", ...more } = error.fields as Record<string, string | number>;
  const held = parsed(typed);
  const told = Object.entries(more).filter(([, value]) => value !== "").map(([name, value]) => (name === "word" ? String(value) : `${name}: ${value}`));
  const words = [said(String(problem), String(chinese)), ...told].filter(Boolean).join(" · ");
  const place = placeIn(held, error.fields, typed) ?? (held ? placeOf(typed, Number(line ?? 1)) : []);
  return { line: Number(line) > 1 || !held ? Number(line ?? 1) : lineOf(typed, place), place, words };
}
