/** What people read, Chinese first. Steps, facts and limits are named here once for the page and the command line. */

import { consentSteps } from "./consenttexts.ts";
import { refusalTexts } from "./refusaltexts.ts";
import type { StepName, Verdict } from "./steps.ts";
import type { FactName, Limit, Standing } from "./view.ts";

export type Language = "zh" | "en";
export const LANGUAGES: readonly Language[] = ["zh", "en"];

export interface StepText {
  readonly name: string;
  /** What holds when the step is green. */
  readonly holds: string;
  /** What it means that the step failed. */
  readonly means: string;
  /** What to do then. */
  readonly act: string;
}

export interface Texts {
  readonly steps: Readonly<Record<StepName, StepText>>;
  readonly statuses: Readonly<Record<"ok" | "skipped" | "unproven" | "failed" | "unreached", string>>;
  readonly facts: Readonly<Record<FactName, string>>;
  readonly limits: Readonly<Record<Limit, string>>;
  readonly standings: Readonly<Record<Standing, string>>;
  readonly overdue: (since: string) => string;
  readonly ignored: (name: string) => string;
  readonly kinds: Readonly<Record<string, string>>;
  readonly records: Readonly<Record<string, string>>;
  readonly modes: Readonly<Record<string, string>>;
  /** Kinds of a holder's signature, and how sure they are (Regulation (EU) 910/2014, article 8). */
  readonly signers: Readonly<Record<string, string>>;
  readonly assurances: Readonly<Record<string, string>>;
  readonly verdicts: Readonly<Record<Verdict, string>>;
}

const zh: Texts = {
  steps: {
    form: {
      name: "格式",
      holds: "文件是格式正确、含义唯一的证据包。",
      means: "这不是一份可读的证据包：可能已损坏、被改写，或由本程序不认识的新版本生成。",
      act: "请向提供者重新索取原始的 .cailian.json 文件，不要用编辑器打开后另存。",
    },
    leaf: {
      name: "叶子承诺",
      holds: "出示的记录正是日志条目所承诺的内容。",
      means: "记录内容与日志条目对不上：记录被改过，或换成了别的记录。",
      act: "不要采信其中的内容。保留此文件，向出具单位索取原件并报告。",
    },
    record: {
      name: "记录内容",
      holds: "各条记录类型正确，属于同一次行为、同一份文件。",
      means: "各条记录拼不成一次行为：可能是把不同行为的记录拼接在了一起。",
      act: "不要采信。保留此文件，向出具单位核实。",
    },
    document: {
      name: "文件摘要",
      holds: "所给文件的大小与摘要（SHA-256、SM3）与记录一致。",
      means: "您选择的文件不是记录里的那一份，哪怕只差一个字节。",
      act: "请确认选的是原始文件（未另存、未转换、未盖章）。仍不一致，则文件已被替换。",
    },
    inclusion: {
      name: "日志包含证明",
      holds: "条目确实位于检查点所代表的日志之中。",
      means: "没有证明该条目在日志里：它可能从未被记录，或证明被改过。",
      act: "不要采信。请出具单位重新导出证据包；仍失败请报告审计机构。",
    },
    checkpoint: {
      name: "检查点签名",
      holds: "检查点由信任文件所列的日志密钥签署。",
      means: "检查点不是您信任的日志签署的：可能是自造的日志、已停用的密钥，或签名被改。",
      act: "先确认信任文件是最新的、来自可信机构；若无误，请不要采信并报告。",
    },
    superiors: {
      name: "上级日志",
      holds: "下级日志的检查点已记入上级日志。",
      means: "区级日志的这个检查点没有被上级日志收录。",
      act: "不要采信。请向上级节点核实该区级日志。",
    },
    witnesses: {
      name: "见证签名",
      holds: "足够多的独立见证者联署了同一个检查点。",
      means: "见证者联署不足或有伪造：日志可能对不同的人出示不同的内容。",
      act: "不要采信。稍后重新导出证据包；仍失败请把此文件交给任一见证机构。",
    },
    promise: {
      name: "入链承诺",
      holds: "日志签名承诺在期限前把条目写入日志。",
      means: "承诺不是这份日志为这个条目作出的，或签名无效。",
      act: "不要采信这份承诺，请重新索取。",
    },
    chain: {
      name: "链上锚定",
      holds: "日志的根已由可信链上的合约在区块中保存。",
      means: "区块链上没有这个日志根，或证明被改过：历史可能连同签名一起被改写。",
      act: "不要采信。请核对信任文件中的链与合约；若无误，请保留文件并报告审计机构。",
    },
    finality: {
      name: "区块终局性",
      holds: "足够多的可信验证节点签封了该区块。",
      means: "该区块没有得到足够多可信验证节点的签封：它可能不是链上的正式区块。",
      act: "请核对信任文件中的验证节点名单；若无误，请不要采信并报告。",
    },
    ...consentSteps.zh,
  },
  statuses: { ok: "通过", skipped: "无此项", unproven: "未证明", failed: "未通过", unreached: "未检查" },
  facts: {
    ...refusalTexts.zh.facts,
    sha256: "文件 SHA-256",
    sm3: "文件 SM3",
    size: "文件大小",
    requester: "经办单位代码",
    case: "办件编号",
    item: "事项",
    use: "调用编号",
    mode: "调用方式",
    material: "材料编号",
    object: "材料或证照编号",
    grant: "授权编号",
    reference: "单位自编号",
    licenceId: "证照标识",
    licenceType: "证照类型",
    validFrom: "证照有效期起",
    validTo: "证照有效期止",
    status: "证照状态",
    statusAt: "状态变更时间",
    released: "给出的是",
    copy: "加注件编号",
    copyFrom: "加注件有效期起",
    copyTo: "加注件有效期止",
    originalSha256: "证照原件 SHA-256",
    originalSm3: "证照原件 SM3",
    log: "日志",
    place: "条目位置 / 日志大小",
    above: "上级日志",
    witnesses: "见证者联署",
    deadline: "承诺期限",
    anchoredAt: "上链锚定时间",
    chain: "链编号",
    block: "区块",
    blockHash: "区块哈希",
    seals: "验证节点签封",
    signedBy: "签署方式",
    login: "签署的登录",
    assurance: "签署人身份的可信程度",
    keyHours: "签署时密钥已登记",
    counted: "第几次使用 / 共可用",
  },
  limits: {
    ...refusalTexts.zh.limits,
    "trust-unknown": "没有信任文件：无法知道这些签名是谁的。",
    mute: "有记录已被依法删除：只能证明日志里有过一个条目，不能证明其内容。",
    promised: "条目尚未写入日志，目前只有日志的承诺；承诺不是证明。",
    "no-document": "没有提供原文件：未核对文件本身。",
    "parties-shut": "参与方信息被出具者遮蔽，未出示。",
    "no-witnesses": "信任文件不要求见证者：日志是否对所有人出示同一内容，未证明。",
    "no-anchor": "没有链上锚定：日志经营者连同签名改写历史的可能，未排除。",
    "chain-untrusted": "信任文件没有指定区块链：链上部分未核对。",
    finality: "区块终局性未证明（开发链，没有验证节点签封）。",
    "later-status": "证照此后是否又有变更，证据包无法证明；请查询实时状态。",
    "copy-period": "加注件只供所列单位和事由在有效期内使用；本程序不看时钟，是否过期请核对日期。",
    "consent-not-shown": "证据包没有出示持有人的签名：同意与否只凭日志中的记录。",
    "consent-untrusted": "信任文件没有列出可信的登录方与签署方：签名出自谁未核对。",
    "withdrawal-not-shown": "授权已撤回，证据包没有出示撤回的签名：撤回凭日志中的记录。",
    "whose-login": "签名证明是哪个登录、哪把密钥或窗口哪两名工作人员所作；其人即持有人或可代其签署的人，由节点陈述，证据包不能证明。",
    "not-counted": "此前的调用没有全部出示：次数与限制未能从证据中数出。",
    truth: "核验只涉及记录本身，不证明文件所述内容属实。",
  },
  standings: {
    proven: "记录内容",
    promised: "日志已记入或承诺记入的内容",
    claimed: "证据包自述（来源未知）",
    refuted: "证据包自述（未获证明）",
  },
  overdue: (since) => `出具者附注：出具时，日志自 ${since} 起逾期未得到外部见证或锚定。附注本身未经核验。`,
  ignored: (name) => `证据包中的“${name}”部分本程序不认识，未核对。`,
  kinds: {
    ...refusalTexts.zh.kinds,
    deposit: "材料存入", use: "材料调用", grant: "授权", licence: "证照签发", derived: "证照调出（加注件）", evidence: "摘要存证",
    heads: "持有人链头", key: "密钥登记", delegation: "委托",
  },
  records: {
    ...refusalTexts.zh.records,
    "material.deposited": "材料已存入",
    "use.intended": "决定调用",
    "use.completed": "已完整交付",
    "use.aborted": "交付中止",
    "grant.given": "授权已作出",
    "grant.withdrawn": "授权已撤回",
    "licence.issued": "证照已签发",
    "licence.changed": "证照状态已变更",
    "licence.derived": "加注件（或数据）已制作",
    "evidence.anchored": "摘要已存证",
    "holder.heads": "持有人链头已承诺",
    "key.enrolled": "密钥已登记",
    "delegation.given": "委托已作出",
  },
  modes: { verify: "核验", data: "取数", copy: "取件" },
  signers: { oidc: "实名登录签署", passkey: "通行密钥签署", host_app: "城市应用密钥签署", counter: "窗口帮办，两名工作人员见证" },
  assurances: { "1": "低", "2": "较高", "3": "高" },
  verdicts: {
    proven: "已证明",
    logged: "在册，未锚定",
    promised: "仅有承诺",
    mute: "内容已删除",
    "consistent, trust unknown": "自洽，来源未知",
    failed: "不能采信",
  },
};

const en: Texts = {
  steps: {
    form: {
      name: "form",
      holds: "The file is a well-formed evidence bundle with one meaning only.",
      means: "This is no readable evidence bundle: damaged, rewritten, or made by a newer version than this page knows.",
      act: "Ask for the original .cailian.json file again; do not open and save it in an editor.",
    },
    leaf: {
      name: "leaf",
      holds: "The records shown are what the log entries commit to.",
      means: "A record does not match its log entry: it was edited or exchanged.",
      act: "Do not rely on what it says. Keep the file, ask the issuing body for the original and report it.",
    },
    record: {
      name: "record",
      holds: "The records are of the right types and belong to one act and one document.",
      means: "The records do not make one act: parts of different acts may have been glued together.",
      act: "Do not rely on it. Keep the file and ask the issuing body.",
    },
    document: {
      name: "document",
      holds: "Size and digests (SHA-256, SM3) of the document are those recorded.",
      means: "The document you chose is not the recorded one, even if only one byte differs.",
      act: "Make sure it is the original file, not saved again, converted or stamped. If it is, it was exchanged.",
    },
    inclusion: {
      name: "inclusion",
      holds: "The entries lie in the log that the checkpoint stands for.",
      means: "Nothing proves that the entry is in the log: it was never recorded, or the proof was altered.",
      act: "Do not rely on it. Have the bundle exported again; if it still fails, tell an auditor.",
    },
    checkpoint: {
      name: "checkpoint",
      holds: "A log key of the trust file signed the checkpoint.",
      means: "No log you trust signed this checkpoint: a log of somebody's own making, a retired key, or an altered signature.",
      act: "Make sure your trust file is current and comes from a body you trust. If so, do not rely on the bundle and report it.",
    },
    superiors: {
      name: "superiors",
      holds: "The log above recorded the checkpoint of the log below.",
      means: "The log above never recorded this checkpoint of the district's log.",
      act: "Do not rely on it. Ask the superior node about the district's log.",
    },
    witnesses: {
      name: "witnesses",
      holds: "Enough independent witnesses cosigned the same checkpoint.",
      means: "Too few cosignatures, or a forged one: the log may show different people different things.",
      act: "Do not rely on it. Export the bundle again later; if it still fails, hand this file to any witness.",
    },
    promise: {
      name: "promise",
      holds: "The log promised under its signature to take in the entry by a deadline.",
      means: "The promise is not this log's for this entry, or its signature is bad.",
      act: "Do not rely on the promise; ask for it again.",
    },
    chain: {
      name: "chain",
      holds: "The contract on the trusted chain holds the log's root in a block.",
      means: "The chain does not hold this root, or the proof was altered: history may have been rewritten with its signatures.",
      act: "Do not rely on it. Check chain and contract in your trust file; if they are right, keep the file and tell an auditor.",
    },
    finality: {
      name: "finality",
      holds: "Enough trusted validators sealed the block.",
      means: "Too few trusted validators sealed the block: it may not be a block of the chain at all.",
      act: "Check the validators in your trust file; if they are right, do not rely on the bundle and report it.",
    },
    ...consentSteps.en,
  },
  statuses: { ok: "passed", skipped: "not present", unproven: "not proven", failed: "failed", unreached: "not checked" },
  facts: {
    ...refusalTexts.en.facts,
    sha256: "SHA-256 of the document",
    sm3: "SM3 of the document",
    size: "Size of the document",
    requester: "Code of the organisation",
    case: "Case",
    item: "Item",
    use: "Use",
    mode: "Mode of use",
    material: "Material",
    object: "Material or licence",
    grant: "Grant",
    reference: "Own reference",
    licenceId: "Licence",
    licenceType: "Type of licence",
    validFrom: "Licence valid from",
    validTo: "Licence valid to",
    status: "State of the licence",
    statusAt: "State changed",
    released: "What was released",
    copy: "Derived copy",
    copyFrom: "Copy valid from",
    copyTo: "Copy valid to",
    originalSha256: "SHA-256 of the original",
    originalSm3: "SM3 of the original",
    log: "Log",
    place: "Place in the log / its size",
    above: "Logs above",
    witnesses: "Cosigned by witnesses",
    deadline: "Promised until",
    anchoredAt: "Anchored on the chain",
    chain: "Chain id",
    block: "Block",
    blockHash: "Block hash",
    seals: "Sealed by validators",
    signedBy: "How it was signed",
    login: "Login that signed",
    assurance: "How sure who signed",
    keyHours: "Key enrolled before signing",
    counted: "Use number / allowed",
  },
  limits: {
    ...refusalTexts.en.limits,
    "trust-unknown": "No trust file: nothing says whose signatures these are.",
    mute: "A record was erased by law: an entry is in the log, and nobody can prove what it said.",
    promised: "The entry is not in the log yet, only promised; a promise is not a proof.",
    "no-document": "No document was given: the document itself was not compared.",
    "parties-shut": "Who took part was kept shut by whoever made the bundle.",
    "no-witnesses": "The trust file asks for no witness: that the log shows everybody the same is not proven.",
    "no-anchor": "Not anchored on a chain: that the log's operator rewrote history with its signatures is not ruled out.",
    "chain-untrusted": "The trust file names no chain: the chain part was not checked.",
    finality: "Chain finality is not proven (development chain without validators' seals).",
    "later-status": "Whether the licence changed again since, no bundle can show; ask for its live status.",
    "copy-period": "A derived copy is for the organisation and cause it names, in its period; no clock is read here, so compare the dates.",
    "consent-not-shown": "The bundle shows no signature of the holder: that they consented rests on the log's record alone.",
    "consent-untrusted": "The trust file names no login providers and signers: whose signatures these are was not checked.",
    "withdrawal-not-shown": "The grant was withdrawn, and the bundle does not show by whose signature: the withdrawal rests on the log's record alone.",
    "whose-login": "The signature proves which login, key or two of the staff signed; that this is the holder, or who may sign for them, is the node's word, which no bundle proves.",
    "not-counted": "Not every earlier use is shown: how often, and within which limits, could not be counted from the evidence.",
    truth: "This is about the record; it does not prove that what the document says is true.",
  },
  standings: {
    proven: "What was recorded",
    promised: "What the log holds or promised to take in",
    claimed: "What the bundle says (trust unknown)",
    refuted: "What the bundle says (not proven)",
  },
  overdue: (since) =>
    `Its maker notes: nobody outside had vouched for the log since ${since} when this was made. The note is not checked.`,
  ignored: (name) => `The section “${name}” is unknown here and was not checked.`,
  kinds: {
    ...refusalTexts.en.kinds,
    deposit: "deposit", use: "use", grant: "grant", licence: "licence", derived: "release of a licence",
    evidence: "anchored digest", heads: "holders' heads", key: "enrolment of a key", delegation: "delegation",
  },
  records: {
    ...refusalTexts.en.records,
    "material.deposited": "material deposited",
    "use.intended": "use decided",
    "use.completed": "delivered in full",
    "use.aborted": "delivery aborted",
    "grant.given": "grant given",
    "grant.withdrawn": "grant withdrawn",
    "licence.issued": "licence issued",
    "licence.changed": "state of the licence changed",
    "licence.derived": "derived copy (or data) made",
    "evidence.anchored": "digest anchored",
    "holder.heads": "holders' heads committed",
    "key.enrolled": "key enrolled",
    "delegation.given": "delegation given",
  },
  modes: { verify: "verify", data: "data", copy: "copy" },
  signers: {
    oidc: "by a login", passkey: "by a passkey", host_app: "by a key in a city app",
    counter: "at a counter, stated by two of the staff",
  },
  assurances: { "1": "low", "2": "substantial", "3": "high" },
  verdicts: {
    proven: "Proven",
    logged: "In the log, not anchored",
    promised: "Only promised",
    mute: "Record erased",
    "consistent, trust unknown": "Consistent, trust unknown",
    failed: "Do not rely on it",
  },
};

export const texts: Readonly<Record<Language, Texts>> = { zh, en };
