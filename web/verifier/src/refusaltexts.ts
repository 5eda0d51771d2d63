/** What people read about refusals: of an ask by its holder, and of a use by the exchange. */

import type { Language } from "./texts.ts";
import type { FactName, Limit } from "./view.ts";

interface RefusalTexts {
  readonly facts: Readonly<Record<Extract<FactName, "ask" | "said" | "reason">, string>>;
  readonly limits: Readonly<Record<Extract<Limit, "reason-shut" | "decision-not-shown">, string>>;
  readonly kinds: Readonly<Record<string, string>>;
  readonly records: Readonly<Record<string, string>>;
}

export const refusalTexts: Readonly<Record<Language, RefusalTexts>> = {
  zh: {
    facts: { ask: "授权请求编号", said: "告知用证单位的原因", reason: "拒绝原因" },
    limits: {
      "reason-shut": "证据包没有出示真实的拒绝原因：它只给持有人和审计机构；这里只有告知用证单位的说法。",
      "decision-not-shown": "证据包没有出示持有人的签名：拒绝与否只凭日志中的记录。",
    },
    kinds: { refusal: "拒绝授权", "refused-use": "拒绝调用" },
    records: { "ask.refused": "拒绝授权", "use.refused": "拒绝调用" },
  },
  en: {
    facts: { ask: "Request for consent", said: "Reason told to the requester", reason: "Reason of the refusal" },
    limits: {
      "reason-shut": "The true reason is not shown: it is for the holder and auditors; here is only what the requester was told.",
      "decision-not-shown": "The bundle shows no signature of the holder: that they refused rests on the log's record alone.",
    },
    kinds: { refusal: "refusal of consent", "refused-use": "refused use" },
    records: { "ask.refused": "consent refused", "use.refused": "use refused" },
  },
};
