/** Requests that a holder signs (`certs/requests.py`): made by the exchange, which gives them a time, and checked here. */

import { canonical, type Json, type Members } from "../../shared/canonical.ts";
import { MismatchError } from "./consent.ts";
import { at, post } from "../../shared/client.ts";

export type Action =
  | "session" | "show" | "print-code" | "company-code" | "void-code" | "dispute" | "withdraw-dispute" | "report"
  | "open-delivery" | "answer" | "object" | "refuse-commitment";

const NOBODY = "00000000-0000-4000-8000-000000000000";

/** A fresh request of exactly this; what came back is compared with what was asked before anybody signs it. */
export async function prepare(action: Action, subject: string | null = null, terms: Members = {}): Promise<Members> {
  const asked = { action, subject: subject ?? NOBODY, terms };
  const { request } = (await post(at("/v1/holder-requests"), asked)) as { request: Members };
  const { id } = request;
  const meant = { v: 1, type: "cailian/request", action, id, subject: subject ?? id, terms } as Json;
  if (typeof id !== "string" || canonical(request) !== canonical(meant)) throw new MismatchError("request");
  return request;
}
