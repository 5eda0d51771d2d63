/** Letters of commitment (`api/routes/letters.py`). */

import type { Schemas } from "../../shared/client.ts";

/** One letter; `terms` are signed over by their digest, and name the rendered document by its own. */
export type Letter = Schemas["LetterOut"];

export const letterTone = {
  proposed: "warn", signed: "good", kept: "good", overdue: "warn", breached: "warn", declined: "", withdrawn: "",
} as const;
