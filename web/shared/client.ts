/**
 * What the exchange takes and gives, from its own description (`openapi.ts`, written by `make types`).
 *
 * An address is made by `at`, which knows the declared paths, what stands in their braces and which parameters follow;
 * whoever asks it then has the type of the answer without saying it. `types.mjs --check` fails where the description
 * and the types differ, and the tests hold every answer the pages get to the description.
 */

import type { components, paths } from "./openapi.ts";
import { call as send } from "./exchange.ts";

/** Parts of answers and requests by their names. */
export type Schemas = components["schemas"];
export type Path = keyof paths;
export type Method = "get" | "post" | "patch" | "delete";

type Operation<P extends Path, M extends Method> = paths[P] extends { readonly [m in M]: infer O extends object } ? O : never;
type Json<C> = C extends { readonly content: { readonly "application/json": infer B } } ? B : undefined;
type Sent<C> = C extends { readonly content: { readonly "multipart/form-data": unknown } } ? FormData : Json<C>;
type Member<T, N extends string> = T extends { readonly [n in N]: infer V } ? V : T extends { readonly [n in N]?: infer V } ? V : never;
type Success<R> = R extends { readonly 200: infer A } ? A : R extends { readonly 201: infer A } ? A : R extends { readonly 202: infer A } ? A : never;

/** What an operation answers. */
export type AnswerOf<P extends Path, M extends Method> = Json<Success<Member<Operation<P, M>, "responses">>>;
/** What an operation takes as its body. */
export type BodyOf<P extends Path, M extends Method> = Sent<NonNullable<Member<Operation<P, M>, "requestBody">>>;

type Methods<P extends Path> = { [M in Method]: Operation<P, M> extends never ? never : M }[Method];
type Parameters<P extends Path> = Member<{ [M in Methods<P>]: Operation<P, M> }[Methods<P>], "parameters">;
type Parts<P extends Path> = P extends `${string}{${string}` ? Member<Parameters<P>, "path"> : Record<never, never>;
/** Parameters behind the question mark, of whichever of the address's operations has them. */
export type QueryOf<P extends Path> = NonNullable<Member<Parameters<P>, "query">>;

/** An address of the exchange, whole, with the path it is declared by. */
export interface Address<P extends Path> {
  readonly declared: P;
  readonly whole: string;
}

type Given<P extends Path> = keyof Parts<P> extends never ? readonly [query?: QueryOf<P>] : readonly [parts: Parts<P>, query?: QueryOf<P>];

/** An address: its declared path, what stands in the braces, what follows the question mark (what is undefined does not). */
export function at<P extends Path>(declared: P, ...given: Given<P>): Address<P> {
  const [parts, query] = declared.includes("{") ? [given[0], given[1]] : [undefined, given[0]];
  const named = (parts ?? {}) as Readonly<Record<string, string | number>>;
  const path = declared.replaceAll(/\{(\w+)\}/g, (_, name: string) => encodeURIComponent(String(named[name])));
  const asked = new URLSearchParams();
  for (const [name, value] of Object.entries((query ?? {}) as Readonly<Record<string, unknown>>)) {
    if (value !== undefined && value !== null) asked.set(name, String(value));
  }
  return { declared, whole: asked.size > 0 ? `${path}?${asked.toString()}` : path };
}

/** Look at something that needs no session. */
export const get = <P extends Path>(address: Address<P>): Promise<AnswerOf<P, "get">> => send("GET", address.whole);

/** Hand something in that needs no session; what is signed says who. */
export const post = <P extends Path>(address: Address<P>, body?: BodyOf<P, "post">, key?: string): Promise<AnswerOf<P, "post">> =>
  send("POST", address.whole, body, key);
