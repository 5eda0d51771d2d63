/** What the node warns of (`GET /readyz`), in both languages; it says it in English, for whoever reads its log. */

import { pick } from "./words.ts";

const states: Readonly<Record<string, readonly [string, string]>> = {
  ok: ["正常", "ok"],
  unavailable: ["不可用", "unavailable"],
  missing: ["缺失", "missing"],
  "another log": ["与本节点密钥不符", "another log"],
  frozen: ["已冻结", "frozen"],
};

/** How a part of the node stands. */
export function stateName(state: string): string {
  const found = states[state];
  return found ? pick(...found) : state;
}

const known: readonly (readonly [RegExp, string])[] = [
  [/^(\d+) entries pend, of (\d+)$/, "待整合条目 $1 条，上限 $2 条"],
  [/^merge lag (\d+) s of (\d+) s$/, "整合滞后 $1 秒，上限 $2 秒"],
  [/^quorum lag (\d+) s of (\d+) s$/, "见证滞后 $1 秒，上限 $2 秒"],
  [/^anchor lag (\d+) s of (\d+) s$/, "锚定滞后 $1 秒，上限 $2 秒"],
  [/^canary silent for (\d+) s$/, "自检已有 $1 秒没有结果"],
  [/^policies version (\S+) cannot be used; version (\S+) stays in force$/, "第 $1 版策略无法使用，仍按第 $2 版执行"],
  [/^(\d+) emergencies wait for a review: (.+)$/, "$1 次紧急授权等待复核（$2）"],
  [/^(\d+) emergencies wait for a review too long: (.+)$/, "$1 次紧急授权逾期未复核（$2）"],
  [/^(\d+) sampled duty uses wait too long: (.+)$/, "$1 次抽查的履职调用逾期未答复（$2）"],
];

/** A warning; one that is not known here as the node says it. */
export function warningName(warning: string): string {
  const found = known.find(([said]) => said.test(warning));
  return found ? pick(warning.replace(found[0], found[1]), warning) : warning;
}
