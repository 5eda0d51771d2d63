/** What the node finds wrong in a definition: in which line, at which place, in words. */

import { Problem } from "../../../shared/exchange.ts";
import { pick } from "../words.ts";
import { rowsOf, text, texts } from "./form.ts";
import { isHeld, lineOf, parsed, placeOf, valueAt, type Held, type Json, type Place } from "./json.ts";

export interface Wrong {
  readonly line: number;
  readonly place: Place;
  readonly words: string;
}

/** Lists whose rows the node names by their code, the innermost first. */
const LISTS: readonly (readonly [field: string, list: string, member: string])[] = [
  ["field", "fields", "code"],
  ["field", "fields", "name"],
  ["question", "questions", "code"],
  ["scenario", "scenarios", "code"],
  ["type", "demands", "type_code"],
];

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

/** The place that the fields of an answer name; null where they name none that is there. */
function named(held: Held | null, fields: Readonly<Record<string, unknown>>, typed: string): Place | null {
  for (const [name, list, member] of LISTS) {
    const rows = held?.[list];
    if (fields[name] === undefined || !Array.isArray(rows)) continue;
    const n = (rows as readonly Json[]).findIndex((each) => valueAt(each, [member]) === fields[name]);
    if (n >= 0) return [list, n, ...within(held, [list, n], Number(fields["line"]), typed)];
  }
  const { member } = fields;
  return typeof member === "string" && held?.[member] !== undefined ? [member] : null;
}

const CODED = ["questions", "scenarios", "fields", "check_points"] as const;

/** Where a code is spelt wrong, or is there twice: of that the node says no more. */
function coded(held: Held | null, problem: string): Place | null {
  const isWrong: ((code: string, n: number, all: readonly string[]) => boolean) | null =
    problem === "spelling of a code" ? (code) => !/^[a-z][a-z0-9_-]{0,40}$/.test(code) : problem === "a code is there twice" ? (code, n, all) => all.indexOf(code) < n : null;
  if (!isWrong) return null;
  for (const list of CODED) {
    const n = texts(rowsOf(held?.[list]).map((each) => valueAt(each, ["code"]) ?? null)).findIndex(isWrong);
    if (n >= 0) return [list, n, "code"];
  }
  return null;
}

/** Which check point's rule is meant: one of the kind that names the word, or has something empty. */
function ruled(held: Held | null, kind: unknown, problem: string): Place | null {
  if (typeof kind !== "string") return null;
  const found = /(?:has no|asks|reads|role) (\S+)$|^(\S+) is not demanded$/.exec(problem);
  const word = found?.[1] ?? found?.[2];
  const spots: Place[] = [];
  let first: Place | null = null;
  rowsOf(held?.["check_points"]).forEach((row, n) => {
    const rule = valueAt(row, ["rule"]);
    if (!isHeld(rule) || rule["kind"] !== kind) return;
    first ??= ["check_points", n, "rule"];
    for (const [member, value] of Object.entries(rule)) {
      const [all, isList] = Array.isArray(value) ? [texts(value), true] : [[text(value)], false];
      const at = all.findIndex((each) => (word === undefined ? each === "" : each.includes(word)));
      if (at >= 0) spots.push(["check_points", n, "rule", member, ...(isList ? [at] : [])]);
    }
  });
  return spots[0] ?? first;
}

/** The part of a row in which the line is, where it is in that row. */
function within(held: Held | null, row: Place, line: number, typed: string): Place {
  const at = held ? placeOf(typed, line) : [];
  return row.every((each, n) => at[n] === each) ? at.slice(row.length) : [];
}

/** What a refusal says of a text; null where it is none of this kind. */
export function wrongOf(error: unknown, typed: string): Wrong | null {
  if (!(error instanceof Problem) || error.code !== "definition-invalid") return null;
  const { line, problem = "", problem_zh: chinese = "", ...more } = error.fields as Record<string, string | number>;
  const held = parsed(typed);
  const told = Object.entries(more).filter(([, value]) => value !== "").map(([name, value]) => (name === "word" ? String(value) : `${name}: ${value}`));
  const words = [said(String(problem), String(chinese)), ...told].filter(Boolean).join(" · ");
  const place = coded(held, String(problem)) ?? ruled(held, error.fields["rule"], String(problem)) ?? named(held, error.fields, typed) ?? (held ? placeOf(typed, Number(line ?? 1)) : []);
  return { line: Number(line) > 1 || !held ? Number(line ?? 1) : lineOf(typed, place), place, words };
}
