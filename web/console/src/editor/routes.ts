/** Routes by which a material may come, the best first (`materials.checklist.model.Route`); what some of them need. */

import { pick } from "../words.ts";

export type Need = "check" | "generate" | "owed_days" | "assist";

export const ROUTES: readonly { readonly code: string; readonly zh: string; readonly en: string; readonly needs?: Need }[] = [
  { code: "licence", zh: "调取证照", en: "Licence" },
  { code: "check", zh: "数据核验", en: "Check", needs: "check" },
  { code: "reuse", zh: "复用", en: "Reuse" },
  { code: "generated", zh: "系统生成", en: "Generated", needs: "generate" },
  { code: "commitment", zh: "告知承诺", en: "Commitment", needs: "owed_days" },
  { code: "assistance", zh: "部门协助", en: "Assistance", needs: "assist" },
  { code: "upload", zh: "上传", en: "Upload" },
];
export const routeName = (code: string): string => {
  const found = ROUTES.find((each) => each.code === code);
  return found ? pick(found.zh, found.en) : code;
};
export const needName = (code: Need): string =>
  ({
    check: pick("核验问题", "Question"),
    generate: pick("模板", "Template"),
    owed_days: pick("容缺工作日", "Working days owed"),
    assist: pick("协助单位代码", "Assisting department"),
  })[code];
