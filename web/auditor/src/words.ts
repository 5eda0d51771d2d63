/** Words of kinds, states and codes that several parts show. What stands in one place only, stands there. */

import { moment } from "../../shared/dates.ts";
import { pick } from "../../shared/pick.ts";
import { preferences } from "../../shared/preferences.ts";
import { texts } from "../../verifier/src/texts.ts";
import type { Names } from "./names.ts";
import type { Line } from "./things.ts";

type Table = Readonly<Record<string, readonly [string, string]>>;
const table = (held: Table) => (code: string): string => {
  const found = held[code];
  return found ? pick(found[0], found[1]) : code;
};

export const kindName = table({
  case: ["办件", "Case"],
  licence: ["证照", "Licence"],
  material: ["材料", "Material"],
  department: ["部门", "Department"],
});

const records = table({
  "register.published": ["目录发布", "Register published"],
  "district.checkpoint": ["区级检查点", "District checkpoint"],
  "audit.looked": ["审计检索", "Looked at by an auditor"],
  "case.opened": ["办件开立", "Case opened"],
  "case.accepted": ["办件受理", "Case accepted"],
  "case.closed": ["办件办结", "Case closed"],
  "material.superseded": ["材料更新", "Material superseded"],
  "material.withdrawn": ["材料撤回", "Material withdrawn"],
  "material.disputed": ["材料异议", "Material disputed"],
  "material.dispute-answered": ["材料异议办结", "Dispute settled"],
  "licence.disputed": ["证照异议", "Licence disputed"],
  "licence.dispute-answered": ["证照异议办结", "Dispute settled"],
  "licence.presented": ["亮证", "Licence presented"],
  "use.refused": ["调用被拒", "Use refused"],
  "operator.login-given": ["开通工作人员登录", "Staff login given"],
  "operator.login-taken": ["收回工作人员登录", "Staff login taken"],
  "representation.recorded": ["代表关系登记", "Representation recorded"],
  "seal-key.enrolled": ["印章密钥登记", "Seal key enrolled"],
  "duty.sampled": ["职责调用抽查", "Duty use sampled"],
});
/** The type of a record; those a bundle can hold are named as the verifier names them. */
export const recordName = (type: string): string => texts[preferences.language].records[type] ?? records(type);

const kinds = table({
  opened: ["开件", "Opened"],
  accepted: ["受理", "Accepted"],
  closed: ["办结", "Closed"],
  deposited: ["存入", "Deposited"],
  superseded: ["更新版本", "Superseded"],
  withdrawn: ["撤回", "Withdrawn"],
  disputed: ["提出异议", "Disputed"],
  "dispute-rejected": ["异议不成立", "Rejected"],
  "dispute-corrected": ["异议成立已更正", "Corrected"],
  "dispute-withdrawn": ["异议撤回", "Withdrawn"],
  delivered: ["送达", "Delivered"],
  receipted: ["送达签收", "Receipt signed"],
  erased: ["内容销毁", "Erased"],
  used: ["使用", "Used"],
  refused: ["被拒", "Refused"],
  presented: ["亮证", "Shown"],
  "scan-refused": ["扫码被拒", "Scan refused"],
  "01": ["签发", "Issued"],
  "02": ["延续", "Renewed"],
  "03": ["暂扣", "Suspended"],
  "04": ["到期", "Expired"],
  "05": ["注销", "Ended"],
  "06": ["恢复", "Restored"],
  "07": ["其他", "Other"],
  "08": ["转入", "Moved in"],
  "09": ["变更", "Changed"],
  "10": ["撤销转出", "Stays"],
});
/** What was done; a use that is a reuse is called so. */
export const lineName = ({ kind }: Line, isReuse = false): string => (isReuse ? pick("复用", "Reused") : kinds(kind));

export const partName = table({
  uses: ["使用", "Uses"],
  refusals: ["被拒", "Refusals"],
  deposits: ["存入", "Deposits"],
  licences: ["发证与变更", "Licences"],
  cases: ["开件", "Cases"],
  scans: ["扫码核验", "Scans"],
});
export const codeName = table({
  live: ["动态码", "a live code"],
  printed: ["打印码", "a printed code"],
  company: ["企业码", "a company's code"],
});
export const caseState = table({
  draft: ["未提交", "not submitted"],
  open: ["办理中", "being handled"],
  closed: ["已办结", "closed"],
  granted: ["准予", "granted"],
  refused: ["不予", "refused"],
  withdrawn: ["撤回", "withdrawn"],
});
const channels = table({
  counter: ["窗口", "at a counter"],
  window: ["窗口", "at a counter"],
  web: ["网页", "on the web"],
  app: ["手机应用", "by the app"],
  kiosk: ["自助机", "at a kiosk"],
  system: ["系统对接", "by a system"],
  archive: ["批量入库", "in bulk"],
  sms: ["短信", "by text message"],
  email: ["电子邮件", "by e-mail"],
  post: ["邮寄", "by post"],
});
export const basisName = table({
  grant: ["持有人授权", "the holder's grant"],
  duty: ["法定职责", "statutory duty"],
  open: ["无条件共享", "unconditional sharing"],
  emergency: ["紧急调用", "emergency"],
});
export const modeName = table({ verify: ["核验", "verified"], data: ["取字段", "fields"], copy: ["取件", "copy"] });

export const statusName = table({
  active: ["有效", "active"],
  superseded: ["已被更新", "superseded"],
  disputed: ["有异议", "disputed"],
  withdrawn: ["已撤回", "withdrawn"],
  destroyed: ["已销毁", "destroyed"],
  "01": ["有效", "valid"],
  "02": ["暂扣", "suspended"],
  "03": ["撤销", "revoked"],
  "04": ["注销", "cancelled"],
  "05": ["失效", "lapsed"],
  "06": ["已转出", "transferred"],
  "07": ["许可撤回", "permit withdrawn"],
  "99": ["其他", "other"],
});

/** Why something was refused, truly; of a licence, why it was changed, as its issuer coded it. */
export const reasonOf = ({ reason, reason_text: said }: Line): string => (said ? pick(said.zh, said.en) : (reason ?? ""));

/** Who did it: an organisation, the holder, or the node's own staff. */
export const whoOf = ({ kind, organisation }: Line): string =>
  organisation ?? (kind === "erased" ? pick("本节点（双人）", "The node (two people)") : pick("持有人本人", "The holder"));

/** What else there is to say: state, channel, basis, what was seen, why not; each part by itself. */
export function detailsOf(line: Line, fields: ReadonlyMap<string, string>): string[] {
  const { kind, state } = line;
  const isScan = kind === "presented" || kind === "scan-refused";
  const parts = [
    line.basis === null ? "" : `${pick("依据", "basis")} ${basisName(line.basis)}`,
    line.mode === null ? "" : modeName(line.mode),
    state !== null && (kind === "deposited" || kind === "delivered") ? channels(state) : "",
    state !== null && (kind === "opened" || kind === "closed") ? caseState(state) : "",
    line.code_kind === null ? "" : `${pick("凭", "by ")}${codeName(line.code_kind)}`,
    line.scenario === null ? "" : `${pick("场景", "scope")} ${line.scenario}`,
    line.fields.length === 0 ? "" : `${pick("所见字段：", "saw ")}${line.fields.map((each) => fieldName(each, fields)).join(pick("、", ", "))}`,
    kind === "presented" && line.fields.length === 0 ? pick("只见状态", "saw the status alone") : "",
    state !== null && /^\d\d$/.test(kind) ? `${pick("此后", "from then on")} ${statusName(state)}` : "",
    isScan && state !== null ? `${pick("当时", "then")} ${statusName(state)}` : "",
    line.reason === null || line.reason === "issued" ? "" : `${pick("原因", "reason")} ${reasonOf(line)}`,
  ];
  return parts.filter((part) => part !== "");
}

/** A field by its name on the face; `:clear` is one that was seen without its mask. */
function fieldName(code: string, names: ReadonlyMap<string, string>): string {
  const bare = code.replace(/:clear$/, "");
  return `${names.get(bare) ?? commonFields(bare)}${bare === code ? "" : pick("（未掩码）", " (in full)")}`;
}
const commonFields = table({
  holder_code: ["持证主体代码", "holder's code"],
  holder_name: ["持证主体", "holder"],
  licence_no: ["证照编号", "licence number"],
  issuer_name: ["颁证单位", "issuer"],
  issuer_code: ["颁证单位代码", "issuer's code"],
  valid_from: ["有效期起", "valid from"],
  valid_to: ["有效期止", "valid until"],
  issued_on: ["颁证日期", "issued on"],
  status: ["状态", "status"],
});

/** A line as one sentence, for who hears it. */
export function sentenceOf(line: Line, types: ReadonlyMap<string, string>, isReuse = false): string {
  const what = line.type_code === null ? "" : (types.get(line.type_code) ?? line.type_code);
  const who = whoOf(line);
  const parts = [
    lineName(line, isReuse), what, who, moment(line.at),
    ...detailsOf(line, new Map()),
    line.copy_sha256 === null ? "" : pick("带派生副本", "with a derived copy"),
    line.case_no === null ? "" : `${pick("办件", "case")} ${line.case_no}`,
    line.entry?.index == null ? "" : pick(`日志第 ${line.entry.index} 条`, `log entry ${line.entry.index}`),
  ];
  return parts.filter((part) => part !== "").join(pick("，", ", "));
}

/** Lines as a table to take away: one row a line, with the places of their entries. */
export function tableOf(lines: readonly Line[], names: Names, reused: ReadonlySet<Line>): (string | number)[][] {
  const head = [
    pick("时间（UTC）", "time (UTC)"), pick("事项", "what"), pick("类型代码", "type code"), pick("类型", "type"), pick("单位", "organisation"),
    pick("统一社会信用代码", "organisation code"), pick("工号", "staff"), pick("对象编号", "object"), pick("办件编号", "case"), pick("事项编码", "item"),
    pick("说明", "details"), pick("派生副本 SHA-256", "derived copy SHA-256"), pick("条目编号", "entry id"), pick("日志序号", "log index"), pick("锚定时间", "anchored at"),
  ];
  const rows = lines.map((line) => [
    line.at, lineName(line, reused.has(line)), line.type_code ?? "", names.types.get(line.type_code ?? "") ?? "", whoOf(line),
    line.org_code ?? "", line.operator ?? "", line.object_id ?? "", line.case_no ?? "", line.item_code ?? "",
    detailsOf(line, names.fields).join("; "), line.copy_sha256 ?? "", line.entry?.entry_id ?? "", line.entry?.index ?? "", line.entry?.anchored_at ?? "",
  ]);
  return [head, ...rows];
}
