/** What the page says about a report. */

import { licenceTexts } from "../src/licences.ts";
import { advice as adviceOf, limitLines, readable, readableTime, verdictSentence, verdictTitle } from "../src/sentences.ts";
import { type Language, texts } from "../src/texts.ts";
import { type Step, type StepName, STEPS } from "../src/steps.ts";
import type { FactName, Limit, View } from "../src/view.ts";
import { element, icon } from "./dom.ts";
import type { Digests } from "./protocol.ts";
import { SEALS, words } from "./words.ts";

/** Codes and digests: set in a fixed width, broken anywhere. */
const CODES: readonly FactName[] = [
  "sha256", "sm3", "originalSha256", "originalSm3", "blockHash", "use", "grant", "material", "object",
  "licenceId", "copy", "log", "above", "login",
];
/** Which limit explains why a step is not green, the first that applies. */
const BECAUSE: Readonly<Partial<Record<StepName, readonly Limit[]>>> = {
  leaf: ["mute"],
  record: ["mute"],
  document: ["no-document"],
  checkpoint: ["trust-unknown"],
  superiors: ["trust-unknown"],
  witnesses: ["trust-unknown", "no-witnesses"],
  promise: ["promised"],
  chain: ["no-anchor", "trust-unknown", "chain-untrusted"],
  finality: ["no-anchor", "trust-unknown", "chain-untrusted", "finality"],
  signature: ["consent-not-shown", "decision-not-shown", "trust-unknown", "consent-untrusted", "withdrawal-not-shown"],
  enrolment: ["consent-not-shown", "decision-not-shown", "trust-unknown", "consent-untrusted"],
  delegation: ["consent-not-shown", "decision-not-shown", "trust-unknown", "consent-untrusted"],
  enforcement: ["consent-not-shown", "not-counted"],
};

/** The fifteen steps before anything was chosen. */
export function preview(language: Language): HTMLElement {
  const rows = STEPS.map((name, i) => {
    const { name: title, holds } = texts[language].steps[name];
    return stepRow(i + 1, "unreached", title, "", element("p", "step-note", holds));
  });
  return element(
    "div",
    "card",
    element("h2", "", words[language].plan),
    element("p", "hint", words[language].planLead),
    element("ol", "steps preview", ...rows),
  );
}

/** A document alone: its digests, and what is missing to verify it. */
export function digestsAlone({ size, sha256, sm3 }: Digests, language: Language): HTMLElement {
  const text = words[language];
  const list = element("dl", "facts");
  const bytes = `${size.toLocaleString(language)} ${text.bytes}`;
  for (const [name, value] of [["SHA-256", sha256], ["SM3", sm3], [text.size, bytes]] as const) {
    list.append(element("dt", "", name), element("dd", name === text.size ? "" : "code", value));
  }
  return element(
    "div",
    "card",
    element("h2", "", text.alone),
    element("p", "hint", text.aloneLead),
    list,
  );
}

/** Everything there is to say about a report. */
export function report(view: View, milliseconds: number, language: Language): HTMLElement {
  const held = words[language];
  const print = element("button", "quiet", held.print);
  print.type = "button";
  print.addEventListener("click", () => window.print());
  const took = element("p", "hint", held.took(milliseconds.toFixed(1)));
  return element(
    "div",
    "report",
    verdictCard(view, language),
    view.facts.length + view.records.length > 0 ? factsCard(view, language) : null,
    view.failed === null ? limitsCard(view, language) : null,
    stepsCard(view, language),
    element("div", "after", took, print),
  );
}

/** Colour of a verdict; the words carry the meaning too. */
function toneOf(view: View): string {
  if (view.verdict === "failed") return "bad";
  if (view.verdict === "proven") return "good";
  return view.verdict === "logged" ? "fair" : "open";
}

function verdictCard(view: View, language: Language): HTMLElement {
  const seal = element("span", "seal", SEALS[view.verdict]);
  seal.setAttribute("aria-hidden", "true");
  const said = element(
    "div",
    "said",
    element("h2", "verdict", verdictTitle(view, language)),
    element("p", "sentence", verdictSentence(view, language)),
  );
  return element("div", `card verdict-card ${toneOf(view)}`, element("div", "verdict-head", seal, said), advice(view, language));
}

/** What a failure means and what to do. */
function advice(view: View, language: Language): HTMLElement | null {
  const said = adviceOf(view, language);
  if (said === null) return null;
  const held = words[language];
  return element(
    "dl",
    "advice",
    element("dt", "", held.means),
    element("dd", "", said.means),
    element("dt", "", held.act),
    element("dd", "", said.act),
  );
}

function factsCard(view: View, language: Language): HTMLElement {
  const text = texts[language];
  const list = element("dl", "facts");
  for (const { name, value } of view.facts) {
    const isCode = CODES.includes(name);
    list.append(element("dt", "", text.facts[name]), element("dd", isCode ? "code" : "", valueOf(name, value, language)));
  }
  const records = view.records.map(({ type, time }) =>
    element(
      "li",
      "",
      element("span", "", type === null ? words[language].erased : (text.records[type] ?? type)),
      time === null ? null : element("time", "", readableTime(time, language)),
    ),
  );
  return element(
    "div",
    `card ${view.standing}`,
    element("h2", "", text.standings[view.standing]),
    records.length === 0 ? null : element("ol", "records", ...records),
    list,
  );
}

function valueOf(name: FactName, value: string, language: Language): string {
  if (name === "size") return `${Number(value).toLocaleString(language)} ${words[language].bytes}`;
  return readable(name, value, language);
}

function limitsCard(view: View, language: Language): HTMLElement {
  const rows = limitLines(view, language).map((line) => element("li", "", line));
  return element("div", "card limits", element("h2", "", words[language].limits), element("ul", "", ...rows));
}

function stepsCard(view: View, language: Language): HTMLElement {
  const rows = view.steps.map((step) => {
    const title = texts[language].steps[step.name].name;
    return stepRow(step.number, step.status, title, texts[language].statuses[step.status], ...notes(step, view, language));
  });
  return element("div", "card", element("h2", "", words[language].steps), element("ol", "steps", ...rows));
}

function notes(step: Step, view: View, language: Language): HTMLElement[] {
  const text = texts[language].steps[step.name];
  if (step.status === "ok") {
    const isTold = step.name === "document" && view.documentIs !== null;
    const told = isTold ? element("p", "step-note", licenceTexts[language].documents[view.documentIs]) : null;
    return [element("p", "step-note", text.holds), ...(told === null ? [] : [told])];
  }
  if (step.status === "unreached") return [];
  if (step.status === "failed") {
    const detail = element("p", "step-note detail", `${words[language].detail}: ${step.reason ?? ""}`);
    return [element("p", "step-note", adviceOf(view, language)?.means ?? text.means), detail];
  }
  const because = BECAUSE[step.name]?.find((limit) => view.limits.includes(limit));
  return [element("p", "step-note", because === undefined ? words[language].skipped : texts[language].limits[because])];
}

function stepRow(number: number, status: Step["status"], title: string, said: string, ...rest: HTMLElement[]): HTMLElement {
  const mark = element("span", "mark", icon(status));
  const head = element(
    "p",
    "step-head",
    element("span", "step-number", String(number)),
    element("span", "step-name", title),
    said === "" ? null : element("span", "step-status", said),
  );
  const row = element("li", status, mark, element("div", "step-body", head, ...rest));
  return row;
}
