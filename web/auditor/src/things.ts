/** What the exchange tells an auditor (`api/routes/auditing.py`). */

export type LookKind = "case" | "licence" | "material" | "department";

export interface Look {
  readonly look_id: string;
  readonly kind: LookKind;
  readonly subject: string;
  readonly scope: "node" | "organisation";
  readonly since: string | null;
  readonly until: string | null;
  readonly cause: string;
  readonly organisation: string | null;
  readonly org_code: string | null;
  readonly operator: string;
  readonly at: string;
  readonly open_until: string;
  readonly is_open: boolean;
  readonly entry_id: string;
}

export interface EntryState {
  readonly entry_id: string;
  readonly state: "pending" | "integrated" | "cosigned" | "anchored";
  /** Name of the log that holds it; null while it is in none. */
  readonly log: string | null;
  readonly index: number | null;
  readonly anchored_at: string | null;
}

export interface Line {
  readonly kind: string;
  readonly id: string;
  readonly at: string;
  readonly organisation: string | null;
  readonly org_code: string | null;
  readonly operator: string | null;
  readonly object_id: string | null;
  readonly type_code: string | null;
  readonly case_no: string | null;
  readonly item_code: string | null;
  readonly mode: string | null;
  readonly basis: string | null;
  readonly reason: string | null;
  /** What the reason of a refusal says. */
  readonly reason_text: { readonly zh: string; readonly en: string } | null;
  readonly state: string | null;
  readonly ended_at: string | null;
  readonly related: string | null;
  /** SHA-256 of the derived copy that left by a use. */
  readonly copy_sha256: string | null;
  readonly code_kind: "live" | "printed" | "company" | null;
  /** Of a scan: the verifier's published scope, and names of the fields that were seen. */
  readonly scenario: string | null;
  readonly fields: readonly string[];
  /** Null of a refused scan, which the log does not hold. */
  readonly entry: EntryState | null;
  readonly outcome_entry: EntryState | null;
  readonly copy_entry: EntryState | null;
}

export interface Version {
  readonly id: string;
  readonly type_code: string;
  readonly version: number;
  readonly status: string;
  readonly organisation: string | null;
  readonly org_code: string | null;
  readonly at: string;
  readonly sha256: string;
  readonly origin_case_no: string | null;
  readonly licence_id: string | null;
  /** When the key of its document was destroyed. */
  readonly erased_at: string | null;
}

/** A part of what a department did. */
export type Part = "uses" | "refusals" | "deposits" | "licences" | "cases" | "scans";

/** How much of each part there is; `most` and one more where there is more. */
export interface Sums {
  readonly most: number;
  readonly sums: Readonly<Record<Part, number>>;
}

export interface Page {
  readonly versions: readonly Version[];
  readonly lines: readonly Line[];
  readonly next_cursor: string | null;
}
