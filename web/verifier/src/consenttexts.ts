/** What people read about the steps on consent. */

import type { StepName } from "./steps.ts";
import type { Language, StepText } from "./texts.ts";

type ConsentStep = Extract<StepName, "signature" | "enrolment" | "delegation" | "enforcement">;

export const consentSteps: Readonly<Record<Language, Readonly<Record<ConsentStep, StepText>>>> = {
  zh: {
    signature: {
      name: "持有人签名",
      holds: "所示的登录、其登记的密钥或窗口的两名工作人员签署了这些条款，签署方在信任文件之列。",
      means: "条款不是被签署的那一份，或签名不是可信的签署方作出的：授权可能被改过，或根本没有人给过。",
      act: "不要采信这项授权。保留此文件，告知持有人并报告审计机构。",
    },
    enrolment: {
      name: "密钥登记",
      holds: "登录方签名证明了密钥属于哪个登录，且登记早于签署。",
      means: "没有可信的登录方证明这把密钥属于哪个登录，或密钥太新：它可能是有人放进数据库的。",
      act: "不要采信这项授权。保留此文件，告知持有人并报告审计机构。",
    },
    delegation: {
      name: "委托链",
      holds: "每一级委托都有签名，且不超出上一级。",
      means: "代签的人没有完整的委托，或超出了委托的范围。",
      act: "不要采信这项授权。请向委托人核实，并报告审计机构。",
    },
    enforcement: {
      name: "授权限制",
      holds: "这次调用没有超出授权的任何限制，次数由所附的记录数出。",
      means: "这次调用超出了持有人同意的范围：次数、频次、期限、方式、字段、办件、区域或对象。",
      act: "不要采信。保留此文件，告知持有人并报告审计机构。",
    },
  },
  en: {
    signature: {
      name: "signature",
      holds: "The login that is shown, a key it enrolled, or two of the staff at a counter signed these terms, and the trust file vouches for them.",
      means: "These are not the terms that were signed, or nobody you trust made the signature: the consent was edited, or never given.",
      act: "Do not rely on this consent. Keep the file, tell the holder and an auditor.",
    },
    enrolment: {
      name: "enrolment",
      holds: "A login provider signed which login the key belongs to, before it signed.",
      means: "No login provider you trust says which login the key belongs to, or it was too new: somebody may have put it into the database.",
      act: "Do not rely on this consent. Keep the file, tell the holder and an auditor.",
    },
    delegation: {
      name: "delegation",
      holds: "Every delegation is signed and gives no more than the one above it.",
      means: "Whoever signed for another had no whole chain of delegations, or went beyond it.",
      act: "Do not rely on this consent. Ask who delegated, and tell an auditor.",
    },
    enforcement: {
      name: "enforcement",
      holds: "The use kept to every limit of the consent; how often is counted from the records shown.",
      means: "The use went beyond what the holder agreed to: how often, until when, mode, fields, case, region or object.",
      act: "Do not rely on it. Keep the file, tell the holder and an auditor.",
    },
  },
};
