/** Conditions over the answers of a questionnaire, as the node reads them (`materials.catalogue.conditions`). */

import { pick } from "../words.ts";
import { rowsOf, text } from "./form.ts";
import { isHeld, valueAt, type Held, type Json } from "./json.ts";

export type Answers = Readonly<Record<string, string>>;
export type Shape = "always" | "is" | "all" | "any" | "not";

export const shapeOf = (when: Json | undefined): Shape => (!isHeld(when) ? "always" : "all" in when ? "all" : "any" in when ? "any" : "not" in when ? "not" : "is");

/** Whether a condition holds; what nobody answered has no answer. */
export function holds(when: Json | undefined, answers: Answers): boolean {
  if (!isHeld(when)) return true;
  if ("all" in when) return rowsOf(when["all"]).every((each) => holds(each, answers));
  if ("any" in when) return rowsOf(when["any"]).some((each) => holds(each, answers));
  if ("not" in when) return !holds(when["not"], answers);
  return answers[text(when["q"])] === when["is"];
}

/** A question, or an answer of it, by what people read. */
export const named = (row: Json | undefined): string => pick(text(valueAt(row, ["zh"])), text(valueAt(row, ["en"])));
export const rowOf = (rows: Json | undefined, code: string): Json | undefined => rowsOf(rows).find((each) => valueAt(each, ["code"]) === code);

/** A condition in words; empty where it always holds. */
export function said(when: Json | undefined, held: Held): string {
  if (!isHeld(when)) return "";
  const parts = (list: Json | undefined, joint: string): string => rowsOf(list).map((each) => (["all", "any"].includes(shapeOf(each)) ? `(${said(each, held)})` : said(each, held))).join(joint);
  if ("all" in when) return parts(when["all"], pick(" 且 ", " and "));
  if ("any" in when) return parts(when["any"], pick(" 或 ", " or "));
  if ("not" in when) return pick(`不是(${said(when["not"], held)})`, `not (${said(when["not"], held)})`);
  const question = rowOf(held["questions"], text(when["q"]));
  const answer = rowOf(valueAt(question, ["choices"]), text(when["is"]));
  return `${named(question) || text(when["q"])} = ${named(answer) || text(when["is"])}`;
}

export interface Walk {
  /** As far as it was answered, and the next one. */
  readonly asked: readonly Held[];
  readonly answers: Answers;
  /** Nothing is left to ask. */
  readonly isDone: boolean;
  readonly scenario: Held | null;
}

/** What an applicant is asked, one question after another, with the answers given so far. */
export function walk(held: Held, given: Answers): Walk {
  const answers: Record<string, string> = {};
  const asked: Held[] = [];
  let isDone = true;
  for (const question of rowsOf(held["questions"]).filter(isHeld)) {
    if (!holds(question["when"], answers)) continue;
    asked.push(question);
    const answer = given[text(question["code"])];
    if (answer === undefined || !rowOf(question["choices"], answer)) {
      isDone = false;
      break;
    }
    answers[text(question["code"])] = answer;
  }
  const scenario = isDone ? (rowsOf(held["scenarios"]).filter(isHeld).find((each) => holds(each["when"], answers)) ?? null) : null;
  return { asked, answers, isDone, scenario };
}

/** What is written for a new condition of a shape. */
export function ofShape(shape: Shape, first: Json, before: Json | undefined): Json | undefined {
  const inner = shapeOf(before) === "is" ? (before as Json) : first;
  const parts = isHeld(before) ? (before["all"] ?? before["any"]) : undefined;
  return { always: undefined, is: inner, all: { all: parts ?? [inner] }, any: { any: parts ?? [inner] }, not: { not: before ?? first } }[shape];
}
