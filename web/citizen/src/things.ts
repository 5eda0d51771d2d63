/** What the exchange tells of one's own things (`api/routes/mine.py`). */

export interface Licence {
  readonly licence_id: string;
  readonly type_code: string;
  readonly name: string;
  readonly name_en: string;
  readonly issuer: string;
  readonly number: string;
  readonly identifier: string;
  readonly status: string;
  readonly frozen: boolean;
  readonly level: number;
  readonly holder_kind: "person" | "organisation" | "mixed";
  readonly valid_from: string;
  readonly valid_to: string | null;
  readonly has_file: boolean;
  readonly presents: readonly string[];
  readonly entry_id: string;
}

export interface FullLicence extends Licence {
  readonly face: readonly { readonly name: string; readonly zh: string; readonly en: string; readonly value: string | readonly string[] }[];
  readonly holders: readonly string[];
  readonly events: readonly { readonly at: string; readonly status: string; readonly entry_id: string }[];
}

export interface Material {
  readonly material_id: string;
  readonly name: string;
  readonly name_en: string;
  readonly depositor: string;
  readonly deposited_at: string;
  readonly valid_from: string | null;
  readonly valid_to: string | null;
  readonly status: string;
  readonly media_type: string;
  readonly size: number;
  readonly sha256: string;
  readonly entry_id: string;
}

export interface HeldCode {
  readonly code_id: string;
  readonly kind: "live" | "printed" | "company";
  readonly state: "waiting" | "shown" | "expired" | "void";
  readonly licence_id: string | null;
  readonly made_at: string;
  readonly expires_at: string;
}

/** A code as it was just made. */
export interface MadeCode {
  readonly code_id: string;
  readonly kind: HeldCode["kind"];
  readonly code: string;
  readonly png: string;
  readonly expires_at: string;
  readonly seconds_left: number;
}

export interface Line {
  readonly line_id: string;
  readonly kind: "use" | "refusal";
  readonly at: string;
  readonly organisation: string;
  readonly org_code: string;
  readonly item: string;
  readonly case_no: string;
  readonly cause: string | null;
  readonly type: string | null;
  readonly mode: "verify" | "data" | "copy";
  readonly basis: string | null;
  readonly grant_id: string | null;
  readonly state: string;
  readonly reason: string | null;
  readonly reason_zh: string | null;
  readonly reason_en: string | null;
  readonly seq: number | null;
  readonly entry_id: string;
  readonly outcome_entry_id: string | null;
}

export interface Report {
  readonly report_id: string;
  readonly line_id: string;
  readonly text: string;
  readonly at: string;
  readonly answer: string | null;
  readonly answered_at: string | null;
}

export interface Dispute {
  readonly dispute_id: string;
  readonly licence_id?: string;
  readonly state: "open" | "rejected" | "corrected" | "withdrawn";
  readonly opened_at: string;
  readonly due_at: string;
  readonly overdue: boolean;
  readonly claim: string;
  readonly answer: string | null;
}

/** What somebody is asked to say yes or no to; `statement` is signed over by its digest. */
export interface Inquiry {
  readonly inquiry_id: string;
  readonly kind: "application" | "confirmation" | "willingness";
  readonly state: "open" | "answered" | "expired" | "withdrawn";
  readonly statement: {
    readonly org: { readonly name: string };
    readonly item: { readonly name: string; readonly name_en: string };
    readonly zh: string;
    readonly en: string;
    readonly facts: Record<string, string>;
  };
  readonly due_at: string;
  readonly answer: string | null;
}

export interface Decided {
  readonly run_id: string;
  readonly case_no: string;
  readonly state: "running" | "waiting" | "person" | "declined" | "granted" | "listed" | "excluded";
  readonly started_at: string;
  readonly decided_at: string | null;
}

export interface Linked {
  readonly linked_id: string;
  readonly state: "announced" | "objected" | "person" | "changed";
  readonly fields: Record<string, string>;
  readonly due_at: string;
}

export interface Objection {
  readonly objection_id: string;
  readonly state: "open" | "upheld" | "rejected";
  readonly opened_at: string;
  readonly claim: string;
  readonly answer: string | null;
}

export interface Notice {
  readonly notice_id: string;
  readonly kind: string;
  readonly subject: string;
  readonly zh: string;
  readonly en: string;
  readonly link: string | null;
  readonly at: string;
  readonly first_read_at: string | null;
}

export interface Delegation {
  readonly delegation_id: string;
  readonly state: "active" | "ended" | "expired";
  readonly terms: {
    readonly parent: string | null;
    readonly items: readonly string[];
    readonly types: readonly string[];
    readonly mode: "verify" | "data" | "copy";
    readonly regions: readonly string[];
    readonly levels: number;
    readonly valid_from: string;
    readonly valid_to: string;
  };
  readonly principal: string;
  readonly principal_kind: "person" | "organisation";
  readonly principal_code: string | null;
  readonly links: readonly { readonly delegation_id: string; readonly from: string; readonly to: string; readonly ended: boolean }[];
  readonly yours: "given" | "taken" | "represented";
  readonly given_at: string;
  readonly ended_at: string | null;
}

export interface Scan {
  readonly presentation_id: string;
  readonly organisation: string;
  readonly counter: string;
  readonly licence_id: string | null;
  readonly fields: readonly string[];
  readonly refused: string | null;
  readonly at: string;
}
