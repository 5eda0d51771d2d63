/** What the exchange tells an auditor, by the names the pages use; the shapes are the exchange's own. */

import type { Schemas } from "../../shared/client.ts";

export type Look = Schemas["LookOut"];
export type LookKind = Look["kind"];
export type EntryState = Schemas["EntryStateOut"];
export type Line = Schemas["AuditLineOut"];
export type Version = Schemas["LookVersionOut"];
/** How much of each part there is; `most` and one more where there is more. */
export type Sums = Schemas["SumsOut"];
/** A part of what a department did. */
export type Part = keyof Sums["sums"];
export type Page = Schemas["LookPageOut"];
