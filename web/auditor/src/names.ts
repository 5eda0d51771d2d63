/** Names of the types of materials and licences, asked once. */

import { at, get } from "../../shared/client.ts";
import { preferences } from "../../shared/preferences.ts";

interface Named {
  readonly name: string;
  readonly name_en: string;
}
interface Catalogues {
  readonly types: ReadonlyMap<string, Named>;
  readonly fields: ReadonlyMap<string, Named>;
}
/** Names in the language chosen, by code: of types, and of the fields of licences. */
export interface Names {
  readonly types: ReadonlyMap<string, string>;
  readonly fields: ReadonlyMap<string, string>;
}

let held: Promise<Catalogues> | undefined;

async function all(): Promise<Catalogues> {
  const [materials, licences] = await Promise.all([get(at("/v1/material-types")), get(at("/v1/licence-types"))]);
  const types = new Map<string, Named>([
    ...materials.types.map((each) => [each.type_code, each] as const),
    ...licences.types.map((each) => [each.code, each] as const),
  ]);
  const fields = licences.types.flatMap((each) => each.fields.map((field) => [field.name, { name: field.title_zh, name_en: field.title_en }] as const));
  return { types, fields: new Map(fields) };
}

/** By code, in the language chosen. */
export async function names(): Promise<Names> {
  held ??= all();
  held.catch(() => (held = undefined));
  const isChinese = preferences.language === "zh";
  const chosen = (all: ReadonlyMap<string, Named>): ReadonlyMap<string, string> =>
    new Map([...all].map(([code, each]) => [code, isChinese ? each.name : each.name_en]));
  const { types, fields } = await held;
  return { types: chosen(types), fields: chosen(fields) };
}
