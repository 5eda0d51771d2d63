/** Requests to the exchange: one try, one time limit, problems (RFC 9457) as errors. */

const LIMIT = 20_000;
/** Milliseconds an answer may take before the page says so. */

/** The exchange refused; `title` and `detail` are for people, in both languages. */
export class Problem extends Error {
  constructor(
    readonly status: number,
    readonly code: string,
    readonly title: { readonly zh: string; readonly en: string },
    readonly hint: { readonly zh: string; readonly en: string },
    readonly request: string,
    /** What the advice speaks of. */
    readonly fields: Readonly<Record<string, unknown>> = {},
  ) {
    super(code);
  }
}

/** No answer: no network, too slow, or the exchange is down. Whether the request arrived is not known. */
export class Unreached extends Error {}

/** Send a request; the JSON of the answer. */
export async function call<T>(method: "GET" | "POST", path: string, body?: unknown, key?: string): Promise<T> {
  const headers: Record<string, string> = { Accept: "application/json" };
  if (body !== undefined) headers["Content-Type"] = "application/json";
  if (key !== undefined) headers["Idempotency-Key"] = key;
  const init: RequestInit = { method, headers, credentials: "omit", signal: AbortSignal.timeout(LIMIT) };
  return send<T>(path, body === undefined ? init : { ...init, body: JSON.stringify(body) });
}

export interface Asked {
  readonly method: "GET" | "POST" | "PATCH" | "DELETE";
  readonly path: string;
  /** Sent as JSON, a form or a file as it is. */
  readonly body?: unknown;
  /** Idempotency-Key. */
  readonly key?: string;
  readonly accept?: string;
  /** Milliseconds the answer may take. */
  readonly limit?: number;
}

/**
 * Ask in a session: its cookie goes along, and a header that no other site's page can send.
 *
 * @param page which of the node's pages asks, as the exchange knows them (`api/browsers.py`).
 */
export async function inSession(page: string, asked: Asked): Promise<Response> {
  const { method, path, body, key, accept = "application/json, image/png", limit = LIMIT } = asked;
  const headers: Record<string, string> = { Accept: accept, "X-Cailian-Page": page };
  if (key !== undefined) headers["Idempotency-Key"] = key;
  const init: RequestInit = { method, headers, credentials: "same-origin", signal: AbortSignal.timeout(limit) };
  if (body === undefined) return reach(path, init);
  if (body instanceof FormData || body instanceof Blob) return reach(path, { ...init, body }); // either says what it is
  headers["Content-Type"] = "application/json";
  return reach(path, { ...init, body: JSON.stringify(body) });
}

/** Send a form, as OAuth's endpoints take them. */
export async function form<T>(path: string, fields: Record<string, string>): Promise<T> {
  return send<T>(path, {
    method: "POST",
    body: new URLSearchParams(fields),
    credentials: "omit",
    signal: AbortSignal.timeout(LIMIT),
  });
}

async function send<T>(path: string, init: RequestInit): Promise<T> {
  const answer = await reach(path, init);
  try {
    return (await answer.json()) as T;
  } catch (error) {
    throw new Unreached("cut off", { cause: error });
  }
}

/** One try; an answer that is no refusal. */
async function reach(path: string, init: RequestInit): Promise<Response> {
  let answer: Response;
  let document: Record<string, unknown>;
  try {
    answer = await fetch(path, init);
    if (answer.ok) return answer;
    document = (await answer.json()) as Record<string, unknown>;
  } catch (error) {
    throw new Unreached("no answer", { cause: error });
  }
  const text = (name: string): string => (typeof document[name] === "string" ? document[name] : "");
  if (answer.status >= 502 && answer.status <= 504) throw new Unreached(text("code"));
  const code = text("code") || `http-${answer.status}`;
  const title = { zh: text("title_zh"), en: text("title") };
  const hint = { zh: advice(text("detail_zh"), title.zh), en: advice(text("detail"), title.en) };
  const fields = typeof document["fields"] === "object" && document["fields"] !== null ? (document["fields"] as Record<string, unknown>) : {};
  throw new Problem(answer.status, code, title, hint, text("request_id") || text("instance"), fields);
}

/** What to do, without the title that stands before it. */
const advice = (detail: string, title: string): string =>
  detail.startsWith(title) ? detail.slice(title.length).replace(/^[.。]\s*/, "") : detail;
