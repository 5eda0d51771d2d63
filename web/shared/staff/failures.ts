/** Errors in words: what happened, and what to do. */

import { Problem, Unreached } from "../exchange.ts";
import { LoginError } from "../login.ts";
import { pick } from "../pick.ts";

export interface Failure {
  readonly kind: "offline" | "missing" | "other";
  readonly title: string;
  readonly hint: string;
  /** Under which the node's log tells the rest. */
  readonly request?: string;
  readonly code?: string;
}

/** What to tell of an error. */
export function told(error: unknown): Failure {
  if (error instanceof Unreached) {
    const hint = pick("请检查网络后重试；已提交的操作不会重复。", "Check the network and try again; nothing is done twice.");
    return { kind: "offline", title: pick("无法连接节点", "The node cannot be reached"), hint };
  }
  if (error instanceof LoginError) return ofLogin(error);
  if (error instanceof Problem) {
    const { code, request, status } = error;
    const title = pick(error.title.zh, error.title.en) || pick("操作未完成", "That did not work");
    return { kind: status === 404 ? "missing" : "other", title, hint: pick(error.hint.zh, error.hint.en), request, code };
  }
  return { kind: "other", title: pick("页面出错，请刷新", "The page failed; reload it"), hint: "" };
}

function ofLogin({ reason }: LoginError): Failure {
  const hint = pick("请重新登录。", "Log in again.");
  if (reason === "denied") return { kind: "other", title: pick("未登录", "You did not log in"), hint };
  if (reason === "no-provider") {
    const ask = pick("请联系本节点管理员。", "Ask the administrator of this node.");
    return { kind: "other", title: pick("本节点未配置登录", "No login is set up at this node"), hint: ask };
  }
  return { kind: "other", title: pick("登录结果与本次操作对不上", "This login answers something else"), hint };
}
