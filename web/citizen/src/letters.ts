/** Letters of commitment (`api/routes/letters.py`). */

/** One letter; `terms` are signed over by their digest, and name the rendered document by its own. */
export interface Letter {
  readonly commitment_id: string;
  readonly state: "proposed" | "declined" | "signed" | "withdrawn" | "kept" | "overdue" | "breached";
  readonly holder: string;
  readonly org: { readonly name: string; readonly code: string };
  readonly item: { readonly name: string; readonly name_en: string };
  readonly terms: {
    readonly action: string;
    readonly id: string;
    readonly org: string;
    readonly case: string;
    readonly barred_days: number;
    readonly post_check_days: number;
    readonly owed: readonly { readonly type: string; readonly due: string }[];
  };
  readonly owed: readonly {
    readonly type_code: string;
    readonly name: string;
    readonly name_en: string;
    readonly due_at: string;
    readonly fulfilled_at: string | null;
  }[];
  readonly can_refuse: boolean;
  readonly proposed_at: string;
  readonly signed_at: string | null;
}

export const letterTone = {
  proposed: "warn", signed: "good", kept: "good", overdue: "warn", breached: "warn", declined: "", withdrawn: "",
} as const;
