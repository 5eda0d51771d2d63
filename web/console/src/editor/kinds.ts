/** What can be edited, and how the exchange names it: items, types of material, types of licence. */

import { operator, read } from "../../../shared/staff/session.ts";
import { pick } from "../words.ts";
import type { Change, Held } from "./json.ts";

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
  /** Of what may be added, how one begins; what comes with the program alone has none. */
  readonly blank?: (code: string) => Held;
}

export interface Draft {
  readonly draft_id: string;
  readonly kind: KindName;
  readonly code: string;
  readonly name: string;
  readonly name_en: string;
  readonly text: string;
  readonly sha256: string;
  readonly edited_by: string;
  readonly edited_at: string;
  readonly changes: readonly Change[];
}

export interface Version {
  readonly version: string;
  readonly sha256: string;
  readonly register_version: number | null;
  readonly published_at: string | null;
}

interface Named {
  readonly name: string;
  readonly name_en: string;
  readonly version?: string;
}
interface TypeRow extends Named {
  readonly type_code: string;
  readonly issuer: string;
}
interface LicenceRow extends Named {
  readonly code: string;
  readonly issuer: string;
}
interface ItemRow extends Named {
  readonly item_code: string;
  readonly promise_days: number;
}

const row = (code: string, { name, name_en, version = "" }: Named, more: string): Row => ({ code, name, name_en, version, more });
const types = async (): Promise<readonly Row[]> => (await read<{ types: TypeRow[] }>("/v1/material-types")).types.map((each) => row(each.type_code, each, each.issuer));

export const KINDS: readonly Kind[] = [
  {
    kind: "item",
    folder: "items",
    title: () => pick("事项", "Item"),
    many: () => pick("事项", "Items"),
    more: () => pick("承诺工作日", "Promised days"),
    list: async () => (await read<{ items: ItemRow[] }>("/v1/items")).items.map((each) => row(each.item_code, each, String(each.promise_days))),
  },
  {
    kind: "material-type",
    folder: "material-types",
    title: () => pick("材料类型", "Type of material"),
    many: () => pick("材料", "Materials"),
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
    more: () => pick("颁发机构", "Issued by"),
    list: async () => (await read<{ types: LicenceRow[] }>("/v1/licence-types")).types.map((each) => row(each.code, each, each.issuer)),
  },
];

export const kindOf = (folder: string): Kind => KINDS.find((each) => each.folder === folder) ?? (KINDS[0] as Kind);

/** Drafts of this organisation that wait for somebody, of one kind or of all. */
export async function drafts(kind?: KindName): Promise<readonly Draft[]> {
  const query = new URLSearchParams({ operator: operator.value, ...(kind ? { kind } : {}) });
  return (await read<{ drafts: Draft[] }>(`/v1/definition-drafts?${query.toString()}`)).drafts;
}

/** A version after this one: the last number of it, one more. */
export const after = (version: string): string => version.replace(/(\d+)(?!.*\d)/, (number) => String(Number(number) + 1));
