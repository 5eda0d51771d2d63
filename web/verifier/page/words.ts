/** The page's own words; those of steps, facts and verdicts are in `src/texts.ts`. */

import type { Language } from "../src/texts.ts";
import type { Verdict } from "../src/steps.ts";

export interface Words {
  readonly title: string;
  readonly lead: string;
  readonly privacy: string;
  readonly files: string;
  readonly dropHere: string;
  readonly choose: string;
  readonly change: string;
  readonly remove: string;
  readonly slots: Readonly<Record<"bundle" | "trust" | "document", { readonly name: string; readonly hint: string }>>;
  readonly required: string;
  readonly advised: string;
  readonly optional: string;
  readonly fingerprint: string;
  readonly remember: string;
  readonly forget: string;
  readonly badTrust: string;
  readonly unreadable: string;
  readonly crash: string;
  readonly working: string;
  readonly plan: string;
  readonly planLead: string;
  readonly limits: string;
  readonly steps: string;
  readonly means: string;
  readonly act: string;
  readonly detail: string;
  readonly erased: string;
  readonly skipped: string;
  readonly bytes: string;
  readonly took: (milliseconds: string) => string;
  readonly print: string;
  readonly footer: string;
  readonly noScript: string;
  /** What a file looks like that was put into another's place. */
  readonly doubts: Readonly<Record<"bundle" | "trust" | "document", string>>;
  readonly alone: string;
  readonly aloneLead: string;
  readonly size: string;
  readonly keep: string;
  readonly log: string;
  readonly kept: string;
}

export const words: Readonly<Record<Language, Words>> = {
  zh: {
    title: "证据核验",
    lead: "核对一份材料、一张证照或一次调用的证据：记录是否被改过、是否在日志里、何时锚定到链上。",
    privacy: "全部在这台设备上核验，文件不会上传，断网也能用。",
    files: "选择文件",
    dropHere: "把文件一起拖到这里，或逐个选择",
    choose: "选择",
    change: "更换",
    remove: "移除",
    slots: {
      bundle: { name: "证据包", hint: "以 .cailian.json 结尾的文件" },
      trust: { name: "信任文件", hint: "从您信任的机构取得，不要用与证据包一起收到的那份" },
      document: { name: "原文件", hint: "要核对的文件本身，如 PDF 或照片；调证得到的选加注件" },
    },
    required: "必需",
    advised: "建议",
    optional: "可选",
    fingerprint: "指纹",
    remember: "在这台设备上记住",
    forget: "不再记住",
    badTrust: "这不是有效的信任文件，未核验。",
    unreadable: "文件读不出来，请重新选择。",
    crash: "本页面出错，没有得出结论。请用命令行程序核验，并把此问题报告给我们。",
    working: "正在核验…",
    plan: "将依次核验",
    planLead: "十五步，逐步进行；任何一步不通过即停下，并说明是哪一步、意味着什么、该怎么办。",
    limits: "没有证明的",
    steps: "核验步骤",
    means: "这意味着",
    act: "该怎么办",
    detail: "技术细节",
    erased: "记录已删除",
    skipped: "证据包里没有这一项。",
    bytes: "字节",
    took: (milliseconds) => `在本机用时 ${milliseconds} 毫秒，未联网。`,
    print: "打印结果",
    footer: "本页由交换平台提供，与平台自身的核验程序各自独立编写，按同一份公开的格式说明工作。若不愿信任平台，请使用另行取得的命令行程序。",
    noScript: "核验在浏览器里进行，需要启用 JavaScript。也可以使用命令行程序。",
    doubts: { bundle: "看起来是证据包", trust: "看起来是信任文件", document: "看起来是普通文件" },
    alone: "只有文件，还不能核验",
    aloneLead: "这是文件在本机算出的摘要。请再放入它的证据包（回执，以 .cailian.json 结尾）：材料的持有人、使用单位都可以下载。",
    size: "大小",
    keep: "保存离线版",
    log: "浏览日志",
    kept: "离线版",
  },
  en: {
    title: "Verify evidence",
    lead: "Check the evidence of a material, a licence or one use: was the record altered, is it in the log, when was it anchored.",
    privacy: "Everything is checked on this device. No file is uploaded; it works offline too.",
    files: "Choose files",
    dropHere: "Drop the files here together, or choose one by one",
    choose: "Choose",
    change: "Change",
    remove: "Remove",
    slots: {
      bundle: { name: "Evidence bundle", hint: "a file ending in .cailian.json" },
      trust: { name: "Trust file", hint: "from a body you trust, never the one that came with the bundle" },
      document: { name: "Document", hint: "the file itself, such as a PDF or a photo; of a licence that was fetched, the derived copy" },
    },
    required: "required",
    advised: "advised",
    optional: "optional",
    fingerprint: "Fingerprint",
    remember: "Remember on this device",
    forget: "Forget on this device",
    badTrust: "This is no valid trust file; nothing was verified.",
    unreadable: "The file cannot be read. Choose it again.",
    crash: "This page failed and reached no verdict. Use the command line instead, and tell us, please.",
    working: "Verifying…",
    plan: "What will be checked",
    planLead: "Fifteen steps in order. The first that fails stops it, and you are told which, what it means and what to do.",
    limits: "Not proven",
    steps: "Steps",
    means: "What it means",
    act: "What to do",
    detail: "Detail",
    erased: "record erased",
    skipped: "The bundle holds no such part.",
    bytes: "bytes",
    took: (milliseconds) => `Took ${milliseconds} ms on this device, without network.`,
    print: "Print the result",
    footer: "This page comes from the exchange; it was written apart from the exchange's own verifier, from one published format. Who does not trust the exchange uses the command line, obtained elsewhere.",
    noScript: "Verification runs in your browser and needs JavaScript. The command line works as well.",
    doubts: { bundle: "looks like a bundle", trust: "looks like a trust file", document: "looks like some other file" },
    alone: "A document alone cannot be verified",
    aloneLead: "These are its digests, computed here. Add its evidence bundle (the receipt, ending in .cailian.json): its holder and whoever used it can download one.",
    size: "Size",
    keep: "Keep for offline use",
    log: "Look at the log",
    kept: "Kept page",
  },
};

/** The sign in the seal; decoration, the words beside it say it in full. */
export const SEALS: Readonly<Record<Verdict, string>> = {
  proven: "信",
  logged: "册",
  promised: "诺",
  mute: "默",
  "consistent, trust unknown": "疑",
  failed: "否",
};
