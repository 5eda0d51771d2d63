/** Where in a definition that is what the node refuses, by what its answer names. Pure. */

import { rowsOf, text, texts } from "./form.ts";
import { isHeld, placeAt, placeOf, valueAt, type Held, type Json, type Place } from "./json.ts";

type Fields = Readonly<Record<string, unknown>>;

/** Lists whose rows the node names by their code, the innermost first. */
const LISTS: readonly (readonly [field: string, list: string, member: string])[] = [
  ["field", "fields", "code"],
  ["field", "fields", "name"],
  ["question", "questions", "code"],
  ["scenario", "scenarios", "code"],
  ["type", "demands", "type_code"],
];

/** Places that what is wrong is about, wherever it stands. */
const PLACES: readonly (readonly [RegExp, Place])[] = [
  [/^pattern of case numbers$/, ["case_number"]],
  [/^limits$/, ["limits", "promised"]],
  [/^automatic: wait_days$/, ["automatic", "wait_days"]],
  [/^automatic: unknown field$/, ["automatic", "shown"]],
  [/^automatic: (who confirms|what is asked)/, ["automatic", "confirm"]],
  [/^automatic: nobody who applied/, ["automatic", "rules"]],
  [/^automatic: result|^no such field of the licence$/, ["automatic", "result"]],
  [/^automatic: /, ["automatic"]],
  [/^holder kinds$/, ["holder_kinds"]],
  [/^joint consent of one holder$/, ["joint_consent"]],
  [/^years$/, ["validity", "years"]],
];
const placed = (problem: string): Place | null => PLACES.find(([each]) => each.test(problem))?.[1] ?? null;

/** The place that the fields of an answer name; null where they name none that is there. */
function named(held: Held | null, fields: Fields, typed: string): Place | null {
  for (const [name, list, member] of LISTS) {
    const rows = held?.[list];
    if (fields[name] === undefined || !Array.isArray(rows)) continue;
    const n = (rows as readonly Json[]).findIndex((each) => valueAt(each, [member]) === fields[name]);
    if (n >= 0) return [list, n, ...(/^(unknown role|whose)$/.test(String(fields["problem"])) ? ["whose"] : within(held, [list, n], Number(fields["line"]), typed))];
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

/** Which rule of the automatic decision is meant: its code, or what of it is empty. */
function decided(held: Held | null, code: unknown, problem: string): Place | null {
  const at: Place = ["automatic", "rules"];
  const rows = rowsOf(valueAt(held ?? undefined, at));
  const codes = texts(rows.map((row) => valueAt(row, ["code"]) ?? null));
  if (/^rules: /.test(problem)) {
    const again = codes.findIndex((each, n) => codes.indexOf(each) < n);
    return again < 0 ? at : [...at, again, "code"];
  }
  const n = typeof code === "string" && /^(members or code|words of a rule|kind|names what is not there)$/.test(problem) ? codes.indexOf(code) : -1;
  if (n < 0) return null;
  if (problem === "members or code") return [...at, n, "code"];
  if (problem === "words of a rule") return [...at, n, text(valueAt(rows[n], ["zh"])).trim() === "" ? "zh" : "en"];
  const rule = valueAt(rows[n], ["rule"]);
  const empty = Object.entries(isHeld(rule) ? rule : {}).find(([, value]) => value === "" || (Array.isArray(value) && value.length === 0));
  return [...at, n, "rule", ...(empty ? [empty[0]] : [])];
}

/** Which role is meant, or which code of a type of licence. */
function listed(held: Held | null, { role, type_code: code, problem }: Fields): Place | null {
  const names = typeof role === "string" ? rowsOf(valueAt(held?.["roles"], [role])) : [];
  if (typeof role === "string" && isHeld(held?.["roles"]) && held["roles"][role] !== undefined) {
    const empty = problem === "names of a role" ? names.findIndex((each) => text(each).trim() === "") : -1;
    return ["roles", role, ...(empty < 0 ? [] : [empty])];
  }
  const n = typeof code === "string" ? texts(held?.["type_codes"]).lastIndexOf(code) : -1;
  return n < 0 ? null : ["type_codes", n];
}

/** The part of a row in which the line is, where it is in that row. */
function within(held: Held | null, row: Place, line: number, typed: string): Place {
  const at = held ? placeOf(typed, line) : [];
  return row.every((each, n) => at[n] === each) ? at.slice(row.length) : [];
}

/** The place of a definition that a refusal is about; null where it names none. */
export function placeIn(held: Held | null, fields: Fields, typed: string): Place | null {
  const problem = String(fields["problem"]);
  if (typeof fields["path"] === "string") return placeAt(typed, fields["path"]);
  return placed(problem) ?? listed(held, fields) ?? coded(held, problem) ?? decided(held, fields["rule"], problem) ?? ruled(held, fields["rule"], problem) ?? named(held, fields, typed);
}
