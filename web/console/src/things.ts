/** What the exchange answers, by the names the console uses; the shapes are the exchange's own. */

import type { Schemas } from "../../shared/client.ts";

export type Said = Schemas["Said"];
export type Identifier = Schemas["IdentifierOut"];
export type Holder = Schemas["HolderOut"];
export type Item = Schemas["ItemOut"];
export type ItemInFull = Schemas["FullItemOut"];
export type Question = Schemas["QuestionOut"];
export type Step = Schemas["StepOut"];
export type Case = Schemas["CaseOut"];
export type Line = Schemas["ChecklistLineOut"];
export type Checklist = Schemas["ChecklistOut"];
export type Batch = Schemas["BatchOut"];
/** Of a field that was read, `box` is ten-thousandths of the page's width and height: x0, y0, x1, y1. */
export type FieldRead = Schemas["FieldReadOut"];
/** A reading; of one of a list only what `ReadingOut` has is there. */
export type Reading = Schemas["ReadingOut"] & Partial<Schemas["FullReadingOut"]>;
export type Candidate = Schemas["CandidateOut"];
export type FormLine = Schemas["FormLineOut"];
export type Form = Schemas["FormOut"];
export type Finding = Schemas["FindingOut"];
export type Review = Schemas["ReviewOut"];

/** How a state looks. */
export const tones = {
  supplied: "success", offered: "primary", waiting: "warning", owed: "warning", missing: "danger",
  passed: "success", failed: "danger", unclear: "warning", "not-applicable": "info",
} as const;
