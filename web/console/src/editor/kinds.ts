/** What can be edited, and how the exchange names it: items, types of material, types of licence. */

import { at, type Schemas } from "../../../shared/client.ts";
import { operator, read } from "../../../shared/staff/session.ts";
import { pick } from "../words.ts";
import type { Held } from "./json.ts";

export type KindName = "item" | "material-type" | "licence-type";

/** One of what is published, as lists show it. */
export interface Row {
  readonly code: string;
  readonly name: string;
  readonly name_en: string;
  readonly version: string;
  /** What is told of it beside. */
  readonly more: string;
}

export interface Kind {
  readonly kind: KindName;
  /** Of the exchange's addresses, and of this page's. */
  readonly folder: "items" | "material-types" | "licence-types";
  readonly title: () => string;
  readonly many: () => string;
  readonly more: () => string;
  readonly list: () => Promise<readonly Row[]>;
  readonly versions: (code: string) => Promise<{ readonly versions: readonly Version[] }>;
  /** Of what may be added, how one begins; what comes with the program alone has none. */
  readonly blank?: (code: string) => Held;
}

export type Draft = Schemas["DefinitionDraftOut"];
export type Version = Schemas["DefinitionVersionOut"];

interface Named {
  readonly name: string;
  readonly name_en: string;
  readonly version?: string;
}
const row = (code: string, { name, name_en, version = "" }: Named, more: string): Row => ({ code, name, name_en, version, more });
const types = async (): Promise<readonly Row[]> => (await read(at("/v1/material-types"))).types.map((each) => row(each.type_code, each, each.issuer));

export const KINDS: readonly Kind[] = [
  {
    kind: "item",
    folder: "items",
    title: () => pick("事项", "Item"),
    many: () => pick("事项", "Items"),
    versions: (code) => read(at("/v1/items/{item_code}/versions", { item_code: code })),
    more: () => pick("承诺工作日", "Promised days"),
    list: async () => (await read(at("/v1/items"))).items.map((each) => row(each.item_code, each, String(each.promise_days))),
  },
  {
    kind: "material-type",
    folder: "material-types",
    title: () => pick("材料类型", "Type of material"),
    many: () => pick("材料", "Materials"),
    versions: (code) => read(at("/v1/material-types/{code}/versions", { code })),
    more: () => pick("出具单位", "Issued by"),
    list: types,
    blank: (code) => ({
      code, version: `${new Date().getFullYear()}.1`, name: "", name_en: "", issuer: "", licence_type: null, validity: { kind: "until_superseded" },
      share_class: "C", level: 2, retention_years: 10, media_types: ["application/pdf", "application/ofd", "image/jpeg", "image/png"],
    }),
  },
  {
    kind: "licence-type",
    folder: "licence-types",
    title: () => pick("证照类型", "Type of licence"),
    many: () => pick("证照", "Licences"),
    versions: (code) => read(at("/v1/licence-types/{code}/versions", { code })),
    more: () => pick("颁发机构", "Issued by"),
    list: async () => (await read(at("/v1/licence-types"))).types.map((each) => row(each.code, each, each.issuer)),
  },
];

export const kindOf = (folder: string): Kind => KINDS.find((each) => each.folder === folder) ?? (KINDS[0] as Kind);

/** Drafts of this organisation that wait for somebody, of one kind or of all. */
export async function drafts(kind?: KindName): Promise<readonly Draft[]> {
  return (await read(at("/v1/definition-drafts", { operator: operator.value, kind: kind ?? null }))).drafts;
}

/** A version after this one: the last number of it, one more. */
export const after = (version: string): string => version.replace(/(\d+)(?!.*\d)/, (number) => String(Number(number) + 1));
