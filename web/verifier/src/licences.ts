/** What people read about licences: their states, and whether a file is the original or what was released for one use. */

import type { DocumentIs } from "./given.ts";
import type { Language } from "./texts.ts";
import type { View } from "./view.ts";

interface LicenceTexts {
  /** What a file is. */
  readonly documents: Readonly<Record<DocumentIs, string>>;
  /** The same inside the sentence of a verdict. */
  readonly matches: Readonly<Record<DocumentIs, string>>;
  /** What was released in the original's place. */
  readonly renditions: Readonly<Record<string, string>>;
  readonly statuses: Readonly<Record<string, string>>;
  /** Somebody gave the original where the copy was meant. */
  readonly originalGiven: { readonly title: string; readonly says: string; readonly means: string; readonly act: string };
  /** What else to do where a file is not the licence's. */
  readonly orCopy: string;
}

export const licenceTexts: Readonly<Record<Language, LicenceTexts>> = {
  zh: {
    documents: {
      original: "所给文件是签发的证照原件，不是加注件。",
      "original-ofd": "所给文件是签发的证照原件（OFD 格式），不是加注件。",
      copy: "所给文件是加注件：为一次调用制作的副本，只供所列单位和事由使用，不是证照原件。",
      data: "所给内容是为一次调用给出的照面数据，不是证照原件。",
      verify: "所给内容是为一次调用给出的核验答复，不是证照原件。",
    },
    matches: {
      original: "，所给文件是签发的证照原件（不是加注件）",
      "original-ofd": "，所给文件是签发的证照原件（OFD，不是加注件）",
      copy: "，所给文件是记录在案的加注件（不是证照原件）",
      data: "，所给照面数据与记录一致（不是证照原件）",
      verify: "，所给核验答复与记录一致（不是证照原件）",
    },
    renditions: { copy: "加注件（副本）", data: "照面数据", verify: "核验答复" },
    statuses: {
      "01": "有效", "02": "暂扣", "03": "撤销", "04": "注销", "05": "失效", "06": "办理转出", "07": "吊销", "99": "其他",
    },
    originalGiven: {
      title: "是原件，不是加注件",
      says: "所给文件是证照原件，不是这次调用给出的加注件（或数据）。",
      means: "按证据包所述，您选的是签发的证照原件；这次调用给出的是加注件（或数据），不是原件。",
      act: "核对这次调用，请选收到的加注件（或数据）；核对原件，请用证照签发的证据包。收到的若真是原件，请报告：原件不应外发。",
    },
    orCopy: "手上若是加注件，请改用那次调用的回执来核对。",
  },
  en: {
    documents: {
      original: "The document is the licence as issued, not a derived copy.",
      "original-ofd": "The document is the licence as issued (in OFD), not a derived copy.",
      copy: "The document is a derived copy (加注件), made for one use, for the organisation and cause it names; not the original.",
      data: "This is licence data given for one use, not the original.",
      verify: "This is an answer about a licence given for one use, not the original.",
    },
    matches: {
      original: ", and the document is the licence as issued (no derived copy)",
      "original-ofd": ", and the document is the licence as issued (in OFD, no derived copy)",
      copy: ", and the document is the recorded derived copy (not the original)",
      data: ", and the data are the recorded ones (not the original)",
      verify: ", and the answer is the recorded one (not the original)",
    },
    renditions: { copy: "derived copy", data: "data", verify: "answer" },
    statuses: {
      "01": "valid", "02": "suspended", "03": "revoked", "04": "cancelled", "05": "lapsed",
      "06": "transferred out", "07": "permit withdrawn", "99": "other",
    },
    originalGiven: {
      title: "The original, not the copy",
      says: "the document is the original licence, not the derived copy (or data) that this use released.",
      means: "By what the bundle says you chose the licence as issued; what this use released is a derived copy (or data) of it.",
      act: "To check the use, choose the copy (or data) that was received; to check the original, the bundle of its issue. If the original itself was received, report it: it should never leave.",
    },
    orCopy: "If what you have is a derived copy, check it with the receipt of its use.",
  },
};

/** Whether the original was given where what was released is meant. */
export function isOriginalGiven(view: View): boolean {
  return view.failed?.name === "document" && view.documentIs === "original";
}
