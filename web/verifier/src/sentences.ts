/** What a report comes to, in sentences that say no more than its steps do. */

import { isOriginalGiven, licenceTexts } from "./licences.ts";
import type { Step, StepName } from "./steps.ts";
import { type Language, texts } from "./texts.ts";
import { isTime } from "./time.ts";
import type { FactName, View } from "./view.ts";

/** A time of a record as people here read it: Beijing time, to the second. */
export function readableTime(time: string, language: Language): string {
  const shifted = new Date(new Date(time).getTime() + 8 * 3_600_000).toISOString();
  const text = shifted.slice(0, 19).replace("T", " ");
  return language === "zh" ? `${text}（北京时间）` : `${text} (UTC+8)`;
}

/** A fact's value as people read it: codes in words, times of this country; whatever else as it is. */
export function readable(name: FactName, value: string, language: Language): string {
  const { renditions, statuses } = licenceTexts[language];
  switch (name) {
    case "released":
      return renditions[value] ?? value;
    case "status":
      return `${value} ${statuses[value] ?? ""}`.trimEnd();
    case "signedBy":
      return texts[language].signers[value] ?? value;
    case "assurance":
      return texts[language].assurances[value] ?? value;
    case "mode":
      return texts[language].modes[value] ?? value;
    case "anchoredAt":
    case "deadline":
    case "statusAt":
    case "copyFrom":
    case "copyTo":
      return isTime(value) ? readableTime(value, language) : value;
    default:
      return value;
  }
}

/** What a reader might take for proven and is not, in full; nothing where a step failed and nothing is proven. */
export function limitLines(view: View, language: Language): string[] {
  if (view.failed !== null) return [];
  const text = texts[language];
  return [
    ...view.limits.map((limit) => text.limits[limit]),
    ...(view.overdueSince === null ? [] : [text.overdue(readableTime(view.overdueSince, language))]),
    ...view.ignored.map((name) => text.ignored(name)),
  ];
}

/** The verdict in a word or two. */
export function verdictTitle(view: View, language: Language): string {
  if (isOriginalGiven(view)) return licenceTexts[language].originalGiven.title;
  if (view.failed?.name === "document") return language === "zh" ? "文件不符" : "Another document";
  return texts[language].verdicts[view.verdict];
}

/** What a sentence may mention, in the words of its language; empty where there is nothing to say. */
interface Mentions {
  readonly kind: string;
  readonly anchored: string;
  readonly deadline: string;
  /** That the document matched, and what it is. */
  readonly same: string;
  readonly isFinal: boolean;
}

/** The verdict in one sentence that says no more than the steps do. */
export function verdictSentence(view: View, language: Language): string {
  const timeOf = (name: FactName) => {
    const value = view.facts.find((fact) => fact.name === name)?.value;
    return value === undefined ? "" : readableTime(value, language);
  };
  const isOk = (name: StepName) => view.steps.some((step) => step.name === name && step.status === "ok");
  const mentions: Mentions = {
    kind: texts[language].kinds[view.kind ?? ""] ?? "",
    anchored: timeOf("anchoredAt"),
    deadline: timeOf("deadline"),
    same: isOk("document") ? matched(view, language) : "",
    isFinal: isOk("finality"),
  };
  return (language === "zh" ? sentenceZh : sentenceEn)(view, mentions);
}

function matched(view: View, language: Language): string {
  if (view.documentIs !== null) return licenceTexts[language].matches[view.documentIs];
  return language === "zh" ? "，所给文件与记录一致" : ", and the document is the recorded one";
}

/** What a failed step means and what to do about it. */
export function advice(view: View, language: Language): { readonly means: string; readonly act: string } | null {
  if (view.failed === null) return null;
  if (isOriginalGiven(view)) {
    const { means, act } = licenceTexts[language].originalGiven;
    return { means, act };
  }
  const { means, act } = texts[language].steps[view.failed.name];
  const isLicence = view.failed.name === "document" && view.kind === "licence";
  const gap = language === "zh" ? "" : " ";
  return { means, act: isLicence ? act + gap + licenceTexts[language].orCopy : act };
}

function sentenceZh(view: View, { kind, anchored, deadline, same, isFinal }: Mentions): string {
  switch (view.verdict) {
    case "proven":
      return `这条${kind}记录在可信日志中，日志于 ${anchored}锚定到链上${same}${isFinal ? "" : "；区块终局性未证明（开发链）"}。`;
    case "logged":
      return `这条${kind}记录在可信日志中${same}，但没有得到链上锚定的证明。`;
    case "promised":
      return `可信日志承诺在 ${deadline}前记入这条${kind}记录${same}；这还不是证明。`;
    case "mute":
      return muteZh(view);
    case "consistent, trust unknown":
      return `证据包内部自洽${same}，但没有信任文件，不能说明它出自谁。`;
    case "failed":
      return view.failed === null ? "" : failureZh(view, view.failed);
  }
}

function muteZh(view: View): string {
  if (view.limits.includes("promised")) return "有记录已被删除，内容无从证明；还有条目仅有可信日志的承诺。";
  return view.records.some((record) => record.type !== null)
    ? "可信日志中有这些条目，但其中有记录已被删除，那部分内容无从证明。"
    : "可信日志中有这个条目，但记录已被删除，内容无从证明。";
}

function failureZh(view: View, step: Step): string {
  const failed = `第 ${step.number} 步“${texts.zh.steps[step.name].name}”未通过`;
  if (isOriginalGiven(view)) return `${failed}：${licenceTexts.zh.originalGiven.says}`;
  return step.name === "document" ? `${failed}：所给文件不是记录里的那一份。` : `${failed}，这份证据不能采信。`;
}

function sentenceEn(view: View, { kind, anchored, deadline, same, isFinal }: Mentions): string {
  const open = isFinal ? "" : "; chain finality is not proven (development chain)";
  switch (view.verdict) {
    case "proven":
      return `This record (${kind}) is in the trusted log, which was anchored on the chain at ${anchored}${same}${open}.`;
    case "logged":
      return `This record (${kind}) is in the trusted log${same}; no anchor on a chain is proven.`;
    case "promised":
      return `The trusted log promised to take in this record (${kind}) by ${deadline}${same}; that is no proof yet.`;
    case "mute":
      return muteEn(view);
    case "consistent, trust unknown":
      return `The bundle agrees with itself${same}, but without a trust file nothing says whose it is.`;
    case "failed":
      return view.failed === null ? "" : failureEn(view, view.failed);
  }
}

function muteEn(view: View): string {
  if (view.limits.includes("promised")) {
    return "A record was erased, and nobody can prove what it said; an entry is only promised by the trusted log.";
  }
  return view.records.some((record) => record.type !== null)
    ? "The entries are in the trusted log, but a record was erased: nobody can prove what that one said."
    : "The entry is in the trusted log, but its record was erased: nobody can prove what it said.";
}

function failureEn(view: View, step: Step): string {
  const failed = `Step ${step.number}, ${step.name}, failed`;
  if (isOriginalGiven(view)) return `${failed}: ${licenceTexts.en.originalGiven.says}`;
  return step.name === "document" ? `${failed}: this is not the document that was recorded.` : `${failed}: do not rely on this evidence.`;
}
