/** Written by `make types` from the exchange's description; not by hand. */

export interface paths {
    readonly "/healthz": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        /**
         * Sizes, lags and states in figures
         * @description Log size, pending entries, newest checkpoint and anchor, lag against its limits.
         */
        readonly get: operations["healthz_healthz_get"];
        readonly put?: never;
        readonly post?: never;
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/readyz": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        /**
         * Database, objects and log can be used
         * @description Each part with `ok` or what is wrong; 503 when one is not ready. Warnings name limits that are near.
         */
        readonly get: operations["readyz_readyz_get"];
        readonly put?: never;
        readonly post?: never;
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/v1/access-providers": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        /**
         * Who answers for which type
         * @description Types that are not listed need no access request.
         */
        readonly get: operations["providers_v1_access_providers_get"];
        readonly put?: never;
        readonly post?: never;
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/v1/access-requests": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        /**
         * What your organisation asked, and what it has to answer
         * @description 200 of each: `asked` with the newest first, `to_answer` with the open ones first.
         */
        readonly get: operations["listing_v1_access_requests_get"];
        readonly put?: never;
        /**
         * Ask to use a conditionally shared type
         * @description The provider answers by `due_at`, in working days. Needs an Idempotency-Key.
         */
        readonly post: operations["ask_v1_access_requests_post"];
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/v1/access-requests/{request_id}/answer": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly get?: never;
        readonly put?: never;
        /**
         * Answer an access request
         * @description A registrar of the provider approves, or refuses with a reason. Needs an Idempotency-Key.
         */
        readonly post: operations["answer_v1_access_requests__request_id__answer_post"];
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/v1/access-requests/{request_id}/end": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly get?: never;
        readonly put?: never;
        /**
         * End an approved access
         * @description From the next use on. Needs an Idempotency-Key.
         */
        readonly post: operations["end_v1_access_requests__request_id__end_post"];
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/v1/ask-batches": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly get?: never;
        readonly put?: never;
        /**
         * Ask a holder for a whole case
         * @description Ask the applicant of an open case for several things under one notice. Needs an Idempotency-Key.
         *
         *     Things of security level 3 or 4 become asks of their own, so the holder may approve a part.
         */
        readonly post: operations["ask_v1_ask_batches_post"];
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/v1/ask-batches/{batch_id}": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        /**
         * What is asked together
         * @description The notice and the asks, for the holder to read and tick.
         */
        readonly get: operations["get_v1_ask_batches__batch_id__get"];
        readonly put?: never;
        readonly post?: never;
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/v1/ask-batches/{batch_id}/answer": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly get?: never;
        readonly put?: never;
        /**
         * Answer a batch
         * @description Approve what was ticked and refuse the rest, by one signature over the answer. Needs an Idempotency-Key.
         */
        readonly post: operations["answer_v1_ask_batches__batch_id__answer_post"];
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/v1/audit/entries": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        /**
         * What kind of records the log's entries hold
         * @description For an auditor of the node: the opened fact (type, time, digests) of each entry, its parties shut.
         *
         *     What opens the leaf that everybody can read; whoever looks checks that it does. Erased records are left out.
         */
        readonly get: operations["entries_v1_audit_entries_get"];
        readonly put?: never;
        readonly post?: never;
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/v1/audit/looks": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        /**
         * What auditors looked at
         * @description Of your organisation; for the node's own overseers, of every organisation. The newest first.
         */
        readonly get: operations["looks_v1_audit_looks_get"];
        readonly put?: never;
        /**
         * Look at a case, thing or department
         * @description Write down who looks at what and why; its pages can be turned for an hour. Needs an Idempotency-Key.
         *
         *     By an auditor: of the node everything, of another organisation its own. What is outside looks like what is not.
         */
        readonly post: operations["look_v1_audit_looks_post"];
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/v1/audit/looks/{look_id}": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        /**
         * One look of yours
         * @description What is looked at, why, and until when its pages can be turned.
         */
        readonly get: operations["one_look_v1_audit_looks__look_id__get"];
        readonly put?: never;
        readonly post?: never;
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/v1/audit/looks/{look_id}/lines": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        /**
         * What was done, page by page
         * @description Each with organisation, case, basis and log entry; nobody's name and no content.
         *
         *     In the order of time; of a department the newest first, and everything it did: uses, refusals, deposits, acts on
         *     licences, cases, scans. Of anything else `limit` counts uses, refusals, scans, deliveries and a case's deposits.
         */
        readonly get: operations["lines_v1_audit_looks__look_id__lines_get"];
        readonly put?: never;
        readonly post?: never;
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/v1/audit/looks/{look_id}/sums": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        /**
         * How much a department did
         * @description In the time of a look at a department, by parts. Counted up to `most`; what is more says one more.
         */
        readonly get: operations["sums_v1_audit_looks__look_id__sums_get"];
        readonly put?: never;
        readonly post?: never;
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/v1/cases": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        /**
         * Cases of your organisation
         * @description The newest first, `limit` at a time; `closed` are those that ended, decided or not.
         */
        readonly get: operations["listed_v1_cases_get"];
        readonly put?: never;
        /**
         * Open a case
         * @description Open a case of one of your items for an applicant, by answers of its questionnaire or by the name of a scenario.
         *
         *     Needs an Idempotency-Key.
         */
        readonly post: operations["open_case_v1_cases_post"];
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/v1/cases/{case_no}": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        /**
         * A case of your organisation
         * @description State of a case, and the item's generic material list, which may always be shown.
         */
        readonly get: operations["get_case_v1_cases__case_no__get"];
        readonly put?: never;
        readonly post?: never;
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/v1/cases/{case_no}/acceptance": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly get?: never;
        readonly put?: never;
        /**
         * Accept a case
         * @description Accept a case (受理) whose required materials are there or owed.
         *
         *     The checklist is kept with it, and the deadlines run from now, in working days; its check points are reviewed.
         *     Needs an Idempotency-Key.
         */
        readonly post: operations["accept_v1_cases__case_no__acceptance_post"];
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/v1/cases/{case_no}/assistance-requests": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly get?: never;
        readonly put?: never;
        /**
         * Ask another department
         * @description Ask for a fact or a document instead of asking the applicant, with a time in working days.
         *
         *     The holder is told. Lawful where a use of the type would be; a statement that comes is that use. Needs an
         *     Idempotency-Key.
         */
        readonly post: operations["ask_v1_cases__case_no__assistance_requests_post"];
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/v1/cases/{case_no}/checklist": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        /**
         * How each material of a case is supplied
         * @description For every required material the route that holds now, and why each better route was refused.
         *
         *     Also what the route stands on and what must still be confirmed. Before the holder's consent, nothing is said of
         *     things of level 3 and 4.
         */
        readonly get: operations["checklist_v1_cases__case_no__checklist_get"];
        readonly put?: never;
        readonly post?: never;
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/v1/cases/{case_no}/checklist/kept": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        /**
         * The checklist a case was accepted with
         * @description The canonical checklist as it stood at acceptance, its SHA-256 and the log entry that names it.
         */
        readonly get: operations["kept_v1_cases__case_no__checklist_kept_get"];
        readonly put?: never;
        readonly post?: never;
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/v1/cases/{case_no}/checks": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly get?: never;
        readonly put?: never;
        /**
         * Ask the source of a fact
         * @description Put the question that stands for a material to its source; needs an Idempotency-Key.
         *
         *     The answer is a use of the holder's data, under the same grant or duty as any other. Where the source does not
         *     answer in time, cannot be believed or contradicts itself, `state` is `failed`, `failure` says how, and the checklist
         *     offers the next route.
         */
        readonly post: operations["ask_v1_cases__case_no__checks_post"];
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/v1/cases/{case_no}/closing": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly get?: never;
        readonly put?: never;
        /**
         * Close a case
         * @description Close a case, with its decision and result; nothing can be used in it afterwards. Needs an Idempotency-Key.
         */
        readonly post: operations["close_case_v1_cases__case_no__closing_post"];
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/v1/cases/{case_no}/commitments": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        /**
         * Commitments of a case
         * @description The newest 200 commitments of a case of yours, with what each owes.
         */
        readonly get: operations["listed_v1_cases__case_no__commitments_get"];
        readonly put?: never;
        /**
         * Propose a commitment
         * @description Make the letter, with what will be owed and by when, for the applicant to sign. Needs an Idempotency-Key.
         *
         *     Days are working days from the acceptance of the case. It binds nobody until it is signed.
         */
        readonly post: operations["propose_v1_cases__case_no__commitments_post"];
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/v1/cases/{case_no}/confirmations": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly get?: never;
        readonly put?: never;
        /**
         * Confirm reuse, and that nothing changed
         * @description By the holder's signature, or as stated at the counter by an applicant who is there. Answers with the checklist.
         *
         *     Needs an Idempotency-Key.
         */
        readonly post: operations["confirm_v1_cases__case_no__confirmations_post"];
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/v1/cases/{case_no}/documents": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly get?: never;
        readonly put?: never;
        /**
         * Make a document from a template
         * @description Fill a template from licences, checks, the case and what the applicant states; needs an Idempotency-Key.
         *
         *     The document is a material of the case, of the verify level of its weakest value. Licences are asked by uses of
         *     their own. A required value without a source is refused, and `fields` names it.
         */
        readonly post: operations["make_v1_cases__case_no__documents_post"];
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/v1/cases/{case_no}/form": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        /**
         * The form of a case
         * @description The newest version of the form, with the sources of every field; also of a closed case.
         */
        readonly get: operations["get_form_v1_cases__case_no__form_get"];
        readonly put?: never;
        /**
         * Fill the form of a case
         * @description Fill each field from the sources its item names, the best first; needs an Idempotency-Key.
         *
         *     Licences and other departments' materials are read by uses of their own, sources are asked by checks, each only as
         *     far as it is lawful now; `asks` says what the holder would have to allow first. Every field names source, log entry,
         *     time and freshness of its value. Where sources differ, all their values are shown and none is chosen. Filling again
         *     asks only for what is new, and keeps what was stated.
         */
        readonly post: operations["fill_v1_cases__case_no__form_post"];
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        /**
         * State values of a form
         * @description Overwrite fields in the name of the applicant or the window; needs an Idempotency-Key.
         *
         *     What the sources said stays beside it. Computed fields follow. `null` takes a statement back.
         */
        readonly patch: operations["change_v1_cases__case_no__form_patch"];
        readonly trace?: never;
    };
    readonly "/v1/cases/{case_no}/people": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        /**
         * Who a case of yours is about
         * @description Applicant and others as your organisation named them, so that a deposit can name them again, a slip be printed.
         *
         *     Names and codes; of a case that is open, and whose applicant is there.
         */
        readonly get: operations["people_v1_cases__case_no__people_get"];
        readonly put?: never;
        readonly post?: never;
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/v1/cases/{case_no}/review": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        /**
         * The review of a case
         * @description The newest review: each check point with its state, where to look and what to do.
         *
         *     `passed`, `failed`, `unclear` (a source is missing or not sure: somebody has to look) or `not-applicable`. `values`
         *     are what was compared. For the organisation of the case only, as its form.
         */
        readonly get: operations["get_review_v1_cases__case_no__review_get"];
        readonly put?: never;
        /**
         * Review the check points of a case
         * @description Evaluate every check point (审查要点) of the item anew; needs an Idempotency-Key.
         *
         *     Licences and other departments' documents are read by uses of their own, sources are asked by checks, as far as it
         *     is lawful now; `asks` says what the holder would have to allow first. Documents handed in here that nobody had read
         *     are put in the queue. What was compared is in `GET`, not in this answer.
         */
        readonly post: operations["review_v1_cases__case_no__review_post"];
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/v1/cases/{case_no}/review/settlements": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly get?: never;
        readonly put?: never;
        /**
         * Settle a finding
         * @description State that a finding was put right, or was a false alarm, and why; needs an Idempotency-Key.
         *
         *     It stands for this very finding: when what was compared changes, the finding is open again.
         */
        readonly post: operations["settle_v1_cases__case_no__review_settlements_post"];
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/v1/cases/{case_no}/send-backs": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly get?: never;
        readonly put?: never;
        /**
         * Ask the applicant for what is outstanding
         * @description Everything that is missing, named at once (补正, 一次告知); the applicant is told. Needs an Idempotency-Key.
         */
        readonly post: operations["send_back_v1_cases__case_no__send_backs_post"];
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/v1/cases/{case_no}/submission": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly get?: never;
        readonly put?: never;
        /**
         * Hand in a draft
         * @description From now on the case can be used; its check points are reviewed at once. Needs an Idempotency-Key.
         */
        readonly post: operations["submit_v1_cases__case_no__submission_post"];
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/v1/check-questions": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        /**
         * What may be asked of which source
         * @description The node's sources and the questions they answer, each with the material types it stands for.
         */
        readonly get: operations["questions_v1_check_questions_get"];
        readonly put?: never;
        readonly post?: never;
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/v1/codes": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly get?: never;
        readonly put?: never;
        /**
         * Make a code to show
         * @description Make a live code (`show`, 60 seconds, once), a printed one (`print-code`) or a company's (`company-code`).
         *
         *     Sent again while the code stands, the same request gives the same code.
         */
        readonly post: operations["make_v1_codes_post"];
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/v1/codes/{code_id}": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        /**
         * What became of a code
         * @description State of a code and its newest 200 scans, refused ones too; for the holder's app, which alone has the id.
         */
        readonly get: operations["get_code_v1_codes__code_id__get"];
        readonly put?: never;
        readonly post?: never;
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/v1/commitments/{commitment_id}/withdrawal": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly get?: never;
        readonly put?: never;
        /**
         * Take back what you proposed
         * @description Before it was signed, or on the holder's word before the case is accepted. Needs an Idempotency-Key.
         */
        readonly post: operations["take_back_v1_commitments__commitment_id__withdrawal_post"];
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/v1/console/session": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        /**
         * Who works here
         * @description Operator, roles, organisation, and until when; 204 where nobody is logged in.
         */
        readonly get: operations["look_v1_console_session_get"];
        readonly put?: never;
        /**
         * Log in as a member of staff
         * @description A login at the identity provider over `{"id","type":"cailian/staff-session","v":1}`; sets the session's cookie.
         *
         *     Sent again, the same login begins the same session; after it was left, none.
         */
        readonly post: operations["begin_v1_console_session_post"];
        /**
         * Log out
         * @description End the session everywhere; nothing where there is none.
         */
        readonly delete: operations["leave_v1_console_session_delete"];
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/v1/console/session/renewal": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly get?: never;
        readonly put?: never;
        /**
         * Stay logged in
         * @description Half an hour from now, at most ten from the login. The page asks while somebody works at it.
         */
        readonly post: operations["renew_v1_console_session_renewal_post"];
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/v1/counter-signs/{counter}": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        /**
         * A sign for your counter
         * @description The QR code a counter puts up: holders' apps read from it for whom they make a live code.
         */
        readonly get: operations["counter_sign_v1_counter_signs__counter__get"];
        readonly put?: never;
        readonly post?: never;
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/v1/definition-checks": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly get?: never;
        readonly put?: never;
        /**
         * Check a definition
         * @description Of an item, a material type or a licence type: by the code that reads them, by what must stay of the one in
         *     force, and by all the others it has to go with. Says what it changes; what is wrong comes with its `line`.
         */
        readonly post: operations["check_v1_definition_checks_post"];
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/v1/definition-drafts": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        /**
         * Drafts of definitions that are open
         * @description Those of the caller's organisation, each with what it changes.
         */
        readonly get: operations["drafts_v1_definition_drafts_get"];
        readonly put?: never;
        /**
         * Keep a draft of a definition
         * @description In place of the one that is open. Needs a registrar as operator, and an Idempotency-Key.
         */
        readonly post: operations["save_v1_definition_drafts_post"];
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/v1/definition-drafts/{draft_id}/publication": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly get?: never;
        readonly put?: never;
        /**
         * Publish a draft of a definition
         * @description By another registrar than the one who saved it: the next version of the register `items`, `materials` or
         *     `licences`, in the log and on the chain. Every process goes by it within seconds; cases that are handed in go on by
         *     the version of their item that they were handed in under. Needs an Idempotency-Key.
         */
        readonly post: operations["publish_v1_definition_drafts__draft_id__publication_post"];
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/v1/definition-drafts/{draft_id}/removal": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly get?: never;
        readonly put?: never;
        /**
         * Give a draft up
         * @description Needs a registrar as operator, and an Idempotency-Key.
         */
        readonly post: operations["drop_v1_definition_drafts__draft_id__removal_post"];
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/v1/delegations": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly get?: never;
        readonly put?: never;
        /**
         * Let somebody act for you, or for whom you represent
         * @description Hand in terms and a signature over their digest. Needs an Idempotency-Key.
         *
         *     `principal` and `delegate` open the commitments in the terms: SHA-256 over the salt (16 bytes) and the canonical
         *     `{"code","country","type"}`, base64url. A child names its `parent` and is signed by the parent's delegate.
         */
        readonly post: operations["give_v1_delegations_post"];
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/v1/delegations/{delegation_id}/end": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly get?: never;
        readonly put?: never;
        /**
         * End a delegation
         * @description End it, and all that hangs below it, for every use recorded after this. Needs an Idempotency-Key.
         */
        readonly post: operations["end_v1_delegations__delegation_id__end_post"];
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/v1/fetch": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly get?: never;
        readonly put?: never;
        /**
         * Use the licence that is meant
         * @description By holder and type, by 电子证照标识, by 用证码 or by its number; answered like `POST /v1/uses`.
         *
         *     Mode `verify` says whether it stands, `data` gives named fields, masked unless granted in clear, `copy` a file with
         *     a mark of who took it and why. Needs an Idempotency-Key.
         */
        readonly post: operations["fetch_v1_fetch_post"];
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/v1/figures": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        /**
         * Figures of your organisation, or of the node
         * @description Counts and shares from day to day, of your own organisation; for overseers of the node of all of them.
         *
         *     `overdue` is how many open cases are past their promised day now. `through` is the newest day that is counted;
         *     counts of today grow.
         */
        readonly get: operations["figures_v1_figures_get"];
        readonly put?: never;
        readonly post?: never;
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/v1/firms/search": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly get?: never;
        readonly put?: never;
        /**
         * Find organisations by the beginning of their name
         * @description At most 20, with their unified social credit codes; counted as a search of yours.
         */
        readonly post: operations["search_v1_firms_search_post"];
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/v1/grants/{grant_id}/withdrawal": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly get?: never;
        readonly put?: never;
        /**
         * Withdraw a grant
         * @description Take a grant back, with effect for every use recorded after it. Needs an Idempotency-Key.
         */
        readonly post: operations["withdraw_v1_grants__grant_id__withdrawal_post"];
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/v1/holder-requests": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly get?: never;
        readonly put?: never;
        /**
         * What a holder has to sign
         * @description The canonical request with a fresh id, and its digest: log in with it as `nonce`. Nothing is kept.
         */
        readonly post: operations["prepare_v1_holder_requests_post"];
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/v1/items": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        /**
         * The service items and what each may demand
         * @description Items with scenarios, demanded types and the generic list.
         */
        readonly get: operations["items_v1_items_get"];
        readonly put?: never;
        readonly post?: never;
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/v1/items/{item_code}": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        /**
         * One item in full
         * @description Questionnaire, scenarios, materials with their routes, form, check points, limits and commitment rule.
         */
        readonly get: operations["one_item_v1_items__item_code__get"];
        readonly put?: never;
        readonly post?: never;
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/v1/items/{item_code}/questionnaire": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly get?: never;
        readonly put?: never;
        /**
         * The next question, or the scenario
         * @description One step of the questionnaire: give the answers so far, get the next question.
         *
         *     After the last one: the scenario and what it demands. Nothing is kept, and no client is needed.
         */
        readonly post: operations["questionnaire_v1_items__item_code__questionnaire_post"];
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/v1/items/{item_code}/versions": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        /**
         * Versions of an item
         * @description The newest first, with the version of the register `items` that published it; all of them can be read.
         */
        readonly get: operations["item_versions_v1_items__item_code__versions_get"];
        readonly put?: never;
        readonly post?: never;
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/v1/keys": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly get?: never;
        readonly put?: never;
        /**
         * Enrol a key
         * @description Hand in terms, what opens them, the registration and the login over them. Needs an Idempotency-Key.
         *
         *     The holder is told by another channel. Until `full_from` the key opens nothing of level 3 or more.
         */
        readonly post: operations["enrol_v1_keys_post"];
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/v1/keys/{key_id}/revocation": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly get?: never;
        readonly put?: never;
        /**
         * Revoke a key
         * @description End a key for every signature taken after this; what it signed stands until withdrawn.
         *
         *     Needs an Idempotency-Key.
         */
        readonly post: operations["revoke_v1_keys__key_id__revocation_post"];
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/v1/keys/offers": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly get?: never;
        readonly put?: never;
        /**
         * What a phone needs to make a key
         * @description A fresh id, and `PublicKeyCredentialCreationOptionsJSON` for a passkey of that id. Nothing is stored.
         */
        readonly post: operations["offer_v1_keys_offers_post"];
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/v1/keys/proposals": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly get?: never;
        readonly put?: never;
        /**
         * What to log in over to enrol a key
         * @description The terms a registration makes, and their digest: log in with it as `nonce`. Nothing is stored.
         */
        readonly post: operations["propose_v1_keys_proposals_post"];
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/v1/licence-types": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        /**
         * Types of licence
         * @description The licence catalogue of this node, with every field of every face.
         */
        readonly get: operations["list_types_v1_licence_types_get"];
        readonly put?: never;
        readonly post?: never;
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/v1/licence-types/{code}/versions": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        /**
         * Versions of a licence type
         * @description The newest first, with the version of the register `licences` that published it; all of them can be read.
         */
        readonly get: operations["licence_type_versions_v1_licence_types__code__versions_get"];
        readonly put?: never;
        readonly post?: never;
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/v1/log": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        /**
         * What this log is, and who watches it
         * @description Name and keys of the log, its newest checkpoint, witnesses and quorum, chain and contracts, logs before it.
         *
         *     What the exchange says about itself: keys to check against come from a trust file.
         */
        readonly get: operations["about_v1_log_get"];
        readonly put?: never;
        readonly post?: never;
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/v1/log/anchors/{size}": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        /**
         * Proof that the chain holds a checkpoint
         * @description The section `chain` of evidence bundles (docs/evidence.md, 2.3) for the checkpoint of exactly this size.
         */
        readonly get: operations["anchor_v1_log_anchors__size__get"];
        readonly put?: never;
        readonly post?: never;
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/v1/log/checkpoints": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        /**
         * Checkpoints and their anchors, page by page
         * @description Each as a signed note with its cosignatures, with block and transaction of its anchor; the newest first.
         *
         *     `next` begins the next page in the same direction; null at the end.
         */
        readonly get: operations["checkpoints_v1_log_checkpoints_get"];
        readonly put?: never;
        readonly post?: never;
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/v1/material-types": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        /**
         * The material types
         * @description All types with sharing class, security level, validity rule and allowed media types.
         */
        readonly get: operations["material_types_v1_material_types_get"];
        readonly put?: never;
        readonly post?: never;
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/v1/material-types/{code}/versions": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        /**
         * Versions of a material type
         * @description The newest first, with the version of the register `materials` that published it; all of them can be read.
         */
        readonly get: operations["material_type_versions_v1_material_types__code__versions_get"];
        readonly put?: never;
        readonly post?: never;
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/v1/materials": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly get?: never;
        readonly put?: never;
        /**
         * Deposit a material
         * @description Take a document in: `metadata` first, `file` second; streamed, encrypted, stored, logged.
         *
         *     Needs an Idempotency-Key. The answer is the acknowledgement: the document is durable and its entry promised for the
         *     log within 60 s.
         */
        readonly post: operations["deposit_v1_materials_post"];
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/v1/materials/{material_id}/readings": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        /**
         * Readings of a deposit
         * @description The newest first, without what they say.
         */
        readonly get: operations["of_material_v1_materials__material_id__readings_get"];
        readonly put?: never;
        /**
         * Have a deposit read
         * @description Ask for a reading of a document you deposited: a PDF's text, or what can be seen on scans and photographs.
         *
         *     The answer comes at once; the work is a job, page by page. Needs an Idempotency-Key. Nothing in the exchange goes by
         *     what was read before staff confirmed it.
         */
        readonly post: operations["ask_v1_materials__material_id__readings_post"];
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/v1/materials/{material_id}/readings/{reading_id}": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        /**
         * Progress and findings of a reading
         * @description Pages done so far; then the type and each field with its confidence (percent) and its place.
         *
         *     A `box` is [x0, y0, x1, y1] in ten-thousandths of the page's width and height, from its upper left corner.
         *     `contradictions` say what does not go with the deposit. For the organisation that deposited the document only.
         */
        readonly get: operations["get_v1_materials__material_id__readings__reading_id__get"];
        readonly put?: never;
        readonly post?: never;
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/v1/materials/{material_id}/readings/{reading_id}/confirmation": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly get?: never;
        readonly put?: never;
        /**
         * Confirm or correct a reading
         * @description State the values after looking at the document: as they were read, or corrected. Needs an Idempotency-Key.
         *
         *     The material then counts as checked by staff (`verify_level`), and lasts to the end it states where none was given
         *     at deposit. The log gets `material.read` with digests, no values. What goes against the deposit is refused: grave
         *     contradictions always, others unless `acknowledged` names them.
         */
        readonly post: operations["confirm_v1_materials__material_id__readings__reading_id__confirmation_post"];
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/v1/my/asks/{ask_id}/preview": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        /**
         * What would be released, before you decide
         * @description Each thing that is meant: its values as they would be read, or how many pages of it would be copied.
         */
        readonly get: operations["preview_v1_my_asks__ask_id__preview_get"];
        readonly put?: never;
        readonly post?: never;
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/v1/my/cases": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        /**
         * Your cases, and what each was accepted with
         * @description The newest 200 in your own name, with the materials of the receipt (收件凭证) once they were accepted.
         */
        readonly get: operations["cases_v1_my_cases_get"];
        readonly put?: never;
        readonly post?: never;
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/v1/my/cessations": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        /**
         * What became of what you withdrew
         * @description Of each withdrawn grant that was used: whether its recipient said that it stopped or deleted, and by when.
         */
        readonly get: operations["cessations_v1_my_cessations_get"];
        readonly put?: never;
        readonly post?: never;
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/v1/my/commitments": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        /**
         * Letters of commitment you were asked to sign, or signed
         * @description Your own, and those of everybody you represent; the newest 200.
         */
        readonly get: operations["mine_v1_my_commitments_get"];
        readonly put?: never;
        readonly post?: never;
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/v1/my/commitments/{commitment_id}": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        /**
         * A letter of commitment of yours
         * @description Who asks, the terms that are signed, what is owed by when, and what follows from a breach.
         */
        readonly get: operations["one_v1_my_commitments__commitment_id__get"];
        readonly put?: never;
        readonly post?: never;
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/v1/my/consents": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly get?: never;
        readonly put?: never;
        /**
         * What waits for you, and what you gave
         * @description The newest asks and grants, as `POST /v1/me/consents` lists them.
         */
        readonly post: operations["consents_v1_my_consents_post"];
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/v1/my/delegations": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        /**
         * Who acts for whom, as far as you have a part in it
         * @description Given by you, to you, and in the name of whom you represent, the newest first; each with its chain by name.
         */
        readonly get: operations["delegations_v1_my_delegations_get"];
        readonly put?: never;
        readonly post?: never;
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/v1/my/inbox": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        /**
         * Disputes, scans, lasting codes and deliveries of yours
         * @description The newest 200 of each.
         */
        readonly get: operations["inbox_v1_my_inbox_get"];
        readonly put?: never;
        readonly post?: never;
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/v1/my/inquiries": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        /**
         * What waits for your yes or no, and what became of it
         * @description Inquiries, automatic decisions with their rules and receipts, linked changes, objections: the newest 200 each.
         */
        readonly get: operations["mine_v1_my_inquiries_get"];
        readonly put?: never;
        readonly post?: never;
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/v1/my/kiosk-codes": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly get?: never;
        readonly put?: never;
        /**
         * Print a code at a kiosk
         * @description A printed code of one's own licence, by a request `print-code` and the card read anew for it.
         *
         *     The one before is void. Sent again while the code stands, the same request gives the same code.
         */
        readonly post: operations["print_code_v1_my_kiosk_codes_post"];
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/v1/my/kiosk-session": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly get?: never;
        readonly put?: never;
        /**
         * Begin to look, at a kiosk
         * @description With an identity card that was read for the request `session`. Ends when nothing was asked for 90 s.
         *
         *     Sent again, the same reading begins the same session; after it was left, none.
         */
        readonly post: operations["begin_v1_my_kiosk_session_post"];
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/v1/my/licences": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        /**
         * Your licences
         * @description The newest 100, those that are over too; without their faces.
         */
        readonly get: operations["licences_v1_my_licences_get"];
        readonly put?: never;
        readonly post?: never;
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/v1/my/licences/{licence_id}": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        /**
         * A licence of yours, with its face
         * @description What stands on it; of level 3 or more it stays masked for a session that a new key or a weak login began.
         */
        readonly get: operations["licence_v1_my_licences__licence_id__get"];
        readonly put?: never;
        readonly post?: never;
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/v1/my/materials": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        /**
         * Your materials
         * @description The newest 100 that stand.
         */
        readonly get: operations["listing_v1_my_materials_get"];
        readonly put?: never;
        readonly post?: never;
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/v1/my/notices": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        /**
         * What you were told
         * @description The newest 200; listing them dates their first reading.
         */
        readonly get: operations["told_v1_my_notices_get"];
        readonly put?: never;
        readonly post?: never;
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/v1/my/session": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        /**
         * Who is logged in
         * @description The person, until when, and whom else they may look for; 204 where nobody is.
         */
        readonly get: operations["look_v1_my_session_get"];
        readonly put?: never;
        /**
         * Begin to look at what is yours
         * @description Log in: a request `session` and the signature over it. What follows needs the cookie that this sets.
         *
         *     Sent again, the same request begins the same session; after it was left, none.
         */
        readonly post: operations["begin_v1_my_session_post"];
        /**
         * Log out
         * @description End the session everywhere; nothing where there is none. At a kiosk the browser forgets what it kept, too.
         */
        readonly delete: operations["leave_v1_my_session_delete"];
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/v1/my/uses": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        /**
         * Every use of what is yours
         * @description Uses and refused uses, the newest first, and what you reported of them.
         */
        readonly get: operations["uses_v1_my_uses_get"];
        readonly put?: never;
        readonly post?: never;
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/v1/my/uses/{use_id}/circumstances": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        /**
         * How a use without your consent came about
         * @description Of a duty use: the law, and why you were told late, if so. Of an emergency: who decided, by role, and why.
         */
        readonly get: operations["circumstances_v1_my_uses__use_id__circumstances_get"];
        readonly put?: never;
        readonly post?: never;
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/v1/operations/gaps": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        /**
         * What was begun and not ended, promised and not kept
         * @description Uses without outcome, entries past their deadline, entries without anchor; needs an overseer as operator.
         */
        readonly get: operations["gaps_v1_operations_gaps_get"];
        readonly put?: never;
        readonly post?: never;
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/v1/operations/outbox": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        /**
         * What is to be delivered, by kind
         * @description Waiting, failing (tried again by itself) and dead (given up); needs an overseer as operator.
         */
        readonly get: operations["summary_v1_operations_outbox_get"];
        readonly put?: never;
        readonly post?: never;
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/v1/operations/outbox/messages": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        /**
         * Single deliveries
         * @description The newest first: kind, times, tries, the last error's code; never what is in them. Needs an overseer.
         */
        readonly get: operations["messages_v1_operations_outbox_messages_get"];
        readonly put?: never;
        readonly post?: never;
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/v1/operations/outbox/replay": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly get?: never;
        readonly put?: never;
        /**
         * Deliver again what failed
         * @description One delivery or all of a kind that were given up or wait long; each receiver gets what it would have got.
         *
         *     An entry of the log says who did it and why. Needs an administrator as operator, and an Idempotency-Key.
         */
        readonly post: operations["replay_v1_operations_outbox_replay_post"];
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/v1/operations/overdue-access": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        /**
         * Access requests that nobody answered in time
         * @description The longest overdue first; needs an overseer as operator.
         */
        readonly get: operations["overdue_v1_operations_overdue_access_get"];
        readonly put?: never;
        readonly post?: never;
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/v1/parties": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        /**
         * Organisations of the exchange
         * @description The 500 that came last, of one kind or all; or the one with a unified social credit code.
         */
        readonly get: operations["listing_v1_parties_get"];
        readonly put?: never;
        readonly post?: never;
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/v1/parties/{party_id}": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        /**
         * One organisation, with its clients
         * @description Its standing, clients with credentials, limits, and who answers for it.
         */
        readonly get: operations["get_v1_parties__party_id__get"];
        readonly put?: never;
        readonly post?: never;
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/v1/parties/{party_id}/access-requests": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        /**
         * What an organisation asked and has to answer
         * @description As the organisation itself sees it; needs an overseer as operator.
         */
        readonly get: operations["of_party_v1_parties__party_id__access_requests_get"];
        readonly put?: never;
        readonly post?: never;
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/v1/parties/{party_id}/limits": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly get?: never;
        readonly put?: never;
        /**
         * Set limits of one organisation
         * @description In force within a second. Names as in `GET /v1/usage`. Needs an Idempotency-Key.
         */
        readonly post: operations["set_limits_v1_parties__party_id__limits_post"];
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/v1/parties/{party_id}/logins": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly get?: never;
        readonly put?: never;
        /**
         * Let an account log in as an operator
         * @description From then on the account works at the console as that operator; by overseers. Needs an Idempotency-Key.
         */
        readonly post: operations["give_login_v1_parties__party_id__logins_post"];
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/v1/parties/{party_id}/logins/withdrawal": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly get?: never;
        readonly put?: never;
        /**
         * Take an operator's logins away
         * @description Their sessions at the console end with it. Needs an Idempotency-Key.
         */
        readonly post: operations["take_login_v1_parties__party_id__logins_withdrawal_post"];
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/v1/parties/{party_id}/resumption": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly get?: never;
        readonly put?: never;
        /**
         * Let a suspended organisation in again
         * @description It asks for new tokens. Needs an Idempotency-Key.
         */
        readonly post: operations["resume_v1_parties__party_id__resumption_post"];
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/v1/parties/{party_id}/self-checks": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        /**
         * What an organisation's systems tried in the sandbox
         * @description The 50 newest reports, each step passed or open; a node in earnest has none. Needs an overseer.
         */
        readonly get: operations["self_checks_v1_parties__party_id__self_checks_get"];
        readonly put?: never;
        readonly post?: never;
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/v1/parties/{party_id}/suspension": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly get?: never;
        readonly put?: never;
        /**
         * Suspend an organisation
         * @description It is refused from the answer on, everywhere, and its tokens are void. Needs an Idempotency-Key.
         */
        readonly post: operations["suspend_v1_parties__party_id__suspension_post"];
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/v1/parties/applications": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        /**
         * Applications to join
         * @description The 200 newest, those that wait for a decision first.
         */
        readonly get: operations["applications_v1_parties_applications_get"];
        readonly put?: never;
        /**
         * File an application to join
         * @description Keep it for another person to decide on. Compare the keys' thumbprints in the answer with the applicant's by
         *     another way, e.g. by telephone. Needs an Idempotency-Key.
         */
        readonly post: operations["file_v1_parties_applications_post"];
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/v1/parties/applications/{application_id}/decision": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly get?: never;
        readonly put?: never;
        /**
         * Approve or refuse an application
         * @description Approving registers organisation, client and staff at once. Who filed it may not. Needs an Idempotency-Key.
         */
        readonly post: operations["decide_v1_parties_applications__application_id__decision_post"];
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/v1/parties/statistics": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        /**
         * What organisations used, by kind and day
         * @description Government and enforcement (政务类) and social parties (社会化) apart: requests, searches, asks, uses, bytes.
         */
        readonly get: operations["statistics_v1_parties_statistics_get"];
        readonly put?: never;
        readonly post?: never;
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/v1/presentations": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly get?: never;
        readonly put?: never;
        /**
         * Verify a code that was scanned
         * @description The fields of your scope and the status of this moment. Needs an Idempotency-Key and the scope `present`.
         *
         *     A live code serves once, at the counter it was made for; with a printed code send the number of the identity card.
         */
        readonly post: operations["scan_v1_presentations_post"];
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/v1/registers/{kind}": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        /**
         * The newest version of a register, and which there are
         * @description Document, hashes, owner, log entry with proof, and anchor; `versions` lists the newest hundred below `below`.
         */
        readonly get: operations["newest_version_v1_registers__kind__get"];
        readonly put?: never;
        readonly post?: never;
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/v1/templates": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        /**
         * Documents that can be made
         * @description Every template: the material types it makes, what it takes, and where each value may come from.
         */
        readonly get: operations["templates_v1_templates_get"];
        readonly put?: never;
        readonly post?: never;
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/v1/uses": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly get?: never;
        readonly put?: never;
        /**
         * Use a material or a licence in a case
         * @description Decide on policy, grant or duty, status and region; spend the grant; record the intent. Needs an Idempotency-Key.
         *
         *     A refusal is recorded too, and told as far as the caller may know.
         */
        readonly post: operations["open_use_v1_uses_post"];
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
}
export type webhooks = Record<string, never>;
export interface components {
    schemas: {
        /**
         * AccessAnswerIn
         * @description What the provider answers.
         * @example {
         *       "decision": "approve",
         *       "operator": "bs-002"
         *     }
         */
        readonly AccessAnswerIn: {
            /**
             * Decision
             * @enum {string}
             */
            readonly decision: "approve" | "refuse";
            /** Operator */
            readonly operator: string;
            /** Reason */
            readonly reason?: string | null;
        };
        /**
         * AccessEndIn
         * @description Why an approved access ends.
         * @example {
         *       "operator": "bs-002",
         *       "reason": "事项调整,不再需要"
         *     }
         */
        readonly AccessEndIn: {
            /** Operator */
            readonly operator: string;
            /** Reason */
            readonly reason: string;
        };
        /**
         * AccessesOut
         * @description What an organisation asked for, and what it is asked for.
         */
        readonly AccessesOut: {
            /** Asked */
            readonly asked: readonly components["schemas"]["AccessOut"][];
            /** To Answer */
            readonly to_answer: readonly components["schemas"]["AccessOut"][];
        };
        /**
         * AccessIn
         * @description A request to use a conditionally shared type (有条件共享) for one item or scenario.
         * @example {
         *       "basis": "食品经营许可和备案管理办法",
         *       "item_code": "11310118XX00000B0W4310100101000",
         *       "operator": "qp-103",
         *       "purpose": "食品经营许可审查时复用租赁合同",
         *       "type_code": "CL022"
         *     }
         */
        readonly AccessIn: {
            /** Basis */
            readonly basis: string;
            /** Item Code */
            readonly item_code: string;
            /** Operator */
            readonly operator: string;
            /** Purpose */
            readonly purpose: string;
            /** Type Code */
            readonly type_code: string;
        };
        /**
         * AccessOut
         * @description A request for a conditionally shared type (有条件共享).
         */
        readonly AccessOut: {
            /** Access Request Id */
            readonly access_request_id: string;
            /** Answer Entry Id */
            readonly answer_entry_id: string | null;
            /** Answered At */
            readonly answered_at: string | null;
            /**
             * Asked At
             * @description RFC 3339, UTC
             */
            readonly asked_at: string;
            /** Basis */
            readonly basis: string;
            /**
             * Due At
             * @description RFC 3339, UTC
             */
            readonly due_at: string;
            /** Entry Id */
            readonly entry_id: string;
            /** Item Code */
            readonly item_code: string;
            /**
             * Kind
             * @enum {string}
             */
            readonly kind: "government" | "enforcement" | "social";
            /** Org Code */
            readonly org_code: string;
            /** Organisation */
            readonly organisation: string;
            /** Provider */
            readonly provider: string;
            /** Provider Code */
            readonly provider_code: string;
            /** Purpose */
            readonly purpose: string;
            /** Reason */
            readonly reason: string | null;
            /**
             * State
             * @enum {string}
             */
            readonly state: "open" | "overdue" | "approved" | "refused" | "ended";
            /** Type Code */
            readonly type_code: string;
        };
        /**
         * ActIn
         * @description Who does it.
         * @example {
         *       "operator": "qp-103"
         *     }
         */
        readonly ActIn: {
            /** Operator */
            readonly operator: string;
        };
        /**
         * AnchoredInOut
         * @description The block that holds a checkpoint.
         */
        readonly AnchoredInOut: {
            /** Block Hash */
            readonly block_hash: string;
            /** Block Number */
            readonly block_number: number;
            /**
             * Block Time
             * @description RFC 3339, UTC
             */
            readonly block_time: string;
            /** Transaction */
            readonly transaction: string | null;
        };
        /**
         * AnchorProofOut
         * @description Proof that the chain holds a checkpoint: the section `chain` of evidence bundles.
         */
        readonly AnchorProofOut: {
            /**
             * Chain
             * @description docs/evidence.md, 2.3
             */
            readonly chain: {
                readonly [key: string]: unknown;
            };
            /** Size */
            readonly size: number;
        };
        /**
         * AnswerIn
         * @description A holder's answer to a batch: which asks were ticked, and the signature over exactly that answer.
         * @example {
         *       "approved": [
         *         "019a0000-0000-7000-8000-000000000000"
         *       ],
         *       "id_token": "eyJhbGciOiJFUzI1NiIsImtpZCI6Ii4uLiJ9.e30.c2ln"
         *     }
         */
        readonly AnswerIn: {
            /**
             * Approved
             * @description ids of asks; the others are refused
             */
            readonly approved: readonly string[];
            /** Id Token */
            readonly id_token?: string | null;
            /** Signature */
            readonly signature?: (components["schemas"]["PasskeySignatureIn"] | components["schemas"]["HostAppSignatureIn"]) | null;
        };
        /**
         * ReviewIn
         * @description A review to make.
         * @example {
         *       "cause": "食品经营许可新办预审",
         *       "operator": "qp-103"
         *     }
         */
        readonly api__reviewschemas__ReviewIn: {
            /**
             * Cause
             * @description why; told to the holder with each use that reads something for it
             */
            readonly cause: string;
            /** Operator */
            readonly operator: string;
        };
        /**
         * ApplicationDecisionIn
         * @description What another person decides.
         * @example {
         *       "decision": "approve",
         *       "operator": "op-902"
         *     }
         */
        readonly ApplicationDecisionIn: {
            /**
             * Decision
             * @enum {string}
             */
            readonly decision: "approve" | "refuse";
            /** Operator */
            readonly operator: string;
            /** Reason */
            readonly reason?: string | null;
        };
        /**
         * ApplicationIn
         * @description An organisation that wants to join, with one of its systems.
         * @example {
         *       "basis": "应用场景 SCN-310118-101 合作协议",
         *       "client_id": "qingpu-bank",
         *       "contact": {
         *         "email": "open@example.org",
         *         "name": "示例联系人",
         *         "phone": "021-00000000"
         *       },
         *       "division": "310118",
         *       "keys": [
         *         {
         *           "crv": "P-256",
         *           "kty": "EC",
         *           "x": "f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU",
         *           "y": "x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0"
         *         }
         *       ],
         *       "kind": "social",
         *       "name": "青浦示例银行(演示)",
         *       "operator": "op-901",
         *       "operators": [
         *         {
         *           "handle": "qb-001",
         *           "roles": [
         *             "window"
         *           ]
         *         }
         *       ],
         *       "org_code": "91310118XX0000502U",
         *       "scopes": [
         *         "present"
         *       ]
         *     }
         */
        readonly ApplicationIn: {
            /** Basis */
            readonly basis: string;
            /**
             * Certificates
             * @default []
             */
            readonly certificates?: readonly string[];
            /** Client Id */
            readonly client_id: string;
            readonly contact: components["schemas"]["ContactIn"];
            /**
             * Division
             * @description GB/T 2260
             */
            readonly division: string;
            /**
             * Keys
             * @default []
             */
            readonly keys?: readonly {
                readonly [key: string]: string;
            }[];
            /**
             * Kind
             * @enum {string}
             */
            readonly kind: "government" | "enforcement" | "social";
            /** Name */
            readonly name: string;
            /** Operator */
            readonly operator: string;
            /**
             * Operators
             * @description none where a further system of yours joins
             * @default []
             */
            readonly operators?: readonly components["schemas"]["FirstOperatorIn"][];
            /**
             * Org Code
             * @description unified social credit code
             */
            readonly org_code: string;
            /** Scopes */
            readonly scopes: readonly string[];
        };
        /**
         * ApplicationOut
         * @description An application to join.
         */
        readonly ApplicationOut: {
            /** Application Id */
            readonly application_id: string;
            /** Basis */
            readonly basis: string;
            /** Certificates */
            readonly certificates: readonly string[];
            /** Client Id */
            readonly client_id: string;
            /** Decided At */
            readonly decided_at: string | null;
            /** Decided By */
            readonly decided_by: string | null;
            /** Division */
            readonly division: string;
            /**
             * Filed At
             * @description RFC 3339, UTC
             */
            readonly filed_at: string;
            /** Filed By */
            readonly filed_by: string;
            /** Keys */
            readonly keys: readonly string[];
            /**
             * Kind
             * @enum {string}
             */
            readonly kind: "government" | "enforcement" | "social";
            /** Name */
            readonly name: string;
            /** Operators */
            readonly operators: {
                readonly [key: string]: readonly string[];
            };
            /** Org Code */
            readonly org_code: string;
            /** Party Id */
            readonly party_id: string | null;
            /** Reason */
            readonly reason: string | null;
            /** Scopes */
            readonly scopes: readonly string[];
            /**
             * State
             * @enum {string}
             */
            readonly state: "filed" | "open" | "approved" | "refused";
        };
        /**
         * ApplicationsOut
         * @description Applications to join.
         */
        readonly ApplicationsOut: {
            /** Applications */
            readonly applications: readonly components["schemas"]["ApplicationOut"][];
        };
        /**
         * AskBatchIn
         * @description What a department asks a holder to allow for a whole case: one notice, each sensitive thing ticked by itself.
         * @example {
         *       "case_no": "31011820261121000001",
         *       "cause": "食品经营许可新办审查",
         *       "channel": "qr",
         *       "operator": "qp-103",
         *       "wanted": [
         *         {
         *           "max_uses": 3,
         *           "mode": "copy",
         *           "type_codes": [
         *             "CL022",
         *             "CL025"
         *           ],
         *           "valid_days": 30
         *         },
         *         {
         *           "frequency": {
         *             "count": 1,
         *             "unit": "day"
         *           },
         *           "max_uses": 5,
         *           "mode": "verify",
         *           "type_codes": [
         *             "CL040"
         *           ]
         *         }
         *       ]
         *     }
         */
        readonly AskBatchIn: {
            /** Case No */
            readonly case_no: string;
            /** Cause */
            readonly cause: string;
            /**
             * Channel
             * @default app
             * @enum {string}
             */
            readonly channel?: "app" | "qr";
            /**
             * Of
             * @description who is asked: `applicant`, `legal_rep`, `agent`, or a role of the case's people, `seller.1`
             * @default applicant
             */
            readonly of?: string;
            /** Operator */
            readonly operator: string;
            /** Wanted */
            readonly wanted: readonly components["schemas"]["AskedIn"][];
        };
        /**
         * AskedIn
         * @description Things wanted under the same terms.
         * @example {
         *       "max_uses": 3,
         *       "mode": "copy",
         *       "type_codes": [
         *         "CL022",
         *         "CL025"
         *       ],
         *       "valid_days": 30
         *     }
         */
        readonly AskedIn: {
            /**
             * Fields
             * @description needed in mode `data`
             * @default []
             */
            readonly fields?: readonly string[];
            readonly frequency?: components["schemas"]["FrequencyIn"] | null;
            /**
             * Fresh Days
             * @description nothing that is older than this
             */
            readonly fresh_days?: number | null;
            /**
             * Max Uses
             * @default 1
             */
            readonly max_uses?: number;
            /**
             * Mode
             * @default copy
             * @enum {string}
             */
            readonly mode?: "verify" | "data" | "copy";
            /**
             * Objects
             * @default []
             */
            readonly objects?: readonly string[];
            /**
             * Regions
             * @description division codes that may receive; your own where empty
             * @default []
             */
            readonly regions?: readonly string[];
            /**
             * Type Codes
             * @default []
             */
            readonly type_codes?: readonly string[];
            /**
             * Valid Days
             * @default 30
             */
            readonly valid_days?: number;
        };
        /**
         * AskedOut
         * @description What the notice says of one ask.
         */
        readonly AskedOut: {
            /** Ask */
            readonly ask: string;
            /** Basis */
            readonly basis: string;
            /** En */
            readonly en: string;
            /** Fields */
            readonly fields: readonly components["schemas"]["FieldNamed"][];
            /** Things */
            readonly things: readonly components["schemas"]["ThingOut"][];
            /** Zh */
            readonly zh: string;
        };
        /**
         * AskOut
         * @description One consent that is asked for.
         */
        readonly AskOut: {
            /** Ask Id */
            readonly ask_id: string;
            /** Batch Id */
            readonly batch_id: string | null;
            /**
             * Created At
             * @description RFC 3339, UTC
             */
            readonly created_at: string;
            /** Digest */
            readonly digest: string;
            /**
             * Expires At
             * @description RFC 3339, UTC
             */
            readonly expires_at: string;
            /** Grant Id */
            readonly grant_id: string | null;
            /** @default null */
            readonly joint?: components["schemas"]["JointOut"] | null;
            /**
             * State
             * @enum {string}
             */
            readonly state: "pending" | "approved" | "refused" | "expired";
            readonly terms: components["schemas"]["TermsOut"];
        };
        /**
         * AssistanceOut
         * @description A question to another department.
         */
        readonly AssistanceOut: {
            /** Request Id */
            readonly request_id: string;
            /** State */
            readonly state: string;
        };
        /**
         * AssistRequestIn
         * @description A request to another department.
         * @example {
         *       "cause": "食品经营许可新办审查",
         *       "days": 2,
         *       "operator": "qp-103",
         *       "question": "该经营场所是否登记为商业用房",
         *       "to": "11310199XX0000211B",
         *       "type_code": "CL023"
         *     }
         */
        readonly AssistRequestIn: {
            /** Cause */
            readonly cause: string;
            /**
             * Days
             * @description working days it may take
             * @default 2
             */
            readonly days?: number;
            /**
             * Of
             * @description whom it is about: `applicant`, `legal_rep`, `agent`, or a role of the case's people, `seller.1`
             * @default applicant
             */
            readonly of?: string;
            /** Operator */
            readonly operator: string;
            /** Question */
            readonly question: string;
            /**
             * To
             * @description organisation code; that of the item where left out
             */
            readonly to?: string | null;
            /**
             * Type Code
             * @description material type the answer stands for
             */
            readonly type_code: string;
        };
        /**
         * AudienceOut
         * @description To whom a live code is shown.
         */
        readonly AudienceOut: {
            /** Counter */
            readonly counter: string | null;
            /** Org */
            readonly org: string | null;
        };
        /**
         * AuditLineOut
         * @description Something that was done: no name, no content.
         */
        readonly AuditLineOut: {
            /**
             * At
             * @description RFC 3339, UTC
             */
            readonly at: string;
            /** Basis */
            readonly basis: string | null;
            /** Case No */
            readonly case_no: string | null;
            /**
             * Code Kind
             * @description of a scan
             */
            readonly code_kind: ("live" | "printed" | "company") | null;
            readonly copy_entry: components["schemas"]["EntryStateOut"] | null;
            /**
             * Copy Sha256
             * @description of the derived copy that left by a use
             */
            readonly copy_sha256: string | null;
            /** Ended At */
            readonly ended_at: string | null;
            /** @description null of a refused scan, which the log does not hold */
            readonly entry: components["schemas"]["EntryStateOut"] | null;
            /**
             * Fields
             * @description of a scan, names of what was seen
             */
            readonly fields: readonly string[];
            /** Id */
            readonly id: string;
            /** Item Code */
            readonly item_code: string | null;
            /** Kind */
            readonly kind: string;
            /** Mode */
            readonly mode: string | null;
            /** Object Id */
            readonly object_id: string | null;
            /** Operator */
            readonly operator: string | null;
            /** Org Code */
            readonly org_code: string | null;
            /** Organisation */
            readonly organisation: string | null;
            readonly outcome_entry: components["schemas"]["EntryStateOut"] | null;
            /** Reason */
            readonly reason: string | null;
            /** @description what the reason of a refusal says */
            readonly reason_text: components["schemas"]["Words"] | null;
            /** Related */
            readonly related: string | null;
            /**
             * Scenario
             * @description of a scan, the verifier's published scope
             */
            readonly scenario: string | null;
            /** State */
            readonly state: string | null;
            /** Type Code */
            readonly type_code: string | null;
        };
        /**
         * BatchOut
         * @description What is asked together, and after an answer the grants that it gave.
         */
        readonly BatchOut: {
            /** Asks */
            readonly asks: readonly components["schemas"]["AskOut"][];
            /** Batch Id */
            readonly batch_id: string;
            /** Channel */
            readonly channel: string;
            /**
             * Created At
             * @description RFC 3339, UTC
             */
            readonly created_at: string;
            /**
             * Expires At
             * @description RFC 3339, UTC
             */
            readonly expires_at: string;
            /**
             * Grants
             * @default null
             */
            readonly grants?: readonly components["schemas"]["GrantOut"][] | null;
            /** Link */
            readonly link: string;
            readonly notice: components["schemas"]["NoticeOut"];
            /** Notice Digest */
            readonly notice_digest: string;
            /**
             * State
             * @enum {string}
             */
            readonly state: "pending" | "answered" | "expired";
        };
        /**
         * By
         * @description What figures are told apart by.
         * @enum {string}
         */
        readonly By: "item" | "org" | "district" | "day";
        /**
         * ByIn
         * @description Who does it.
         * @example {
         *       "operator": "bs-017"
         *     }
         */
        readonly ByIn: {
            /** Operator */
            readonly operator: string;
        };
        /**
         * CandidateOut
         * @description A value that a field might have.
         */
        readonly CandidateOut: {
            /**
             * As Of
             * @description RFC 3339, UTC
             */
            readonly as_of: string;
            /** Entry Id */
            readonly entry_id: string | null;
            readonly freshness: components["schemas"]["FreshnessOut"];
            /** Id */
            readonly id: string | null;
            /** Kind */
            readonly kind: string;
            /** Outdated */
            readonly outdated: boolean;
            /** Source */
            readonly source: string;
            /** Value */
            readonly value: string | readonly string[];
        };
        /**
         * CardReadIn
         * @description A request `session` or `print-code`, and the reading of an identity card for its digest (docs/signers.md, 7).
         * @example {
         *       "reading": "eyJhbGciOiJFUzI1NiIsImtpZCI6Ii4uLiJ9.e30.c2ln",
         *       "request": {
         *         "action": "session",
         *         "id": "019a0000-0000-7000-8000-000000000000",
         *         "subject": "019a0000-0000-7000-8000-000000000000",
         *         "terms": {},
         *         "type": "cailian/request",
         *         "v": 1
         *       }
         *     }
         */
        readonly CardReadIn: {
            /**
             * Reading
             * @description compact JWS by an operator's reader
             */
            readonly reading: string;
            /** Request */
            readonly request: {
                readonly [key: string]: unknown;
            };
        };
        /**
         * CaseClosingIn
         * @description The end of a case, with its decision or without.
         * @example {
         *       "decision": "granted",
         *       "operator": "qp-103"
         *     }
         */
        readonly CaseClosingIn: {
            /** Decision */
            readonly decision?: ("granted" | "refused" | "withdrawn") | null;
            /** Operator */
            readonly operator: string;
            /**
             * Result
             * @description the licence or material that was issued
             */
            readonly result?: string | null;
        };
        /**
         * CaseIn
         * @description A case to open: by answers, or by the name of a scenario.
         * @example {
         *       "answers": {
         *         "agent": "no",
         *         "business": "restaurant",
         *         "commitment": "no",
         *         "tenure": "lease"
         *       },
         *       "applicant": {
         *         "identifiers": [
         *           {
         *             "code": "91310113XX0000019X",
         *             "type": "001"
         *           }
         *         ],
         *         "kind": "organisation",
         *         "name": "宝山青禾餐饮管理有限公司"
         *       },
         *       "item_code": "11310118XX00000B0W4310100101000",
         *       "operator": "qp-103",
         *       "presence": {
         *         "kind": "id_card_read"
         *       }
         *     }
         */
        readonly CaseIn: {
            /** Answers */
            readonly answers?: {
                readonly [key: string]: string;
            } | null;
            readonly applicant: components["schemas"]["HolderIn"];
            /**
             * Draft
             * @description not handed in yet; nothing can be used in it
             * @default false
             */
            readonly draft?: boolean;
            /** Item Code */
            readonly item_code: string;
            /** Operator */
            readonly operator: string;
            /**
             * People
             * @description others the case is about, by role of the item
             */
            readonly people?: {
                readonly [key: string]: readonly components["schemas"]["HolderIn"][];
            };
            readonly presence: components["schemas"]["PresenceIn"];
            /** Project Code */
            readonly project_code?: string | null;
            /**
             * Scenario
             * @default default
             */
            readonly scenario?: string;
        };
        /**
         * CaseOut
         * @description A case.
         */
        readonly CaseOut: {
            /** Accepted At */
            readonly accepted_at: string | null;
            /** Application */
            readonly application: string | null;
            /** Case No */
            readonly case_no: string;
            /** Closed At */
            readonly closed_at: string | null;
            /** Decision */
            readonly decision: string | null;
            /** Due At */
            readonly due_at: string | null;
            /** Entry Id */
            readonly entry_id: string;
            /** From Case */
            readonly from_case: string | null;
            /** Item Code */
            readonly item_code: string;
            /** Item Version */
            readonly item_version: string;
            /**
             * Opened At
             * @description RFC 3339, UTC
             */
            readonly opened_at: string;
            /** Operator */
            readonly operator: string;
            /** Presence */
            readonly presence: string;
            /** Result */
            readonly result: string | null;
            /** Scenario */
            readonly scenario: string;
            /** Send Backs */
            readonly send_backs: number;
            /** Stage */
            readonly stage: string;
            /**
             * State
             * @enum {string}
             */
            readonly state: "draft" | "open" | "closed";
            /** Statutory Due At */
            readonly statutory_due_at: string | null;
        };
        /**
         * CasesOut
         * @description A page of cases.
         */
        readonly CasesOut: {
            /** Cases */
            readonly cases: readonly components["schemas"]["CaseOut"][];
            /** Next Cursor */
            readonly next_cursor: string | null;
        };
        /**
         * CessationOut
         * @description What the recipient of a withdrawn grant did.
         */
        readonly CessationOut: {
            /** Acknowledged At */
            readonly acknowledged_at: string | null;
            /** Action */
            readonly action: ("stopped" | "deleted" | "retained") | null;
            /**
             * Asked At
             * @description RFC 3339, UTC
             */
            readonly asked_at: string;
            /**
             * Due At
             * @description RFC 3339, UTC
             */
            readonly due_at: string;
            /** Entry Id */
            readonly entry_id: string | null;
            /** Grant Id */
            readonly grant_id: string;
            /** Item */
            readonly item: string;
            /** Item En */
            readonly item_en: string;
            /** Org Code */
            readonly org_code: string;
            /** Organisation */
            readonly organisation: string;
            /** Reason */
            readonly reason: string | null;
            /**
             * State
             * @enum {string}
             */
            readonly state: "open" | "overdue" | "acknowledged";
            /** Things */
            readonly things: readonly components["schemas"]["NamedThing"][];
            /** Uses */
            readonly uses: number;
        };
        /**
         * CessationsOut
         * @description What became of what a holder withdrew.
         */
        readonly CessationsOut: {
            /** Cessations */
            readonly cessations: readonly components["schemas"]["CessationOut"][];
        };
        /**
         * CheckIn
         * @description A question to the source of a fact.
         * @example {
         *       "cause": "食品经营许可新办审查",
         *       "operator": "qp-103",
         *       "type_code": "CL041"
         *     }
         * @example {
         *       "cause": "食品经营许可新办审查",
         *       "given": {
         *         "address": "上海市宝山区示例路 88 号"
         *       },
         *       "operator": "qp-103",
         *       "type_code": "CL022"
         *     }
         */
        readonly CheckIn: {
            /** Cause */
            readonly cause: string;
            /**
             * Given
             * @description what the question must bring
             */
            readonly given?: {
                readonly [key: string]: string;
            };
            /**
             * Of
             * @description whom it is about: `applicant`, `legal_rep`, `agent`, or a role of the case's people, `seller.1`
             * @default applicant
             */
            readonly of?: string;
            /** Operator */
            readonly operator: string;
            /**
             * Question
             * @description the item's own question where left out
             */
            readonly question?: string | null;
            /**
             * Type Code
             * @description material type the answer stands for
             */
            readonly type_code: string;
        };
        /**
         * ChecklistLineOut
         * @description A material of a case: how it is supplied.
         */
        readonly ChecklistLineOut: {
            /** Conditions */
            readonly conditions: readonly components["schemas"]["Said"][];
            /** Evidence */
            readonly evidence: {
                readonly [key: string]: string;
            };
            /** Line */
            readonly line: string;
            /** Name */
            readonly name: string;
            /** Name En */
            readonly name_en: string;
            /**
             * Need
             * @enum {string}
             */
            readonly need: "required" | "optional";
            /** Of */
            readonly of: string;
            /** Refused */
            readonly refused: readonly components["schemas"]["RefusedRouteOut"][];
            readonly route: components["schemas"]["Said"] | null;
            /**
             * State
             * @enum {string}
             */
            readonly state: "supplied" | "offered" | "waiting" | "owed" | "missing";
            /** Type Code */
            readonly type_code: string;
        };
        /**
         * ChecklistOut
         * @description Every material of a case.
         */
        readonly ChecklistOut: {
            /**
             * At
             * @description RFC 3339, UTC
             */
            readonly at: string;
            /** Case No */
            readonly case_no: string;
            /** Complete */
            readonly complete: boolean;
            readonly item: components["schemas"]["Words"];
            /** Item Code */
            readonly item_code: string;
            /** Item Version */
            readonly item_version: string;
            /** Lines */
            readonly lines: readonly components["schemas"]["ChecklistLineOut"][];
            /** Scenario */
            readonly scenario: string;
            /** Stage */
            readonly stage: string;
            readonly states: components["schemas"]["LineCountsOut"];
            /** Uploads */
            readonly uploads: number;
        };
        /**
         * CheckOut
         * @description A check with a source.
         */
        readonly CheckOut: {
            /** Check Id */
            readonly check_id: string;
            /** Entry Id */
            readonly entry_id: string | null;
            readonly failure: components["schemas"]["FailureOut"] | null;
            /** Result */
            readonly result: string | null;
            /** State */
            readonly state: string;
        };
        /**
         * CheckpointOut
         * @description A checkpoint with its cosignatures and its anchor.
         */
        readonly CheckpointOut: {
            readonly anchor: components["schemas"]["AnchoredInOut"] | null;
            /**
             * At
             * @description RFC 3339, UTC
             */
            readonly at: string;
            /** Note */
            readonly note: string;
            /** Size */
            readonly size: number;
        };
        /**
         * CheckpointsOut
         * @description A page of checkpoints.
         */
        readonly CheckpointsOut: {
            /** Checkpoints */
            readonly checkpoints: readonly components["schemas"]["CheckpointOut"][];
            /** Next */
            readonly next: number | null;
        };
        /**
         * CheckQuestionOut
         * @description A question that a source answers.
         */
        readonly CheckQuestionOut: {
            /** Code */
            readonly code: string;
            /** Given */
            readonly given: readonly components["schemas"]["TitledOut"][];
            /** Name */
            readonly name: string;
            /** Name En */
            readonly name_en: string;
            /** Source */
            readonly source: string;
            /** Source Name */
            readonly source_name: string;
            /** Type Codes */
            readonly type_codes: readonly string[];
        };
        /**
         * CheckQuestionsOut
         * @description Questions that sources answer.
         */
        readonly CheckQuestionsOut: {
            /** Questions */
            readonly questions: readonly components["schemas"]["CheckQuestionOut"][];
        };
        /**
         * CircumstancesOut
         * @description How a use came about.
         */
        readonly CircumstancesOut: {
            /** Article */
            readonly article: string | null;
            /** Basis */
            readonly basis: string;
            readonly delay: components["schemas"]["DelayOut"] | null;
            readonly emergency: components["schemas"]["EmergencyOut"] | null;
            /** Use Id */
            readonly use_id: string;
        };
        /**
         * ClientOut
         * @description A client of an organisation.
         */
        readonly ClientOut: {
            /** Client Id */
            readonly client_id: string;
            /** Credentials */
            readonly credentials: readonly components["schemas"]["CredentialOut"][];
            /** Scopes */
            readonly scopes: readonly string[];
        };
        /**
         * CommitmentIn
         * @description A commitment to propose to the applicant.
         * @example {
         *       "cause": "食品经营许可新办审查",
         *       "kind": "commitment",
         *       "operator": "qp-103",
         *       "statement": "已符合食品经营许可条件",
         *       "type_codes": [
         *         "CL040"
         *       ]
         *     }
         */
        readonly CommitmentIn: {
            /** Cause */
            readonly cause: string;
            /**
             * Kind
             * @description commitment 告知承诺, tolerant 容缺受理
             * @default commitment
             * @enum {string}
             */
            readonly kind?: "commitment" | "tolerant";
            /** Operator */
            readonly operator: string;
            /**
             * Statement
             * @description what the applicant adds to the letter
             */
            readonly statement?: string | null;
            /**
             * Type Codes
             * @description what will be owed; none only where the item demands the letter itself
             */
            readonly type_codes: readonly string[];
        };
        /**
         * CommitmentOut
         * @description A letter of commitment (告知承诺) as the organisation it was made to sees it.
         */
        readonly CommitmentOut: {
            /** Case No */
            readonly case_no: string;
            /** Commitment Id */
            readonly commitment_id: string;
            /** Digest */
            readonly digest: string;
            /** Owed */
            readonly owed: readonly components["schemas"]["OwedLineOut"][];
            /**
             * Proposed At
             * @description RFC 3339, UTC
             */
            readonly proposed_at: string;
            /** Signed At */
            readonly signed_at: string | null;
            /** State */
            readonly state: string;
        };
        /**
         * CommitmentsOut
         * @description Letters of commitment of a case.
         */
        readonly CommitmentsOut: {
            /** Commitments */
            readonly commitments: readonly components["schemas"]["CommitmentOut"][];
        };
        /**
         * ConfirmationIn
         * @description Reuse confirmed, by the holder's signature or as stated at the counter.
         * @example {
         *       "lines": [
         *         {
         *           "conditions": [
         *             "unchanged",
         *             "same-premises"
         *           ],
         *           "line": "CL025",
         *           "material": "019a0000-0000-7000-8000-000000000000"
         *         }
         *       ],
         *       "operator": "qp-103"
         *     }
         */
        readonly ConfirmationIn: {
            /** Lines */
            readonly lines: readonly components["schemas"]["ConfirmedIn"][];
            /** Operator */
            readonly operator: string;
            /**
             * Signature
             * @description over the digest of .../confirmations/terms; None: stated
             */
            readonly signature?: string | null;
        };
        /**
         * ConfirmedIn
         * @description What is confirmed of one line.
         * @example {
         *       "conditions": [
         *         "unchanged",
         *         "same-premises"
         *       ],
         *       "line": "CL025",
         *       "material": "019a0000-0000-7000-8000-000000000000"
         *     }
         */
        readonly ConfirmedIn: {
            /** Conditions */
            readonly conditions: readonly string[];
            /** Line */
            readonly line: string;
            /** Material */
            readonly material: string;
        };
        /**
         * ConsentsOut
         * @description What waits for a holder, and what they gave.
         */
        readonly ConsentsOut: {
            /** Batches */
            readonly batches: readonly components["schemas"]["BatchOut"][];
            /** Grants */
            readonly grants: readonly components["schemas"]["GrantOut"][];
        };
        /**
         * ContactIn
         * @description Who answers for the organisation. Kept encrypted, shown to those who onboard.
         * @example {
         *       "email": "open@example.org",
         *       "name": "示例联系人",
         *       "phone": "021-00000000"
         *     }
         */
        readonly ContactIn: {
            /** Email */
            readonly email: string;
            /** Name */
            readonly name: string;
            /** Phone */
            readonly phone: string;
        };
        /**
         * ContactOut
         * @description Whom to call.
         */
        readonly ContactOut: {
            /** Email */
            readonly email: string;
            /** Name */
            readonly name: string;
            /** Phone */
            readonly phone: string;
        };
        /**
         * ContractsOut
         * @description The chain a log is anchored on.
         */
        readonly ContractsOut: {
            /** Anchor */
            readonly anchor: string;
            /** Chain Id */
            readonly chain_id: number;
            /** Code Hash */
            readonly code_hash: string;
            /** Genesis Hash */
            readonly genesis_hash: string;
            /** Registry */
            readonly registry: string;
        };
        /**
         * ContradictionOut
         * @description What speaks against what was read.
         */
        readonly ContradictionOut: {
            /** Can Be Acknowledged */
            readonly can_be_acknowledged: boolean;
            /** Field */
            readonly field: string | null;
            /** Problem */
            readonly problem: string;
        };
        /**
         * CountedOut
         * @description What organisations of a kind used on a day.
         */
        readonly CountedOut: {
            /** Amount */
            readonly amount: number;
            /** Day */
            readonly day: string;
            /**
             * Kind
             * @enum {string}
             */
            readonly kind: "government" | "enforcement" | "social";
            /** Organisations */
            readonly organisations: number;
            /** What */
            readonly what: string;
        };
        /**
         * CredentialOut
         * @description A key or certificate of a client.
         */
        readonly CredentialOut: {
            /**
             * Created At
             * @description RFC 3339, UTC
             */
            readonly created_at: string;
            /** Kind */
            readonly kind: string;
            /** Name */
            readonly name: string;
            /** Not After */
            readonly not_after: string | null;
            /** Thumbprint */
            readonly thumbprint: string;
        };
        /**
         * DecidedOut
         * @description An automatic case of a holder's.
         */
        readonly DecidedOut: {
            /** Case No */
            readonly case_no: string;
            /** Decided At */
            readonly decided_at: string | null;
            /** Run Id */
            readonly run_id: string;
            /**
             * Started At
             * @description RFC 3339, UTC
             */
            readonly started_at: string;
            /**
             * State
             * @enum {string}
             */
            readonly state: "running" | "waiting" | "person" | "declined" | "granted" | "listed" | "excluded";
        };
        /**
         * DefinitionChangeOut
         * @description What differs from the definition in force, at a path of it; null where there is nothing.
         */
        readonly DefinitionChangeOut: {
            /** After */
            readonly after: unknown;
            /** Before */
            readonly before: unknown;
            /** Path */
            readonly path: string;
        };
        /**
         * DefinitionCheckOut
         * @description A definition that is right, and what it would change.
         */
        readonly DefinitionCheckOut: {
            /** Changes */
            readonly changes: readonly components["schemas"]["DefinitionChangeOut"][];
            /** Code */
            readonly code: string;
            /** Kind */
            readonly kind: string;
            /** Version */
            readonly version: string;
        };
        /**
         * DefinitionDraftDecisionIn
         * @description Who gives a draft up.
         * @example {
         *       "operator": "bs-003"
         *     }
         */
        readonly DefinitionDraftDecisionIn: {
            /**
             * Operator
             * @description a registrar's handle
             */
            readonly operator: string;
        };
        /**
         * DefinitionDraftIn
         * @description A draft that is kept.
         * @example {
         *       "kind": "material-type",
         *       "operator": "bs-002",
         *       "text": "{\"code\": \"CL022\"}"
         *     }
         */
        readonly DefinitionDraftIn: {
            /**
             * Kind
             * @description of what
             * @enum {string}
             */
            readonly kind: "item" | "material-type" | "licence-type";
            /**
             * Operator
             * @description a registrar's handle
             */
            readonly operator: string;
            /**
             * Text
             * @description JSON
             */
            readonly text: string;
        };
        /**
         * DefinitionDraftOut
         * @description A draft of a definition.
         */
        readonly DefinitionDraftOut: {
            /** Changes */
            readonly changes: readonly components["schemas"]["DefinitionChangeOut"][];
            /** Code */
            readonly code: string;
            /** Decided By */
            readonly decided_by: string | null;
            /** Draft Id */
            readonly draft_id: string;
            /**
             * Edited At
             * @description RFC 3339, UTC
             */
            readonly edited_at: string;
            /** Edited By */
            readonly edited_by: string;
            /**
             * Kind
             * @enum {string}
             */
            readonly kind: "item" | "material-type" | "licence-type";
            /** Name */
            readonly name: string;
            /** Name En */
            readonly name_en: string;
            /** Sha256 */
            readonly sha256: string;
            /** State */
            readonly state: string;
            /** Text */
            readonly text: string;
        };
        /**
         * DefinitionDraftsOut
         * @description Drafts of an organisation that are open.
         */
        readonly DefinitionDraftsOut: {
            /** Drafts */
            readonly drafts: readonly components["schemas"]["DefinitionDraftOut"][];
        };
        /**
         * DefinitionPublicationIn
         * @description Who publishes a draft, and what they looked at.
         * @example {
         *       "operator": "bs-003",
         *       "sha256": "0000000000000000000000000000000000000000000000000000000000000000"
         *     }
         */
        readonly DefinitionPublicationIn: {
            /**
             * Operator
             * @description a registrar's handle; another than who saved the draft
             */
            readonly operator: string;
            /**
             * Sha256
             * @description of the draft's text as it was looked at; another is refused
             */
            readonly sha256: string;
        };
        /**
         * DefinitionPublishedOut
         * @description The version of the register by which a draft was published.
         */
        readonly DefinitionPublishedOut: {
            /** Sha256 */
            readonly sha256: string;
            /** Version */
            readonly version: number;
        };
        /**
         * DefinitionTextIn
         * @description A definition, as it was typed.
         * @example {
         *       "kind": "item",
         *       "text": "{\"item_code\": \"11310118XX00000B0W4310101101000\"}"
         *     }
         */
        readonly DefinitionTextIn: {
            /**
             * Kind
             * @description of what
             * @enum {string}
             */
            readonly kind: "item" | "material-type" | "licence-type";
            /**
             * Text
             * @description JSON
             */
            readonly text: string;
        };
        /**
         * DefinitionVersionOut
         * @description A version of a definition.
         */
        readonly DefinitionVersionOut: {
            /** Published At */
            readonly published_at: string | null;
            /**
             * Register Version
             * @description null of one that came with the program
             */
            readonly register_version: number | null;
            /** Sha256 */
            readonly sha256: string;
            /** Version */
            readonly version: string;
        };
        /**
         * DefinitionVersionsOut
         * @description Every version of a definition, the newest first.
         */
        readonly DefinitionVersionsOut: {
            /** Versions */
            readonly versions: readonly components["schemas"]["DefinitionVersionOut"][];
        };
        /**
         * DelayOut
         * @description Why a holder was told late.
         */
        readonly DelayOut: {
            /** Article */
            readonly article: string;
            /**
             * Decided At
             * @description RFC 3339, UTC
             */
            readonly decided_at: string;
            /**
             * Decided By
             * @description a role
             */
            readonly decided_by: string;
            /** Ground */
            readonly ground: string;
            /** Lifted At */
            readonly lifted_at: string | null;
            /**
             * Until
             * @description RFC 3339, UTC
             */
            readonly until: string;
        };
        /**
         * DelegationIn
         * @description Signed terms of a delegation, with what opens their commitments.
         * @example {
         *       "delegate": {
         *         "holder": {
         *           "identifiers": [
         *             {
         *               "code": "31019919900128027X",
         *               "type": "111"
         *             }
         *           ],
         *           "kind": "person",
         *           "name": "徐行舟"
         *         },
         *         "salt": "vu_erb7v3q2-796tvu_erQ"
         *       },
         *       "id_token": "eyJhbGciOiJFUzI1NiIsImtpZCI6Ii4uLiJ9.e30.c2ln",
         *       "principal": {
         *         "holder": {
         *           "identifiers": [
         *             {
         *               "code": "91310113XX0000019X",
         *               "type": "001"
         *             }
         *           ],
         *           "kind": "organisation",
         *           "name": "宝山青禾餐饮管理有限公司"
         *         },
         *         "salt": "3q2-796tvu_erb7v3q2-7w"
         *       },
         *       "terms": {
         *         "delegate": "Lr8nS9g5Wd6kNSAd3hGvWxSJXjLg0VvbSg1J2p6xvQM",
         *         "id": "01940d2e-5e8a-7cc3-a3b9-0d6c9ab3f001",
         *         "items": [
         *           "11310118XX00000B0W4310100101000"
         *         ],
         *         "levels": 1,
         *         "mode": "copy",
         *         "notice": "2026-11",
         *         "principal": "o2gyBT8RT0dGQYQTV0lJrVwzWKPYzYt8N1OW3oCOvEs",
         *         "regions": [
         *           "310000"
         *         ],
         *         "type": "cailian/delegation",
         *         "types": [
         *           "*"
         *         ],
         *         "v": 1,
         *         "valid_from": "2026-11-21T00:00:00.000Z",
         *         "valid_to": "2027-05-20T00:00:00.000Z"
         *       }
         *     }
         */
        readonly DelegationIn: {
            readonly delegate: components["schemas"]["NamedIn"];
            /** Id Token */
            readonly id_token?: string | null;
            readonly principal: components["schemas"]["NamedIn"];
            /** Signature */
            readonly signature?: (components["schemas"]["PasskeySignatureIn"] | components["schemas"]["HostAppSignatureIn"]) | null;
            /** Terms */
            readonly terms: {
                readonly [key: string]: unknown;
            };
        };
        /**
         * DelegationOut
         * @description A delegation as it stands; it names nobody.
         */
        readonly DelegationOut: {
            /** Chain */
            readonly chain: readonly string[];
            /** Delegation Id */
            readonly delegation_id: string;
            /** Digest */
            readonly digest: string;
            /** Ended At */
            readonly ended_at: string | null;
            /** Entry Id */
            readonly entry_id: string;
            /**
             * Given At
             * @description RFC 3339, UTC
             */
            readonly given_at: string;
            /**
             * State
             * @enum {string}
             */
            readonly state: "active" | "ended" | "expired";
            readonly terms: components["schemas"]["DelegationTermsOut"];
        };
        /**
         * DelegationTermsOut
         * @description The canonical terms of a delegation.
         */
        readonly DelegationTermsOut: {
            /** Delegate */
            readonly delegate: string;
            /** Id */
            readonly id: string;
            /** Items */
            readonly items: readonly string[];
            /** Levels */
            readonly levels: number;
            /**
             * Mode
             * @enum {string}
             */
            readonly mode: "verify" | "data" | "copy";
            /** Notice */
            readonly notice: string;
            /** Parent */
            readonly parent: string | null;
            /** Principal */
            readonly principal: string;
            /** Regions */
            readonly regions: readonly string[];
            /** Type */
            readonly type: string;
            /** Types */
            readonly types: readonly string[];
            /** V */
            readonly v: number;
            /**
             * Valid From
             * @description RFC 3339, UTC
             */
            readonly valid_from: string;
            /**
             * Valid To
             * @description RFC 3339, UTC
             */
            readonly valid_to: string;
        };
        /**
         * DemandOut
         * @description A material that is demanded.
         */
        readonly DemandOut: {
            /** Name */
            readonly name: string;
            /** Name En */
            readonly name_en: string;
            /**
             * Need
             * @enum {string}
             */
            readonly need: "required" | "optional";
            /** Routes */
            readonly routes: readonly components["schemas"]["Said"][];
            /** Type Code */
            readonly type_code: string;
            /** Whose */
            readonly whose: string;
        };
        /**
         * DepositedOut
         * @description A material as it was taken in.
         */
        readonly DepositedOut: {
            /**
             * Deposited At
             * @description RFC 3339, UTC
             */
            readonly deposited_at: string;
            /** Material Id */
            readonly material_id: string;
            /** Media Type */
            readonly media_type: string;
            /** Sha256 */
            readonly sha256: string;
            /** Size */
            readonly size: number;
            /** Status */
            readonly status: string;
            /** Type Code */
            readonly type_code: string;
            /** Verify Level */
            readonly verify_level: string;
        };
        /**
         * DepositIn
         * @description The `metadata` part of a deposit.
         * @example {
         *       "channel": "counter",
         *       "holder": {
         *         "identifiers": [
         *           {
         *             "code": "91310113XX0000019X",
         *             "type": "001"
         *           }
         *         ],
         *         "kind": "organisation",
         *         "name": "宝山青禾餐饮管理有限公司"
         *       },
         *       "operator": "bs-017",
         *       "type_code": "CL015",
         *       "verify_level": "staff_checked"
         *     }
         */
        readonly DepositIn: {
            /**
             * Channel
             * @default counter
             * @enum {string}
             */
            readonly channel?: "counter" | "web" | "app" | "kiosk" | "system";
            readonly holder: components["schemas"]["HolderIn"];
            /**
             * Operator
             * @description handle of the member of staff who takes it in
             */
            readonly operator: string;
            /**
             * Origin Case No
             * @default null
             */
            readonly origin_case_no?: string | null;
            /**
             * Project Code
             * @default null
             */
            readonly project_code?: string | null;
            /**
             * Share In Project
             * @default false
             */
            readonly share_in_project?: boolean;
            /**
             * Supersedes
             * @description the version this one replaces
             * @default null
             */
            readonly supersedes?: string | null;
            /**
             * Type Code
             * @description material type, CL001 to CL057
             */
            readonly type_code: string;
            /**
             * Valid From
             * @default null
             */
            readonly valid_from?: string | null;
            /**
             * Valid To
             * @default null
             */
            readonly valid_to?: string | null;
            /**
             * Verify Level
             * @default staff_checked
             * @enum {string}
             */
            readonly verify_level?: "self_declared" | "staff_checked" | "source_verified" | "issuer_signed";
        };
        /**
         * DisputeOut
         * @description A dispute as whoever raised it sees it.
         */
        readonly DisputeOut: {
            /** Answer */
            readonly answer: string | null;
            /** Answered At */
            readonly answered_at: string | null;
            /** Claim */
            readonly claim: string;
            /** Dispute Id */
            readonly dispute_id: string;
            /**
             * Due At
             * @description RFC 3339, UTC
             */
            readonly due_at: string;
            /** Fields */
            readonly fields: readonly string[];
            /**
             * Licence Id
             * @default null
             */
            readonly licence_id?: string | null;
            /**
             * Material Id
             * @default null
             */
            readonly material_id?: string | null;
            /**
             * Opened At
             * @description RFC 3339, UTC
             */
            readonly opened_at: string;
            /** Overdue */
            readonly overdue: boolean;
            /**
             * State
             * @enum {string}
             */
            readonly state: "open" | "rejected" | "corrected" | "withdrawn";
        };
        /**
         * DocumentIn
         * @description A document to make from a template.
         * @example {
         *       "cause": "食品经营许可新办审查",
         *       "form": {
         *         "area": "120",
         *         "rooms": [
         *           "就餐区",
         *           "操作区",
         *           "清洗区"
         *         ]
         *       },
         *       "operator": "qp-103",
         *       "type_code": "CL025"
         *     }
         */
        readonly DocumentIn: {
            /** Cause */
            readonly cause: string;
            /**
             * Form
             * @description what the applicant states; GET /v1/templates lists what each takes
             */
            readonly form?: {
                readonly [key: string]: string | readonly string[];
            };
            /** Operator */
            readonly operator: string;
            /**
             * Template
             * @description the item's own template where left out
             */
            readonly template?: string | null;
            /**
             * Type Code
             * @description material type the document becomes
             */
            readonly type_code: string;
        };
        /**
         * DocumentOut
         * @description A document that was made from a template.
         */
        readonly DocumentOut: {
            /** Case No */
            readonly case_no: string;
            /** Entry Id */
            readonly entry_id: string;
            /**
             * Made At
             * @description RFC 3339, UTC
             */
            readonly made_at: string;
            /** Material Id */
            readonly material_id: string;
            /** Template */
            readonly template: string;
            /** Type Code */
            readonly type_code: string;
        };
        /**
         * DroppedDraftOut
         * @description A draft that was given up.
         */
        readonly DroppedDraftOut: {
            /** Draft Id */
            readonly draft_id: string;
            /**
             * State
             * @constant
             */
            readonly state: "dropped";
        };
        /**
         * EmergencyOut
         * @description An emergency as the holder sees it: people by their roles, words only where they name nobody.
         */
        readonly EmergencyOut: {
            /** Approved At */
            readonly approved_at: string | null;
            /**
             * Approved By
             * @description a role
             */
            readonly approved_by: string;
            /** Ends At */
            readonly ends_at: string | null;
            /** Finding */
            readonly finding: string | null;
            /** Ground */
            readonly ground: string;
            /**
             * Opened At
             * @description RFC 3339, UTC
             */
            readonly opened_at: string;
            /**
             * Opened By
             * @description a role
             */
            readonly opened_by: string;
            /** Reason */
            readonly reason: string | null;
            /** Review Due At */
            readonly review_due_at: string | null;
            /** Reviewed At */
            readonly reviewed_at: string | null;
            /** Verdict */
            readonly verdict: ("justified" | "unjustified") | null;
        };
        /**
         * EntryStateOut
         * @description Where an entry is in the log.
         */
        readonly EntryStateOut: {
            /** Anchored At */
            readonly anchored_at: string | null;
            /** Entry Id */
            readonly entry_id: string;
            /** Index */
            readonly index: number | null;
            /**
             * Log
             * @description the log that holds it; null while it is in none
             */
            readonly log: string | null;
            /**
             * State
             * @enum {string}
             */
            readonly state: "pending" | "integrated" | "cosigned" | "anchored";
        };
        /**
         * FaceFieldOut
         * @description A field of a licence's face.
         */
        readonly FaceFieldOut: {
            /** En */
            readonly en: string;
            /** Name */
            readonly name: string;
            /** Value */
            readonly value: string | readonly string[];
            /** Zh */
            readonly zh: string;
        };
        /**
         * FactContentOut
         * @description What a record says: its type and time, and more by type.
         */
        readonly FactContentOut: {
            /**
             * Time
             * @description RFC 3339, UTC
             */
            readonly time: string;
            /** Type */
            readonly type: string;
        };
        /**
         * FactOut
         * @description What a record says, and the salt it is committed under.
         */
        readonly FactOut: {
            readonly content: components["schemas"]["FactContentOut"];
            /** Salt */
            readonly salt: string;
        };
        /**
         * FailureOut
         * @description Why a source did not answer.
         */
        readonly FailureOut: {
            /** Code */
            readonly code: string;
            /** Title */
            readonly title: string;
            /** Title Zh */
            readonly title_zh: string;
        };
        /**
         * FetchIn
         * @description A use of the licence that the selector names.
         * @example {
         *       "case_no": "31011820261121000001",
         *       "cause": "食品经营许可新办审查",
         *       "item_code": "11310118XX00000B0W4310100101000",
         *       "mode": "copy",
         *       "operator": "qp-103",
         *       "type_code": "LT01"
         *     }
         * @example {
         *       "case_no": "31011820261121000001",
         *       "cause": "食品经营许可新办审查",
         *       "fields": [
         *         "name",
         *         "address",
         *         "licence_no:clear"
         *       ],
         *       "item_code": "11310118XX00000B0W4310100101000",
         *       "mode": "data",
         *       "operator": "qp-103",
         *       "type_code": "CL006"
         *     }
         * @example {
         *       "case_no": "31011820261121000001",
         *       "cause": "食品经营许可新办审查",
         *       "issuer_code": "11310113XX00000A2R",
         *       "item_code": "11310118XX00000B0W4310100101000",
         *       "licence_no": "JY23101139900011",
         *       "mode": "verify",
         *       "operator": "qp-103",
         *       "type_code": "LT12"
         *     }
         */
        readonly FetchIn: {
            /** Case No */
            readonly case_no: string;
            /** Cause */
            readonly cause: string;
            /**
             * Fields
             * @description in mode `data`: what is wanted
             */
            readonly fields?: readonly string[];
            /** Grant Id */
            readonly grant_id?: string | null;
            /** @description whose, where not the applicant's */
            readonly holder?: components["schemas"]["IdentifierIn"] | null;
            /**
             * Identifier
             * @description 电子证照标识, GB/T 36904
             */
            readonly identifier?: string | null;
            /**
             * Issuer Code
             * @description of the body that issued it
             */
            readonly issuer_code?: string | null;
            /** Item Code */
            readonly item_code: string;
            /**
             * Licence No
             * @description the number on it, with type_code and issuer_code
             */
            readonly licence_no?: string | null;
            /**
             * Mode
             * @default copy
             * @enum {string}
             */
            readonly mode?: "verify" | "data" | "copy";
            /** Operator */
            readonly operator: string;
            /**
             * Type Code
             * @description LTnn or CLnnn: the one of the applicant or `holder`
             */
            readonly type_code?: string | null;
            /**
             * Use Code
             * @description 用证码, from a search in this case
             */
            readonly use_code?: string | null;
        };
        /**
         * FieldNamed
         * @description A field and its title.
         */
        readonly FieldNamed: {
            /** En */
            readonly en: string;
            /** Name */
            readonly name: string;
            /** Zh */
            readonly zh: string;
        };
        /**
         * FieldReadOut
         * @description A field as it was read, and where.
         */
        readonly FieldReadOut: {
            /**
             * Box
             * @description ten-thousandths of the page: x0, y0, x1, y1
             */
            readonly box: readonly [
                number,
                number,
                number,
                number
            ];
            /** Code */
            readonly code: string;
            /** Confidence */
            readonly confidence: number;
            /**
             * Name En
             * @default null
             */
            readonly name_en?: string | null;
            /**
             * Name Zh
             * @default null
             */
            readonly name_zh?: string | null;
            /** Page */
            readonly page: number;
            /** Problems */
            readonly problems: readonly string[];
            /** Value */
            readonly value: string;
        };
        /**
         * FiguresOut
         * @description Figures, by row and in all.
         */
        readonly FiguresOut: {
            /** By */
            readonly by: string | null;
            /**
             * From
             * @description ISO 8601
             */
            readonly from: string;
            /**
             * Overdue
             * @default null
             */
            readonly overdue?: number | null;
            /** Rows */
            readonly rows: readonly {
                readonly [key: string]: string | number | null;
            }[];
            /**
             * To
             * @description ISO 8601
             */
            readonly to: string;
            /** Total */
            readonly total: {
                readonly [key: string]: string | number | null;
            };
        };
        /**
         * FileOut
         * @description A file that would be copied.
         */
        readonly FileOut: {
            /** Media Type */
            readonly media_type: string;
            /** Sha256 */
            readonly sha256: string;
            /** Size */
            readonly size: number;
        };
        /**
         * FindingOut
         * @description What one check point found.
         */
        readonly FindingOut: {
            /** Code */
            readonly code: string;
            /** Digest */
            readonly digest: string;
            /** En */
            readonly en: string;
            /** Places */
            readonly places: readonly components["schemas"]["FindingPlaceOut"][];
            readonly resolution: components["schemas"]["ResolutionOut"] | null;
            /** Rule */
            readonly rule: unknown;
            /**
             * State
             * @enum {string}
             */
            readonly state: "passed" | "failed" | "unclear" | "not-applicable";
            /**
             * Values
             * @default null
             */
            readonly values?: readonly {
                readonly [key: string]: unknown;
            }[] | null;
            readonly what_to_do: components["schemas"]["Words"] | null;
            /** Why */
            readonly why: string | null;
            /** Zh */
            readonly zh: string;
        };
        /**
         * FindingPlaceOut
         * @description Where a finding is.
         */
        readonly FindingPlaceOut: {
            /**
             * Field
             * @default null
             */
            readonly field?: string | null;
            /**
             * Material Id
             * @default null
             */
            readonly material_id?: string | null;
            /**
             * Page
             * @default null
             */
            readonly page?: number | null;
            /**
             * Type
             * @default null
             */
            readonly type?: string | null;
        };
        /**
         * FirmSearchIn
         * @description Organisations by the beginning of their name; in the body, since a name need not be part of an address.
         * @example {
         *       "beginning": "宝山青禾",
         *       "operator": "qp-103"
         *     }
         */
        readonly FirmSearchIn: {
            /** Beginning */
            readonly beginning: string;
            /** Operator */
            readonly operator: string;
        };
        /**
         * FirmsOut
         * @description Organisations found by the beginning of their names.
         */
        readonly FirmsOut: {
            /** Firms */
            readonly firms: readonly components["schemas"]["HolderOut"][];
        };
        /**
         * FirstOperatorIn
         * @description A member of staff to begin with.
         * @example {
         *       "handle": "qb-001",
         *       "roles": [
         *         "window"
         *       ]
         *     }
         */
        readonly FirstOperatorIn: {
            /** Handle */
            readonly handle: string;
            /** Roles */
            readonly roles: readonly ("window" | "reviewer" | "registrar")[];
        };
        /**
         * FormAskOut
         * @description What a consent would fill.
         */
        readonly FormAskOut: {
            /** Fields */
            readonly fields: readonly string[];
            /** Of */
            readonly of: string;
            /** Source */
            readonly source: string;
            /** Type Code */
            readonly type_code: string;
        };
        /**
         * FormChangeIn
         * @description What somebody states.
         * @example {
         *       "by": "applicant",
         *       "operator": "qp-103",
         *       "values": {
         *         "contact_name": "陈安澜"
         *       },
         *       "version": 1
         *     }
         */
        readonly FormChangeIn: {
            /**
             * By
             * @description who says so
             * @default applicant
             * @enum {string}
             */
            readonly by?: "applicant" | "window";
            /** Operator */
            readonly operator: string;
            /**
             * Values
             * @description by field; null takes back what was stated
             */
            readonly values: {
                readonly [key: string]: string | readonly string[] | null;
            };
            /**
             * Version
             * @description of the form they saw
             */
            readonly version: number;
        };
        /**
         * FormIn
         * @description A form to fill.
         * @example {
         *       "cause": "食品经营许可新办预填",
         *       "operator": "qp-103"
         *     }
         */
        readonly FormIn: {
            /**
             * Cause
             * @description why; told to the holder with each use
             */
            readonly cause: string;
            /** Operator */
            readonly operator: string;
        };
        /**
         * FormLineOut
         * @description A field of a form.
         */
        readonly FormLineOut: {
            /** Candidates */
            readonly candidates: readonly components["schemas"]["CandidateOut"][];
            /** Code */
            readonly code: string;
            /** Kind */
            readonly kind: string;
            /** Missing */
            readonly missing: readonly components["schemas"]["MissingSourceOut"][];
            /** Name */
            readonly name: string;
            /** Name En */
            readonly name_en: string;
            readonly source: components["schemas"]["ValueSourceOut"] | null;
            /** State */
            readonly state: string;
            /** Value */
            readonly value: string | readonly string[] | null;
        };
        /**
         * FormOut
         * @description A pre-filled form.
         */
        readonly FormOut: {
            /**
             * Asks
             * @default null
             */
            readonly asks?: readonly components["schemas"]["FormAskOut"][] | null;
            /** Case No */
            readonly case_no: string;
            /** Complete */
            readonly complete: boolean;
            /** Entry Id */
            readonly entry_id: string;
            /** Fields */
            readonly fields: readonly components["schemas"]["FormLineOut"][];
            /** Item Code */
            readonly item_code: string;
            /** Prefilled */
            readonly prefilled: number;
            /**
             * Saved At
             * @description RFC 3339, UTC
             */
            readonly saved_at: string;
            /** Total */
            readonly total: number;
            /** Version */
            readonly version: number;
        };
        /**
         * FrequencyIn
         * @description At most `count` uses in any one `unit` of time.
         * @example {
         *       "count": 1,
         *       "unit": "day"
         *     }
         */
        readonly FrequencyIn: {
            /** Count */
            readonly count: number;
            /**
             * Unit
             * @enum {string}
             */
            readonly unit: "hour" | "day" | "week" | "month";
        };
        /**
         * FrequencyOut
         * @description How often at most.
         */
        readonly FrequencyOut: {
            /** Count */
            readonly count: number;
            /**
             * Unit
             * @enum {string}
             */
            readonly unit: "hour" | "day" | "week" | "month";
        };
        /**
         * FreshnessOut
         * @description How old a value is.
         */
        readonly FreshnessOut: {
            /** Age Days */
            readonly age_days: number;
            /** Live */
            readonly live: boolean;
        };
        /**
         * FrozenOut
         * @description A log that came before and grows no more.
         */
        readonly FrozenOut: {
            /**
             * Frozen At
             * @description RFC 3339, UTC
             */
            readonly frozen_at: string;
            /** Number */
            readonly number: number;
            /** Origin */
            readonly origin: string;
            /** Size */
            readonly size: number;
        };
        /**
         * FullItemOut
         * @description A service item in full.
         */
        readonly FullItemOut: {
            /** Applicant Kinds */
            readonly applicant_kinds: readonly ("person" | "organisation")[];
            /** Demands */
            readonly demands: readonly string[];
            /** Division */
            readonly division: string;
            /** Item Code */
            readonly item_code: string;
            /** Materials */
            readonly materials: readonly unknown[];
            /** Materials In Full */
            readonly materials_in_full: readonly components["schemas"]["DemandOut"][];
            /** Name */
            readonly name: string;
            /** Name En */
            readonly name_en: string;
            /** Promise Days */
            readonly promise_days: number;
            /** Questions */
            readonly questions: readonly components["schemas"]["QuestionOut"][];
            /** Roles */
            readonly roles: {
                readonly [key: string]: components["schemas"]["Words"];
            };
            /** Scenarios */
            readonly scenarios: readonly string[];
            /** Scenarios In Full */
            readonly scenarios_in_full: readonly components["schemas"]["ScenarioOut"][];
            /** Version */
            readonly version: string;
        };
        /**
         * FullLicenceOut
         * @description A licence with its face.
         */
        readonly FullLicenceOut: {
            /** Entry Id */
            readonly entry_id: string;
            /** Events */
            readonly events: readonly components["schemas"]["LicenceEventOut"][];
            /** Face */
            readonly face: readonly components["schemas"]["FaceFieldOut"][];
            /** Frozen */
            readonly frozen: boolean;
            /** Has File */
            readonly has_file: boolean;
            /**
             * Holder Kind
             * @enum {string}
             */
            readonly holder_kind: "person" | "organisation" | "mixed";
            /** Holders */
            readonly holders: readonly string[];
            /** Identifier */
            readonly identifier: string;
            /** Issuer */
            readonly issuer: string;
            /** Level */
            readonly level: number;
            /** Licence Id */
            readonly licence_id: string;
            /** Name */
            readonly name: string;
            /** Name En */
            readonly name_en: string;
            /**
             * Number
             * @description masked
             */
            readonly number: string;
            /** Presents */
            readonly presents: readonly string[];
            /** Status */
            readonly status: string;
            /** Type Code */
            readonly type_code: string;
            /**
             * Valid From
             * @description ISO 8601
             */
            readonly valid_from: string;
            /** Valid To */
            readonly valid_to: string | null;
        };
        /**
         * FullPartyOut
         * @description An organisation with its clients and what it used.
         */
        readonly FullPartyOut: {
            /** Clients */
            readonly clients: readonly components["schemas"]["ClientOut"][];
            readonly contact: components["schemas"]["ContactOut"] | null;
            /** Division */
            readonly division: string;
            /**
             * Kind
             * @enum {string}
             */
            readonly kind: "government" | "enforcement" | "social";
            /** Name */
            readonly name: string;
            /** Org Code */
            readonly org_code: string;
            /** Party Id */
            readonly party_id: string;
            /**
             * State
             * @enum {string}
             */
            readonly state: "active" | "suspended";
            /** Usage */
            readonly usage: readonly components["schemas"]["UsedOut"][];
        };
        /**
         * FullReadingOut
         * @description A reading with what was read.
         */
        readonly FullReadingOut: {
            /**
             * Asked At
             * @description RFC 3339, UTC
             */
            readonly asked_at: string;
            /** Confirmed */
            readonly confirmed: {
                readonly [key: string]: unknown;
            } | null;
            /** Confirmed At */
            readonly confirmed_at: string | null;
            /** Contradictions */
            readonly contradictions: readonly components["schemas"]["ContradictionOut"][];
            /** Ended At */
            readonly ended_at: string | null;
            /** Entry Id */
            readonly entry_id: string | null;
            /** Failure */
            readonly failure: string | null;
            /** Fields */
            readonly fields: readonly components["schemas"]["FieldReadOut"][];
            /** Material Id */
            readonly material_id: string;
            /** Missing */
            readonly missing: readonly string[];
            /** Pages */
            readonly pages: readonly {
                readonly [key: string]: unknown;
            }[];
            readonly progress: components["schemas"]["ProgressOut"];
            /** Reading Id */
            readonly reading_id: string;
            /**
             * State
             * @enum {string}
             */
            readonly state: "queued" | "read" | "failed" | "confirmed";
            readonly type: components["schemas"]["GuessOut"] | null;
            /** Verify Level */
            readonly verify_level: string | null;
        };
        /**
         * GapsOut
         * @description What was begun and not ended, by kind.
         */
        readonly GapsOut: {
            /** Counts */
            readonly counts: {
                readonly [key: string]: number;
            };
        };
        /**
         * GranteeOut
         * @description Who asks.
         */
        readonly GranteeOut: {
            /** Org */
            readonly org: string;
            /** Party */
            readonly party: string;
        };
        /**
         * GrantorOut
         * @description Who is asked, as a commitment.
         */
        readonly GrantorOut: {
            /** Holder */
            readonly holder: string;
        };
        /**
         * GrantOut
         * @description A grant as it stands.
         */
        readonly GrantOut: {
            /** Digest */
            readonly digest: string;
            /** Entry Id */
            readonly entry_id: string;
            /**
             * Given At
             * @description RFC 3339, UTC
             */
            readonly given_at: string;
            /** Grant Id */
            readonly grant_id: string;
            /** Max Uses */
            readonly max_uses: number;
            /**
             * State
             * @enum {string}
             */
            readonly state: "active" | "expired" | "used_up" | "withdrawn" | "suspended";
            readonly terms: components["schemas"]["TermsOut"];
            /** Uses Left */
            readonly uses_left: number;
            /**
             * Valid From
             * @description RFC 3339, UTC
             */
            readonly valid_from: string;
            /**
             * Valid To
             * @description RFC 3339, UTC
             */
            readonly valid_to: string;
            /** Withdrawn At */
            readonly withdrawn_at: string | null;
        };
        /**
         * GuessOut
         * @description What a document seems to be.
         */
        readonly GuessOut: {
            /** Confidence */
            readonly confidence: number;
            /** Type Code */
            readonly type_code: string | null;
        };
        /**
         * HealthOut
         * @description Sizes, lags and states in figures.
         */
        readonly HealthOut: {
            /** Figures */
            readonly figures: {
                readonly [key: string]: number | null;
            };
            /** Lag Warning */
            readonly lag_warning: boolean;
            readonly limits: components["schemas"]["LagLimitsOut"];
            /** Origin */
            readonly origin: string;
            /** Witnesses */
            readonly witnesses: readonly {
                readonly [key: string]: unknown;
            }[];
        };
        /**
         * HeldCodeOut
         * @description A code as its holder sees it afterwards, without its text.
         */
        readonly HeldCodeOut: {
            readonly audience: components["schemas"]["AudienceOut"] | null;
            /** Channel */
            readonly channel: string;
            /** Code Id */
            readonly code_id: string;
            /**
             * Expires At
             * @description RFC 3339, UTC
             */
            readonly expires_at: string;
            /**
             * Kind
             * @enum {string}
             */
            readonly kind: "live" | "printed" | "company";
            /** Licence Id */
            readonly licence_id: string | null;
            /**
             * Made At
             * @description RFC 3339, UTC
             */
            readonly made_at: string;
            /**
             * State
             * @enum {string}
             */
            readonly state: "waiting" | "shown" | "expired" | "void";
            /** Void Reason */
            readonly void_reason: string | null;
        };
        /**
         * HolderIn
         * @description Whose material it is, or who applies.
         * @example {
         *       "identifiers": [
         *         {
         *           "code": "91310113XX0000019X",
         *           "type": "001"
         *         }
         *       ],
         *       "kind": "organisation",
         *       "name": "宝山青禾餐饮管理有限公司"
         *     }
         */
        readonly HolderIn: {
            /** Identifiers */
            readonly identifiers: readonly components["schemas"]["IdentifierIn"][];
            /**
             * Kind
             * @enum {string}
             */
            readonly kind: "person" | "organisation";
            /** Name */
            readonly name: string;
        };
        /**
         * HolderOut
         * @description A holder as the organisation that named it sees it.
         */
        readonly HolderOut: {
            /** Identifiers */
            readonly identifiers: readonly components["schemas"]["IdentifierOut"][];
            /**
             * Kind
             * @enum {string}
             */
            readonly kind: "person" | "organisation";
            /** Name */
            readonly name: string;
        };
        /**
         * HolderRequestIn
         * @description What a holder is about to ask; the answer is what to sign.
         * @example {
         *       "action": "show",
         *       "subject": "019a0000-0000-7000-8000-000000000000",
         *       "terms": {
         *         "counter": "3",
         *         "org": "11310118XX00000B0W"
         *       }
         *     }
         */
        readonly HolderRequestIn: {
            /** Action */
            readonly action: string;
            /**
             * Subject
             * @description the licence, code, delivery or dispute it is about
             */
            readonly subject: string;
            /** Terms */
            readonly terms?: {
                readonly [key: string]: unknown;
            };
        };
        /**
         * HostAppSignatureIn
         * @description What the city app signed with the key in its hardware, see docs/signers.md.
         * @example {
         *       "jws": "eyJhbGciOiJFUzI1NiIsImtpZCI6Ii4uLiJ9.e30.c2ln",
         *       "key_id": "019a0000-0000-7000-8000-000000000000",
         *       "kind": "host_app"
         *     }
         */
        readonly HostAppSignatureIn: {
            /** Jws */
            readonly jws: string;
            /** Key Id */
            readonly key_id: string;
            /**
             * @description discriminator enum property added by openapi-typescript
             * @enum {string}
             */
            readonly kind: "host_app";
        };
        /**
         * IdentifierIn
         * @description An identity code: `type` as in GB/T 36903 practice (111 identity card, 001 unified social credit code).
         */
        readonly IdentifierIn: {
            /**
             * Code
             * @example 91310113XX0000019X
             */
            readonly code: string;
            /**
             * Country
             * @description GB/T 2659 / ISO 3166 numeric
             * @default 156
             */
            readonly country?: string;
            /**
             * Type
             * @example 001
             */
            readonly type: string;
        };
        /**
         * IdentifierOut
         * @description A code of a holder.
         */
        readonly IdentifierOut: {
            /** Code */
            readonly code: string;
            /** Country */
            readonly country: string;
            /** Type */
            readonly type: string;
        };
        /**
         * InboxOut
         * @description Disputes, scans, codes and deliveries of a holder.
         */
        readonly InboxOut: {
            /** Codes */
            readonly codes: readonly components["schemas"]["HeldCodeOut"][];
            /** Deliveries */
            readonly deliveries: readonly {
                readonly [key: string]: unknown;
            }[];
            /** Disputes */
            readonly disputes: readonly components["schemas"]["DisputeOut"][];
            /** Scans */
            readonly scans: readonly components["schemas"]["ScanOut"][];
        };
        /**
         * InquiriesOut
         * @description What waits for a holder's yes or no, and what became of it.
         */
        readonly InquiriesOut: {
            /** Decisions */
            readonly decisions: readonly components["schemas"]["DecidedOut"][];
            /** Inquiries */
            readonly inquiries: readonly components["schemas"]["InquiryOut"][];
            /** Linked */
            readonly linked: readonly components["schemas"]["LinkedOut"][];
            /** Objections */
            readonly objections: readonly components["schemas"]["ObjectionOut"][];
        };
        /**
         * InquiryOut
         * @description A question to a holder; `digest` is of the statement.
         */
        readonly InquiryOut: {
            /** Answer */
            readonly answer: string | null;
            /** Answered At */
            readonly answered_at: string | null;
            /** Batch Id */
            readonly batch_id: string | null;
            /** Digest */
            readonly digest: string;
            /**
             * Due At
             * @description RFC 3339, UTC
             */
            readonly due_at: string;
            /** Entry Id */
            readonly entry_id: string | null;
            /** Inquiry Id */
            readonly inquiry_id: string;
            /**
             * Kind
             * @enum {string}
             */
            readonly kind: "application" | "confirmation" | "willingness";
            /**
             * State
             * @enum {string}
             */
            readonly state: "open" | "answered" | "expired" | "withdrawn";
            readonly statement: components["schemas"]["StatementOut"];
        };
        /**
         * ItemNamed
         * @description An item by name.
         */
        readonly ItemNamed: {
            /** Name */
            readonly name: string;
            /** Name En */
            readonly name_en: string;
        };
        /**
         * ItemOut
         * @description A service item.
         */
        readonly ItemOut: {
            /** Applicant Kinds */
            readonly applicant_kinds: readonly ("person" | "organisation")[];
            /** Demands */
            readonly demands: readonly string[];
            /** Division */
            readonly division: string;
            /** Item Code */
            readonly item_code: string;
            /** Materials */
            readonly materials: readonly unknown[];
            /** Name */
            readonly name: string;
            /** Name En */
            readonly name_en: string;
            /** Promise Days */
            readonly promise_days: number;
            /** Scenarios */
            readonly scenarios: readonly string[];
            /** Version */
            readonly version: string;
        };
        /**
         * ItemsOut
         * @description The service items.
         */
        readonly ItemsOut: {
            /** Items */
            readonly items: readonly components["schemas"]["ItemOut"][];
        };
        /**
         * JointHolderOut
         * @description One of several holders; who of the others refused is not told.
         */
        readonly JointHolderOut: {
            /** Name */
            readonly name: string;
            /**
             * State
             * @enum {string}
             */
            readonly state: "signed" | "missing" | "expired" | "refused" | "closed" | "withdrawn";
            /** You */
            readonly you: boolean;
        };
        /**
         * JointOut
         * @description Of a thing held together: how far the others' consent has come, and whose is missing.
         */
        readonly JointOut: {
            /** Approved */
            readonly approved: number;
            /** Holders */
            readonly holders: number;
            /** People */
            readonly people: readonly components["schemas"]["JointHolderOut"][];
            /**
             * State
             * @enum {string}
             */
            readonly state: "waiting-for-you" | "waiting-for-others" | "complete" | "refused" | "withdrawn" | "expired";
        };
        /**
         * KeptChecklistOut
         * @description The checklist a case was accepted with, as the log names it.
         */
        readonly KeptChecklistOut: {
            /** Entry Id */
            readonly entry_id: string;
            /**
             * Kept At
             * @description RFC 3339, UTC
             */
            readonly kept_at: string;
            /** Sha256 */
            readonly sha256: string;
        };
        /**
         * KeyIn
         * @description Terms of an enrolment with what registers the key, and the login over them.
         * @example {
         *       "id_token": "eyJhbGciOiJFUzI1NiIsImtpZCI6Ii4uLiJ9.e30.c2ln",
         *       "registration": {
         *         "attestation": "eyJ..",
         *         "key": {
         *           "crv": "P-256",
         *           "kty": "EC",
         *           "x": "..",
         *           "y": ".."
         *         }
         *       },
         *       "salt": "3q2-796tvu_erb7v3q2-7w",
         *       "terms": {
         *         "credential": "NzbLsXh8uDCcd-6MNwXF4W_7noWXFZAfHkxZsRGC9Xs",
         *         "holder": "o2gyBT8RT0dGQYQTV0lJrVwzWKPYzYt8N1OW3oCOvEs",
         *         "id": "019a0000-0000-7000-8000-000000000000",
         *         "key": {
         *           "crv": "P-256",
         *           "kty": "EC",
         *           "x": "..",
         *           "y": ".."
         *         },
         *         "kind": "host_app",
         *         "notice": "2026-11",
         *         "rp": "city-app",
         *         "type": "cailian/key",
         *         "v": 1
         *       }
         *     }
         */
        readonly KeyIn: {
            /**
             * Id Token
             * @description whose `nonce` is the digest of what is signed
             */
            readonly id_token: string;
            /** Registration */
            readonly registration: {
                readonly [key: string]: unknown;
            };
            /**
             * Salt
             * @description 16 random bytes, base64url
             */
            readonly salt: string;
            /** Terms */
            readonly terms: {
                readonly [key: string]: unknown;
            };
        };
        /**
         * KeyOut
         * @description An enrolled key.
         */
        readonly KeyOut: {
            /**
             * Enrolled At
             * @description RFC 3339, UTC
             */
            readonly enrolled_at: string;
            /**
             * Full From
             * @description RFC 3339, UTC
             */
            readonly full_from: string;
            /** Key Id */
            readonly key_id: string;
            /**
             * Kind
             * @enum {string}
             */
            readonly kind: "passkey" | "host_app";
            /** Revoked At */
            readonly revoked_at: string | null;
            /**
             * State
             * @enum {string}
             */
            readonly state: "active" | "revoked";
        };
        /**
         * KeyProposalIn
         * @description A new key as the phone shows it; the answer is what to log in over.
         * @example {
         *       "holder": "o2gyBT8RT0dGQYQTV0lJrVwzWKPYzYt8N1OW3oCOvEs",
         *       "key_id": "019a0000-0000-7000-8000-000000000000",
         *       "kind": "host_app",
         *       "registration": {
         *         "attestation": "eyJ..",
         *         "key": {
         *           "crv": "P-256",
         *           "kty": "EC",
         *           "x": "..",
         *           "y": ".."
         *         }
         *       }
         *     }
         */
        readonly KeyProposalIn: {
            /**
             * Holder
             * @description commitment to the login: SHA-256 over the salt and the canonical `{"code": "ISSUER SUBJECT", "country": "156", "type": "oidc"}`, base64url
             */
            readonly holder: string;
            /** Key Id */
            readonly key_id: string;
            /**
             * Kind
             * @enum {string}
             */
            readonly kind: "passkey" | "host_app";
            /**
             * Registration
             * @description see docs/signers.md
             */
            readonly registration: {
                readonly [key: string]: unknown;
            };
        };
        /**
         * LagLimitsOut
         * @description Seconds without an anchor after which less is taken in.
         */
        readonly LagLimitsOut: {
            /** Limit 1 */
            readonly limit_1: number;
            /** Limit 2 */
            readonly limit_2: number;
        };
        /**
         * LawOut
         * @description On which law.
         */
        readonly LawOut: {
            /** En */
            readonly en: string;
            /** Zh */
            readonly zh: string;
        };
        /**
         * LedgerOut
         * @description A page of a holder's ledger.
         */
        readonly LedgerOut: {
            /** Cursor */
            readonly cursor: string | null;
            /** Lines */
            readonly lines: readonly components["schemas"]["LineOut"][];
            /** Reports */
            readonly reports: readonly components["schemas"]["ReportOut"][];
        };
        /**
         * LetterOut
         * @description A letter of commitment (承诺书) as its holder sees it.
         */
        readonly LetterOut: {
            /** Can Refuse */
            readonly can_refuse: boolean;
            /** Commitment Id */
            readonly commitment_id: string;
            /** Digest */
            readonly digest: string;
            /** Holder */
            readonly holder: string;
            readonly item: components["schemas"]["NamedItemOut"];
            readonly org: components["schemas"]["OrganisationOut"];
            /** Owed */
            readonly owed: readonly components["schemas"]["OwedOut"][];
            /**
             * Proposed At
             * @description RFC 3339, UTC
             */
            readonly proposed_at: string;
            /** Signed At */
            readonly signed_at: string | null;
            /**
             * State
             * @enum {string}
             */
            readonly state: "proposed" | "declined" | "signed" | "withdrawn" | "kept" | "overdue" | "breached";
            readonly terms: components["schemas"]["LetterTermsOut"];
        };
        /**
         * LettersOut
         * @description Letters of commitment of a holder.
         */
        readonly LettersOut: {
            /** Commitments */
            readonly commitments: readonly components["schemas"]["LetterOut"][];
        };
        /**
         * LetterTermsOut
         * @description What is signed of a letter of commitment, by its digest.
         */
        readonly LetterTermsOut: {
            /** Action */
            readonly action: string;
            /** Barred Days */
            readonly barred_days: number;
            /** Case */
            readonly case: string;
            /** Id */
            readonly id: string;
            /** Org */
            readonly org: string;
            /** Owed */
            readonly owed: readonly components["schemas"]["OwedTermOut"][];
            /** Post Check Days */
            readonly post_check_days: number;
        };
        /**
         * LicenceEventOut
         * @description What became of a licence.
         */
        readonly LicenceEventOut: {
            /**
             * At
             * @description RFC 3339, UTC
             */
            readonly at: string;
            /** Entry Id */
            readonly entry_id: string;
            /** Status */
            readonly status: string;
        };
        /**
         * LicenceOut
         * @description A licence of a holder's, without its face.
         */
        readonly LicenceOut: {
            /** Entry Id */
            readonly entry_id: string;
            /** Frozen */
            readonly frozen: boolean;
            /** Has File */
            readonly has_file: boolean;
            /**
             * Holder Kind
             * @enum {string}
             */
            readonly holder_kind: "person" | "organisation" | "mixed";
            /** Identifier */
            readonly identifier: string;
            /** Issuer */
            readonly issuer: string;
            /** Level */
            readonly level: number;
            /** Licence Id */
            readonly licence_id: string;
            /** Name */
            readonly name: string;
            /** Name En */
            readonly name_en: string;
            /**
             * Number
             * @description masked
             */
            readonly number: string;
            /** Presents */
            readonly presents: readonly string[];
            /** Status */
            readonly status: string;
            /** Type Code */
            readonly type_code: string;
            /**
             * Valid From
             * @description ISO 8601
             */
            readonly valid_from: string;
            /** Valid To */
            readonly valid_to: string | null;
        };
        /**
         * LicencesOut
         * @description Licences of a holder.
         */
        readonly LicencesOut: {
            /** Licences */
            readonly licences: readonly components["schemas"]["LicenceOut"][];
        };
        /**
         * LicenceTypeOut
         * @description A type of licence.
         */
        readonly LicenceTypeOut: {
            /** Code */
            readonly code: string;
            /** Fields */
            readonly fields: readonly components["schemas"]["TypeFieldOut"][];
            /** Issuer */
            readonly issuer: string;
            /** Name */
            readonly name: string;
            /** Name En */
            readonly name_en: string;
            /** Version */
            readonly version: string;
        };
        /**
         * LicenceTypesOut
         * @description The types of licence.
         */
        readonly LicenceTypesOut: {
            /** Types */
            readonly types: readonly components["schemas"]["LicenceTypeOut"][];
            /** Version */
            readonly version: string;
        };
        /**
         * LimitsIn
         * @description Limits apart from those of the organisation's kind; null: as its kind.
         * @example {
         *       "limits": {
         *         "uses": 1000
         *       },
         *       "operator": "op-901"
         *     }
         */
        readonly LimitsIn: {
            /** Limits */
            readonly limits: {
                readonly [key: string]: number | null;
            };
            /** Operator */
            readonly operator: string;
        };
        /**
         * LineCountsOut
         * @description How many lines are in each state.
         */
        readonly LineCountsOut: {
            /** Missing */
            readonly missing: number;
            /** Offered */
            readonly offered: number;
            /** Owed */
            readonly owed: number;
            /** Supplied */
            readonly supplied: number;
            /** Waiting */
            readonly waiting: number;
        };
        /**
         * LineOut
         * @description A line of a holder's ledger: a use, or a refusal of one.
         */
        readonly LineOut: {
            /**
             * At
             * @description RFC 3339, UTC
             */
            readonly at: string;
            /** Basis */
            readonly basis: string | null;
            /** Case No */
            readonly case_no: string;
            /** Cause */
            readonly cause: string | null;
            /** Entry Id */
            readonly entry_id: string;
            /** Grant Id */
            readonly grant_id: string | null;
            /** Item */
            readonly item: string;
            /** Item Code */
            readonly item_code: string;
            /**
             * Kind
             * @enum {string}
             */
            readonly kind: "use" | "refusal";
            /** Line Id */
            readonly line_id: string;
            /**
             * Mode
             * @enum {string}
             */
            readonly mode: "verify" | "data" | "copy";
            /** Object Id */
            readonly object_id: string | null;
            /** Org Code */
            readonly org_code: string;
            /** Organisation */
            readonly organisation: string;
            /** Outcome Entry Id */
            readonly outcome_entry_id: string | null;
            /** Proof */
            readonly proof: string;
            /** Reason */
            readonly reason: string | null;
            /** Reason En */
            readonly reason_en: string | null;
            /** Reason Zh */
            readonly reason_zh: string | null;
            /** Seq */
            readonly seq: number | null;
            /** State */
            readonly state: string;
            /** Type */
            readonly type: string | null;
        };
        /**
         * LinkedOut
         * @description A change that follows another.
         */
        readonly LinkedOut: {
            /**
             * Announced At
             * @description RFC 3339, UTC
             */
            readonly announced_at: string;
            /**
             * Due At
             * @description RFC 3339, UTC
             */
            readonly due_at: string;
            /** Entry Id */
            readonly entry_id: string;
            /** Fields */
            readonly fields: {
                readonly [key: string]: string;
            };
            /** Linked Id */
            readonly linked_id: string;
            /**
             * State
             * @enum {string}
             */
            readonly state: "announced" | "objected" | "person" | "changed";
        };
        /**
         * LinkOut
         * @description One link of a chain of delegations, by name.
         */
        readonly LinkOut: {
            /** Delegation Id */
            readonly delegation_id: string;
            /** Ended */
            readonly ended: boolean;
            /** From */
            readonly from: string;
            /** To */
            readonly to: string;
        };
        /**
         * LogOut
         * @description What a log says about itself.
         */
        readonly LogOut: {
            readonly chain: components["schemas"]["ContractsOut"] | null;
            /** Checkpoint */
            readonly checkpoint: string | null;
            /** Checkpoint At */
            readonly checkpoint_at: string | null;
            /** Frozen */
            readonly frozen: readonly components["schemas"]["FrozenOut"][];
            /** Origin */
            readonly origin: string;
            /** Quorum */
            readonly quorum: number;
            /** Retired Keys */
            readonly retired_keys: readonly components["schemas"]["RetiredKeyOut"][];
            /** Size */
            readonly size: number;
            /** Superior */
            readonly superior: boolean;
            /** Vkey */
            readonly vkey: string;
            /** Witnesses */
            readonly witnesses: readonly components["schemas"]["WatchingOut"][];
        };
        /**
         * LookIn
         * @description What an auditor wants to look at, and why.
         * @example {
         *       "cause": "2026 年第四季度调用抽查",
         *       "kind": "case",
         *       "operator": "op-900",
         *       "value": "31011820261121000001"
         *     }
         */
        readonly LookIn: {
            /**
             * Cause
             * @description why; names nobody
             */
            readonly cause: string;
            /**
             * Kind
             * @enum {string}
             */
            readonly kind: "case" | "licence" | "material" | "department";
            /** Operator */
            readonly operator: string;
            /**
             * Since
             * @description of what a department did
             */
            readonly since?: string | null;
            /**
             * Until
             * @description of what a department did; not in it
             */
            readonly until?: string | null;
            /**
             * Value
             * @description case number, id of a licence or material, code of an organisation
             */
            readonly value: string;
        };
        /**
         * LookOut
         * @description What an auditor looks at, why, and until when its pages can be turned.
         */
        readonly LookOut: {
            /**
             * At
             * @description RFC 3339, UTC
             */
            readonly at: string;
            /** Cause */
            readonly cause: string;
            /** Entry Id */
            readonly entry_id: string;
            /** Is Open */
            readonly is_open: boolean;
            /**
             * Kind
             * @enum {string}
             */
            readonly kind: "case" | "licence" | "material" | "department";
            /** Look Id */
            readonly look_id: string;
            /**
             * Open Until
             * @description RFC 3339, UTC
             */
            readonly open_until: string;
            /** Operator */
            readonly operator: string;
            /** Org Code */
            readonly org_code: string | null;
            /** Organisation */
            readonly organisation: string | null;
            /**
             * Scope
             * @enum {string}
             */
            readonly scope: "node" | "organisation";
            /** Since */
            readonly since: string | null;
            /** Subject */
            readonly subject: string;
            /** Until */
            readonly until: string | null;
        };
        /**
         * LookPageOut
         * @description A page of a look.
         */
        readonly LookPageOut: {
            /** Lines */
            readonly lines: readonly components["schemas"]["AuditLineOut"][];
            /** Next Cursor */
            readonly next_cursor: string | null;
            /** Versions */
            readonly versions: readonly components["schemas"]["LookVersionOut"][];
        };
        /**
         * LooksOut
         * @description A page of what auditors looked at.
         */
        readonly LooksOut: {
            /** After */
            readonly after: string | null;
            /** Looks */
            readonly looks: readonly components["schemas"]["LookOut"][];
        };
        /**
         * LookVersionOut
         * @description A version of a material or licence that is looked at.
         */
        readonly LookVersionOut: {
            /**
             * At
             * @description RFC 3339, UTC
             */
            readonly at: string;
            /**
             * Erased At
             * @description when the key of its document was destroyed
             */
            readonly erased_at: string | null;
            /** Id */
            readonly id: string;
            /** Licence Id */
            readonly licence_id: string | null;
            /** Org Code */
            readonly org_code: string | null;
            /** Organisation */
            readonly organisation: string | null;
            /** Origin Case No */
            readonly origin_case_no: string | null;
            /**
             * Sha256
             * @description null of another organisation's version, outside the scope
             */
            readonly sha256: string | null;
            /** Status */
            readonly status: string;
            /** Type Code */
            readonly type_code: string;
            /** Version */
            readonly version: number;
        };
        /**
         * MadeCodeOut
         * @description A code as it was just made: told this once.
         */
        readonly MadeCodeOut: {
            /** Code */
            readonly code: string;
            /** Code Id */
            readonly code_id: string;
            /** Entry Id */
            readonly entry_id: string | null;
            /**
             * Expires At
             * @description RFC 3339, UTC
             */
            readonly expires_at: string;
            /**
             * Kind
             * @enum {string}
             */
            readonly kind: "live" | "printed" | "company";
            /**
             * Made At
             * @description RFC 3339, UTC
             */
            readonly made_at: string;
            /**
             * Png
             * @description base64
             */
            readonly png: string;
            /** Seconds Left */
            readonly seconds_left: number;
            /** Svg */
            readonly svg: string;
        };
        /**
         * MaterialOut
         * @description A material of a holder's.
         */
        readonly MaterialOut: {
            /**
             * Deposited At
             * @description RFC 3339, UTC
             */
            readonly deposited_at: string;
            /** Depositor */
            readonly depositor: string;
            /** Entry Id */
            readonly entry_id: string;
            /** Level */
            readonly level: number;
            /** Material Id */
            readonly material_id: string;
            /** Media Type */
            readonly media_type: string;
            /** Name */
            readonly name: string;
            /** Name En */
            readonly name_en: string;
            /** Sha256 */
            readonly sha256: string;
            /** Size */
            readonly size: number;
            /** Status */
            readonly status: string;
            /** Type Code */
            readonly type_code: string;
            /** Valid From */
            readonly valid_from: string | null;
            /** Valid To */
            readonly valid_to: string | null;
        };
        /**
         * MaterialsOut
         * @description Materials of a holder.
         */
        readonly MaterialsOut: {
            /** Materials */
            readonly materials: readonly components["schemas"]["MaterialOut"][];
        };
        /**
         * MessageOut
         * @description One delivery; never what is in it.
         */
        readonly MessageOut: {
            /** Attempts */
            readonly attempts: number;
            /**
             * Created At
             * @description RFC 3339, UTC
             */
            readonly created_at: string;
            /** Error */
            readonly error: string | null;
            /** Given Up At */
            readonly given_up_at: string | null;
            /** Kind */
            readonly kind: string;
            /** Message Id */
            readonly message_id: number;
            /** Next At */
            readonly next_at: string | null;
            /**
             * Standing
             * @enum {string}
             */
            readonly standing: "waiting" | "failing" | "dead";
        };
        /**
         * MessagesOut
         * @description A page of deliveries.
         */
        readonly MessagesOut: {
            /** Messages */
            readonly messages: readonly components["schemas"]["MessageOut"][];
            /** Next */
            readonly next: number | null;
        };
        /**
         * MissingSourceOut
         * @description Why a source gives nothing.
         */
        readonly MissingSourceOut: {
            /** Code */
            readonly code: string;
            /** En */
            readonly en: string;
            /** Source */
            readonly source: string;
            /** Zh */
            readonly zh: string;
        };
        /**
         * NamedIn
         * @description Somebody whom terms name by a commitment, opened.
         * @example {
         *       "holder": {
         *         "identifiers": [
         *           {
         *             "code": "91310113XX0000019X",
         *             "type": "001"
         *           }
         *         ],
         *         "kind": "organisation",
         *         "name": "宝山青禾餐饮管理有限公司"
         *       },
         *       "salt": "3q2-796tvu_erb7v3q2-7w"
         *     }
         */
        readonly NamedIn: {
            readonly holder: components["schemas"]["HolderIn"];
            /**
             * Salt
             * @description 16 random bytes, base64url
             */
            readonly salt: string;
        };
        /**
         * NamedItemOut
         * @description An item by its names.
         */
        readonly NamedItemOut: {
            /** Code */
            readonly code: string;
            /** Name */
            readonly name: string;
            /** Name En */
            readonly name_en: string;
        };
        /**
         * NamedThing
         * @description A kind of thing by name.
         */
        readonly NamedThing: {
            /** Name */
            readonly name: string;
            /** Name En */
            readonly name_en: string;
        };
        /**
         * NoticeNamed
         * @description Which notice was shown.
         */
        readonly NoticeNamed: {
            /** Sha256 */
            readonly sha256: string;
            /** Version */
            readonly version: string;
        };
        /**
         * NoticeOut
         * @description The canonical notice that is read before anything is signed.
         */
        readonly NoticeOut: {
            /** Asked */
            readonly asked: readonly components["schemas"]["AskedOut"][];
            /** Batch */
            readonly batch: string;
            /** Binding */
            readonly binding: string | null;
            /**
             * Confirms
             * @default null
             */
            readonly confirms?: {
                readonly [key: string]: unknown;
            } | null;
            readonly law: components["schemas"]["LawOut"];
            readonly rights: components["schemas"]["Texts"];
            /** Version */
            readonly version: string;
            readonly who: components["schemas"]["WhoOut"];
            readonly why: components["schemas"]["WhyOut"];
        };
        /**
         * NoticesOut
         * @description What a holder was told.
         */
        readonly NoticesOut: {
            /** Notices */
            readonly notices: readonly components["schemas"]["TellingOut"][];
        };
        /**
         * ObjectionOut
         * @description What a holder held against a decision, a list or a change.
         */
        readonly ObjectionOut: {
            /** About */
            readonly about: string;
            /** Answer */
            readonly answer: string | null;
            /** Answered At */
            readonly answered_at: string | null;
            /** Claim */
            readonly claim: string;
            /**
             * Due At
             * @description RFC 3339, UTC
             */
            readonly due_at: string;
            /** Objection Id */
            readonly objection_id: string;
            /**
             * Opened At
             * @description RFC 3339, UTC
             */
            readonly opened_at: string;
            /**
             * State
             * @enum {string}
             */
            readonly state: "open" | "upheld" | "rejected";
        };
        /**
         * OfferOut
         * @description A fresh key's id, and what a browser makes a passkey with (`parseCreationOptionsFromJSON`).
         */
        readonly OfferOut: {
            /** Key Id */
            readonly key_id: string;
            /** Public Key */
            readonly public_key: {
                readonly [key: string]: unknown;
            };
        };
        /**
         * OpenedEntriesOut
         * @description Entries of the log with their records' facts; erased ones are left out.
         */
        readonly OpenedEntriesOut: {
            /** Entries */
            readonly entries: readonly components["schemas"]["OpenedEntryOut"][];
        };
        /**
         * OpenedEntryOut
         * @description An entry of the log with its record's fact.
         */
        readonly OpenedEntryOut: {
            /** Index */
            readonly index: number;
            readonly opening: components["schemas"]["OpenedFactOut"];
        };
        /**
         * OpenedFactOut
         * @description What opens a leaf, with the parties shut.
         */
        readonly OpenedFactOut: {
            readonly fact: components["schemas"]["FactOut"];
            readonly parties: components["schemas"]["ShutOut"];
            /** Salt */
            readonly salt: string;
        };
        /**
         * OpenedIn
         * @description What a phone remembers of what organisations were asked that its owner represents.
         * @example {
         *       "batches": [
         *         "019a0000-0000-7000-8000-000000000000"
         *       ]
         *     }
         */
        readonly OpenedIn: {
            /**
             * Batches
             * @description ids of batches that were opened here
             * @default []
             */
            readonly batches?: readonly string[];
        };
        /**
         * OrganisationOut
         * @description An organisation by name and code.
         */
        readonly OrganisationOut: {
            /** Code */
            readonly code: string;
            /** Name */
            readonly name: string;
        };
        /**
         * OrgNamed
         * @description An organisation by name.
         */
        readonly OrgNamed: {
            /** Name */
            readonly name: string;
        };
        /**
         * OutboxReplayIn
         * @description Which deliveries begin anew, and why.
         * @example {
         *       "kind": "webhook",
         *       "operator": "op-902",
         *       "reason": "接收方已恢复,补发期间未送达的回调"
         *     }
         */
        readonly OutboxReplayIn: {
            /** Kind */
            readonly kind: string;
            /**
             * Message Id
             * @description this one only; null: all of the kind
             */
            readonly message_id?: number | null;
            /**
             * Operator
             * @description an administrator's handle
             */
            readonly operator: string;
            /**
             * Reason
             * @description goes into the log; names nobody
             */
            readonly reason: string;
        };
        /**
         * OverdueOut
         * @description Access requests that nobody answered in time.
         */
        readonly OverdueOut: {
            /** Access Requests */
            readonly access_requests: readonly components["schemas"]["AccessOut"][];
        };
        /**
         * OwedLineOut
         * @description A document that is owed, and by when.
         */
        readonly OwedLineOut: {
            /**
             * Due At
             * @description RFC 3339, UTC
             */
            readonly due_at: string;
            /** Fulfilled At */
            readonly fulfilled_at: string | null;
            /** Material Id */
            readonly material_id: string | null;
            /** Type Code */
            readonly type_code: string;
        };
        /**
         * OwedOut
         * @description A document that a letter owes.
         */
        readonly OwedOut: {
            /**
             * Due At
             * @description RFC 3339, UTC
             */
            readonly due_at: string;
            /** Fulfilled At */
            readonly fulfilled_at: string | null;
            /** Name */
            readonly name: string;
            /** Name En */
            readonly name_en: string;
            /** Type Code */
            readonly type_code: string;
        };
        /**
         * OwedTermOut
         * @description What a letter of commitment owes, as it is signed.
         */
        readonly OwedTermOut: {
            /**
             * Due
             * @description RFC 3339, UTC
             */
            readonly due: string;
            /** Type */
            readonly type: string;
        };
        /**
         * OwnDelegationOut
         * @description A delegation as those who have a part in it see it.
         */
        readonly OwnDelegationOut: {
            /** Chain */
            readonly chain: readonly string[];
            /** Delegation Id */
            readonly delegation_id: string;
            /** Digest */
            readonly digest: string;
            /** Ended At */
            readonly ended_at: string | null;
            /** Entry Id */
            readonly entry_id: string;
            /**
             * Given At
             * @description RFC 3339, UTC
             */
            readonly given_at: string;
            /** Links */
            readonly links: readonly components["schemas"]["LinkOut"][];
            /** Principal */
            readonly principal: string;
            /** Principal Code */
            readonly principal_code: string | null;
            /**
             * Principal Kind
             * @enum {string}
             */
            readonly principal_kind: "person" | "organisation";
            /**
             * State
             * @enum {string}
             */
            readonly state: "active" | "ended" | "expired";
            readonly terms: components["schemas"]["DelegationTermsOut"];
            /**
             * Yours
             * @enum {string}
             */
            readonly yours: "given" | "taken" | "represented";
        };
        /**
         * OwnDelegationsOut
         * @description Delegations one has a part in.
         */
        readonly OwnDelegationsOut: {
            /** Delegations */
            readonly delegations: readonly components["schemas"]["OwnDelegationOut"][];
        };
        /**
         * Part
         * @description What a department does, as it can be told by itself.
         * @enum {string}
         */
        readonly Part: "uses" | "refusals" | "deposits" | "licences" | "cases" | "scans";
        /**
         * PartiesOut
         * @description Organisations of the exchange.
         */
        readonly PartiesOut: {
            /** Parties */
            readonly parties: readonly components["schemas"]["PartyOut"][];
        };
        /**
         * PartsOut
         * @description How many there are of each part of what a department did.
         */
        readonly PartsOut: {
            /** Cases */
            readonly cases: number;
            /** Deposits */
            readonly deposits: number;
            /** Licences */
            readonly licences: number;
            /** Refusals */
            readonly refusals: number;
            /** Scans */
            readonly scans: number;
            /** Uses */
            readonly uses: number;
        };
        /**
         * PartyOut
         * @description An organisation of the exchange.
         */
        readonly PartyOut: {
            /** Division */
            readonly division: string;
            /**
             * Kind
             * @enum {string}
             */
            readonly kind: "government" | "enforcement" | "social";
            /** Name */
            readonly name: string;
            /** Org Code */
            readonly org_code: string;
            /** Party Id */
            readonly party_id: string;
            /**
             * State
             * @enum {string}
             */
            readonly state: "active" | "suspended";
        };
        /**
         * PasskeySignatureIn
         * @description What `navigator.credentials.get()` gave for the digest as challenge (WebAuthn `toJSON()`, in our names).
         * @example {
         *       "authenticator_data": "SZYN5YgOjGh0NBcPZHZgW4",
         *       "client_data_json": "eyJ0eXBlIjoid2ViYXV0aG4uZ2V0In0",
         *       "key_id": "019a0000-0000-7000-8000-000000000000",
         *       "kind": "passkey",
         *       "signature": "MEUCIQ"
         *     }
         */
        readonly PasskeySignatureIn: {
            /** Authenticator Data */
            readonly authenticator_data: string;
            /** Client Data Json */
            readonly client_data_json: string;
            /** Key Id */
            readonly key_id: string;
            /**
             * @description discriminator enum property added by openapi-typescript
             * @enum {string}
             */
            readonly kind: "passkey";
            /** Signature */
            readonly signature: string;
        };
        /**
         * PeopleOut
         * @description Who a case is about, by part.
         */
        readonly PeopleOut: {
            /** People */
            readonly people: {
                readonly [key: string]: readonly components["schemas"]["HolderOut"][];
            };
        };
        /**
         * PileOut
         * @description Deliveries of a kind that stand alike.
         */
        readonly PileOut: {
            /** Attempts */
            readonly attempts: number;
            /** Kind */
            readonly kind: string;
            /** Messages */
            readonly messages: number;
            /**
             * Oldest
             * @description RFC 3339, UTC
             */
            readonly oldest: string;
            /**
             * Standing
             * @enum {string}
             */
            readonly standing: "waiting" | "failing" | "dead";
        };
        /**
         * PilesOut
         * @description What is to be delivered, by kind.
         */
        readonly PilesOut: {
            /** Kinds */
            readonly kinds: readonly components["schemas"]["PileOut"][];
        };
        /**
         * PresenceIn
         * @description How the applicant is there, and what proves it (DESIGN 7); each kind takes its own part.
         * @example {
         *       "card": {
         *         "code": "310199199001010018",
         *         "type": "111"
         *       },
         *       "kind": "id_card_read"
         *     }
         * @example {
         *       "code": "CL1:310199:ABCDEFGHIJKLMNOPQRSTUVWXYZ234567",
         *       "counter": "3",
         *       "kind": "live_code"
         *     }
         */
        readonly PresenceIn: {
            /** @description id_card_read, agent_grant: the card that was read; not kept */
            readonly card?: components["schemas"]["IdentifierIn"] | null;
            /**
             * Code
             * @description live_code: text of the scanned code
             */
            readonly code?: string | null;
            /**
             * Counter
             * @description live_code: where it was scanned
             */
            readonly counter?: string | null;
            /**
             * Delegation Id
             * @description agent_grant: from the applicant to the agent
             */
            readonly delegation_id?: string | null;
            /**
             * Evidence
             * @description what the terminal read; only its digest is kept
             */
            readonly evidence?: string | null;
            /**
             * Id Token
             * @description holder_login: the signature over it
             */
            readonly id_token?: string | null;
            /**
             * Kind
             * @enum {string}
             */
            readonly kind: "holder_login" | "live_code" | "id_card_read" | "agent_grant" | "none";
            /**
             * Login Id
             * @description holder_login: id of the presence that was signed
             */
            readonly login_id?: string | null;
        };
        /**
         * PreviewFieldOut
         * @description A value as it would be released; none where it would not.
         */
        readonly PreviewFieldOut: {
            /** Clear */
            readonly clear: boolean;
            /** En */
            readonly en: string;
            /** Name */
            readonly name: string;
            /** Value */
            readonly value: string | readonly string[] | null;
            /** Zh */
            readonly zh: string;
        };
        /**
         * PreviewOut
         * @description What an ask would release.
         */
        readonly PreviewOut: {
            /** Ask Id */
            readonly ask_id: string;
            /**
             * Mode
             * @enum {string}
             */
            readonly mode: "verify" | "data" | "copy";
            /** Things */
            readonly things: readonly components["schemas"]["PreviewThingOut"][];
        };
        /**
         * PreviewThingOut
         * @description One thing: what of it would be released.
         */
        readonly PreviewThingOut: {
            /** Closed */
            readonly closed: string | null;
            /** Drawn */
            readonly drawn: boolean;
            /**
             * Fields
             * @default null
             */
            readonly fields?: readonly components["schemas"]["PreviewFieldOut"][] | null;
            /** @default null */
            readonly file?: components["schemas"]["FileOut"] | null;
            /**
             * Kind
             * @enum {string}
             */
            readonly kind: "material" | "licence";
            /** Name */
            readonly name: string;
            /** Name En */
            readonly name_en: string;
            /** Object Id */
            readonly object_id: string;
            /** Of */
            readonly of: string;
            /**
             * Released
             * @enum {string}
             */
            readonly released: "verify" | "data" | "copy" | "nothing";
            /** Remarked */
            readonly remarked: boolean;
            /**
             * Status
             * @default null
             */
            readonly status?: string | null;
        };
        /**
         * ProgressOut
         * @description How far a reading is.
         */
        readonly ProgressOut: {
            /** Done */
            readonly done: number;
            /** Pages */
            readonly pages: number | null;
        };
        /**
         * ProposalOut
         * @description Terms of an enrolment, and the digest to log in over.
         */
        readonly ProposalOut: {
            /** Digest */
            readonly digest: string;
            /**
             * Terms
             * @description canonical JSON, as it is signed
             */
            readonly terms: {
                readonly [key: string]: unknown;
            };
        };
        /**
         * ProviderOut
         * @description Who decides on the access to a type.
         */
        readonly ProviderOut: {
            /** Org Code */
            readonly org_code: string;
            /** Organisation */
            readonly organisation: string;
            /** Type Code */
            readonly type_code: string;
        };
        /**
         * ProvidersOut
         * @description Who decides on the access to which type.
         */
        readonly ProvidersOut: {
            /** Providers */
            readonly providers: readonly components["schemas"]["ProviderOut"][];
        };
        /**
         * PurposeOut
         * @description For what.
         */
        readonly PurposeOut: {
            /** Case */
            readonly case: string | null;
            /** Cause */
            readonly cause: string;
            /** Item */
            readonly item: string;
        };
        /**
         * QuestionnaireIn
         * @description Answers so far.
         * @example {
         *       "answers": {
         *         "business": "restaurant",
         *         "tenure": "lease"
         *       }
         *     }
         */
        readonly QuestionnaireIn: {
            /**
             * Answers
             * @description answers by question, of GET /v1/items/{item_code}
             */
            readonly answers?: {
                readonly [key: string]: string;
            };
        };
        /**
         * QuestionOut
         * @description A question of a questionnaire.
         */
        readonly QuestionOut: {
            /** Choices */
            readonly choices: readonly components["schemas"]["Said"][];
            /** Code */
            readonly code: string;
            /** En */
            readonly en: string;
            readonly help: components["schemas"]["Words"];
            /** Zh */
            readonly zh: string;
        };
        /**
         * ReadingConfirmIn
         * @description What staff vouch for after looking at the document.
         * @example {
         *       "fields": {
         *         "ends_on": "2029-05-31",
         *         "lessee": "宝山青禾餐饮管理有限公司",
         *         "lessor": "上海宝杨物业有限公司"
         *       },
         *       "operator": "bs-017",
         *       "type_code": "CL022"
         *     }
         */
        readonly ReadingConfirmIn: {
            /**
             * Acknowledged
             * @description problems of `contradictions` that are right as they are
             * @default []
             */
            readonly acknowledged?: readonly string[];
            /**
             * Fields
             * @description values as they stand on the document; what is left out is not confirmed
             */
            readonly fields: {
                readonly [key: string]: string;
            };
            /**
             * Operator
             * @description handle of the member of staff who looked
             */
            readonly operator: string;
            /**
             * Type Code
             * @description what the document is
             */
            readonly type_code: string;
        };
        /**
         * ReadingIn
         * @description Who has a document read.
         * @example {
         *       "operator": "bs-017"
         *     }
         */
        readonly ReadingIn: {
            /**
             * Operator
             * @description handle of the member of staff who asks
             */
            readonly operator: string;
        };
        /**
         * ReadingOut
         * @description A reading of a document, without what was read.
         */
        readonly ReadingOut: {
            /**
             * Asked At
             * @description RFC 3339, UTC
             */
            readonly asked_at: string;
            /** Confirmed At */
            readonly confirmed_at: string | null;
            /** Ended At */
            readonly ended_at: string | null;
            /** Entry Id */
            readonly entry_id: string | null;
            /** Failure */
            readonly failure: string | null;
            /** Material Id */
            readonly material_id: string;
            readonly progress: components["schemas"]["ProgressOut"];
            /** Reading Id */
            readonly reading_id: string;
            /**
             * State
             * @enum {string}
             */
            readonly state: "queued" | "read" | "failed" | "confirmed";
            /** Verify Level */
            readonly verify_level: string | null;
        };
        /**
         * ReadingsOut
         * @description Readings of a document.
         */
        readonly ReadingsOut: {
            /** Readings */
            readonly readings: readonly components["schemas"]["ReadingOut"][];
        };
        /**
         * ReadyOut
         * @description Which parts can be used.
         */
        readonly ReadyOut: {
            /** Parts */
            readonly parts: {
                readonly [key: string]: string;
            };
            /** Status */
            readonly status: string;
            /** Warnings */
            readonly warnings: readonly string[];
        };
        /**
         * ReceiptOut
         * @description A case of a holder's, as its receipt says it (收件凭证).
         */
        readonly ReceiptOut: {
            /** Accepted At */
            readonly accepted_at: string | null;
            /** Case No */
            readonly case_no: string;
            /** Due At */
            readonly due_at: string | null;
            /** Entry Id */
            readonly entry_id: string;
            readonly item: components["schemas"]["Words"];
            /** Materials */
            readonly materials: readonly components["schemas"]["SuppliedOut"][];
            /**
             * Opened At
             * @description RFC 3339, UTC
             */
            readonly opened_at: string;
            /** Organisation */
            readonly organisation: string;
            /**
             * Sha256
             * @description of the checklist that was kept at acceptance
             */
            readonly sha256: string | null;
            /**
             * Stage
             * @enum {string}
             */
            readonly stage: "intake" | "accepted" | "closed";
        };
        /**
         * ReceiptsOut
         * @description Cases of a holder.
         */
        readonly ReceiptsOut: {
            /** Cases */
            readonly cases: readonly components["schemas"]["ReceiptOut"][];
        };
        /**
         * RefusedRouteOut
         * @description Why a better route does not hold.
         */
        readonly RefusedRouteOut: {
            /** Code */
            readonly code: string;
            /** En */
            readonly en: string;
            /** Route */
            readonly route: string;
            /** Zh */
            readonly zh: string;
        };
        /**
         * RegisterOut
         * @description The newest version of a register.
         */
        readonly RegisterOut: {
            /** Register */
            readonly register: string;
            /** Version */
            readonly version: number;
        };
        /**
         * ReplayedOut
         * @description Deliveries that begin anew.
         */
        readonly ReplayedOut: {
            /** Kind */
            readonly kind: string;
            /**
             * Messages
             * @description how many
             */
            readonly messages: number;
        };
        /**
         * ReportOut
         * @description What a holder reported of a use.
         */
        readonly ReportOut: {
            /** Answer */
            readonly answer: string | null;
            /** Answer Entry Id */
            readonly answer_entry_id: string | null;
            /** Answered At */
            readonly answered_at: string | null;
            /**
             * At
             * @description RFC 3339, UTC
             */
            readonly at: string;
            /** Entry Id */
            readonly entry_id: string;
            /** Line Id */
            readonly line_id: string;
            /** Report Id */
            readonly report_id: string;
            /** Text */
            readonly text: string;
        };
        /**
         * RepresentedOut
         * @description Whom a person may look for.
         */
        readonly RepresentedOut: {
            /**
             * Capacity
             * @enum {string}
             */
            readonly capacity: "legal_representative" | "guardian";
            /** Code */
            readonly code: string | null;
            /**
             * Kind
             * @enum {string}
             */
            readonly kind: "person" | "organisation";
            /** Name */
            readonly name: string;
            /** On Behalf */
            readonly on_behalf: string;
        };
        /**
         * RequestOut
         * @description A request to sign, and its digest.
         */
        readonly RequestOut: {
            /** Digest */
            readonly digest: string;
            /**
             * Request
             * @description canonical JSON, as it is signed
             */
            readonly request: {
                readonly [key: string]: unknown;
            };
        };
        /**
         * ResolutionOut
         * @description How a finding was settled.
         */
        readonly ResolutionOut: {
            /**
             * At
             * @description RFC 3339, UTC
             */
            readonly at: string;
            /** Entry Id */
            readonly entry_id: string;
            /** Operator */
            readonly operator: string;
            /**
             * Reason
             * @default null
             */
            readonly reason?: string | null;
            /**
             * Verdict
             * @enum {string}
             */
            readonly verdict: "resolved" | "false-alarm";
        };
        /**
         * RetiredKeyOut
         * @description A key the log signed with, until a size.
         */
        readonly RetiredKeyOut: {
            /** Until Size */
            readonly until_size: number;
            /** Vkey */
            readonly vkey: string;
        };
        /**
         * ReviewOut
         * @description A pre-review.
         */
        readonly ReviewOut: {
            /**
             * As Of
             * @description RFC 3339, UTC
             */
            readonly as_of: string;
            /** Case No */
            readonly case_no: string;
            /** Cause */
            readonly cause: string;
            /** Clean */
            readonly clean: boolean;
            /** Counts */
            readonly counts: {
                readonly [key: string]: number;
            };
            /** Entry Id */
            readonly entry_id: string;
            /** Findings */
            readonly findings: readonly components["schemas"]["FindingOut"][];
            /** Item Code */
            readonly item_code: string;
            /** Version */
            readonly version: number;
        };
        /**
         * Said
         * @description A code and its words.
         */
        readonly Said: {
            /** Code */
            readonly code: string;
            /** En */
            readonly en: string;
            /** Zh */
            readonly zh: string;
        };
        /**
         * ScanIn
         * @description A code that was scanned.
         * @example {
         *       "code": "CL1:310199:AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA",
         *       "counter": "3",
         *       "operator": "qp-103",
         *       "scenario": "SCN-310199-002"
         *     }
         */
        readonly ScanIn: {
            /**
             * Code
             * @description text of the QR code
             */
            readonly code: string;
            /**
             * Counter
             * @description your name of the place
             */
            readonly counter: string;
            /** @description with a printed code: from the identity card */
            readonly identity?: components["schemas"]["IdentifierIn"] | null;
            /**
             * Licence Type
             * @description with a company code; LT01 if missing
             */
            readonly licence_type?: string | null;
            /** Operator */
            readonly operator: string;
            /**
             * Scenario
             * @description of the published register `scenarios`: your scope
             */
            readonly scenario: string;
        };
        /**
         * ScannedCodeOut
         * @description A code and its scans.
         */
        readonly ScannedCodeOut: {
            readonly audience: components["schemas"]["AudienceOut"] | null;
            /** Channel */
            readonly channel: string;
            /** Code Id */
            readonly code_id: string;
            /**
             * Expires At
             * @description RFC 3339, UTC
             */
            readonly expires_at: string;
            /**
             * Kind
             * @enum {string}
             */
            readonly kind: "live" | "printed" | "company";
            /** Licence Id */
            readonly licence_id: string | null;
            /**
             * Made At
             * @description RFC 3339, UTC
             */
            readonly made_at: string;
            /** Scans */
            readonly scans: readonly components["schemas"]["ScanOut"][];
            /**
             * State
             * @enum {string}
             */
            readonly state: "waiting" | "shown" | "expired" | "void";
            /** Void Reason */
            readonly void_reason: string | null;
        };
        /**
         * ScanOut
         * @description A scan of a code: who saw what.
         */
        readonly ScanOut: {
            /**
             * At
             * @description RFC 3339, UTC
             */
            readonly at: string;
            /** Code Kind */
            readonly code_kind: string;
            /** Counter */
            readonly counter: string;
            /**
             * Entry Id
             * @description null of a scan that was refused
             */
            readonly entry_id: string | null;
            /** Fields */
            readonly fields: readonly string[];
            /** Licence Id */
            readonly licence_id: string | null;
            /** Org Code */
            readonly org_code: string;
            /** Organisation */
            readonly organisation: string;
            /** Presentation Id */
            readonly presentation_id: string;
            /** Refused */
            readonly refused: string | null;
            /** Scenario */
            readonly scenario: string;
            /** Status */
            readonly status: string | null;
        };
        /**
         * ScenarioOut
         * @description A scenario, and the answers that lead to it.
         */
        readonly ScenarioOut: {
            /** Answers */
            readonly answers: {
                readonly [key: string]: string;
            };
            /** Code */
            readonly code: string;
            /** En */
            readonly en: string;
            /** Zh */
            readonly zh: string;
        };
        /**
         * SeenLicenceOut
         * @description What a scan tells of a licence.
         */
        readonly SeenLicenceOut: {
            /** Disputed */
            readonly disputed: boolean;
            /** Name */
            readonly name: string;
            /** Name En */
            readonly name_en: string;
            /** Status */
            readonly status: string;
            /** Status Zh */
            readonly status_zh: string;
            /** Type */
            readonly type: string;
            /**
             * Valid From
             * @description ISO 8601
             */
            readonly valid_from: string;
            /** Valid To */
            readonly valid_to: string | null;
        };
        /**
         * SeenOut
         * @description A scan of a code at a counter.
         */
        readonly SeenOut: {
            /**
             * At
             * @description RFC 3339, UTC
             */
            readonly at: string;
            /** Holder */
            readonly holder: string;
            readonly licence: components["schemas"]["SeenLicenceOut"];
            /** Presentation Id */
            readonly presentation_id: string;
            /** Values */
            readonly values: {
                readonly [key: string]: unknown;
            };
        };
        /**
         * SelfCheckOut
         * @description What an organisation's system tried in the sandbox.
         */
        readonly SelfCheckOut: {
            /**
             * At
             * @description RFC 3339, UTC
             */
            readonly at: string;
            /** Client Id */
            readonly client_id: string;
            /** Passed */
            readonly passed: boolean;
            /** Report Id */
            readonly report_id: string;
            /** Steps */
            readonly steps: readonly components["schemas"]["TriedOut"][];
        };
        /**
         * SelfChecksOut
         * @description What an organisation's systems tried in the sandbox.
         */
        readonly SelfChecksOut: {
            /** Reports */
            readonly reports: readonly components["schemas"]["SelfCheckOut"][];
        };
        /**
         * SendBackIn
         * @description What the applicant is asked for, all at once.
         * @example {
         *       "lines": [
         *         "CL022"
         *       ],
         *       "operator": "qp-103"
         *     }
         */
        readonly SendBackIn: {
            /** Lines */
            readonly lines: readonly string[];
            /** Operator */
            readonly operator: string;
        };
        /**
         * SessionIn
         * @description A request `session`, signed: a login at this node's pages.
         * @example {
         *       "id_token": "eyJhbGciOiJFUzI1NiIsImtpZCI6Ii4uLiJ9.e30.c2ln",
         *       "request": {
         *         "action": "session",
         *         "id": "019a0000-0000-7000-8000-000000000000",
         *         "subject": "019a0000-0000-7000-8000-000000000000",
         *         "terms": {},
         *         "type": "cailian/request",
         *         "v": 1
         *       }
         *     }
         */
        readonly SessionIn: {
            /** Id Token */
            readonly id_token?: string | null;
            /** Request */
            readonly request: {
                readonly [key: string]: unknown;
            };
            /** Signature */
            readonly signature?: (components["schemas"]["PasskeySignatureIn"] | components["schemas"]["HostAppSignatureIn"]) | null;
        };
        /**
         * SessionOut
         * @description Who is logged in, how sure that is, and until when.
         */
        readonly SessionOut: {
            /**
             * Assurance
             * @enum {string}
             */
            readonly assurance: "low" | "substantial" | "high";
            /**
             * Channel
             * @enum {string}
             */
            readonly channel: "page" | "kiosk";
            /** Name */
            readonly name: string;
            /** Represents */
            readonly represents: readonly components["schemas"]["RepresentedOut"][];
            /** Seconds Left */
            readonly seconds_left: number;
            /** Signer Kind */
            readonly signer_kind: string;
            /**
             * Until
             * @description RFC 3339, UTC
             */
            readonly until: string;
        };
        /**
         * SettlementIn
         * @description What somebody decided about a finding.
         * @example {
         *       "code": "same-address",
         *       "digest": "0000000000000000000000000000000000000000000000000000000000000000",
         *       "operator": "qp-103",
         *       "reason": "同一建筑的新旧门牌,已核对门牌证明",
         *       "verdict": "false-alarm"
         *     }
         */
        readonly SettlementIn: {
            /**
             * Code
             * @description of the check point
             */
            readonly code: string;
            /**
             * Digest
             * @description of the finding they saw; another by now is refused
             */
            readonly digest: string;
            /** Operator */
            readonly operator: string;
            /**
             * Reason
             * @description kept encrypted, for the department's own eyes
             */
            readonly reason: string;
            /**
             * Verdict
             * @description put right or explained; or the finding was wrong
             * @enum {string}
             */
            readonly verdict: "resolved" | "false-alarm";
        };
        /**
         * ShutOut
         * @description A part that stays shut.
         */
        readonly ShutOut: {
            /** Commitment */
            readonly commitment: string;
        };
        /**
         * SignedIn
         * @description A request as the holder saw it, and their signature over its digest: a login, or an enrolled key's.
         * @example {
         *       "id_token": "eyJhbGciOiJFUzI1NiIsImtpZCI6Ii4uLiJ9.e30.c2ln",
         *       "request": {
         *         "action": "show",
         *         "id": "019a0000-0000-7000-8000-000000000000",
         *         "subject": "019a0000-0000-7000-8000-000000000000",
         *         "terms": {
         *           "counter": "3",
         *           "org": "11310118XX00000B0W"
         *         },
         *         "type": "cailian/request",
         *         "v": 1
         *       }
         *     }
         * @example {
         *       "request": {
         *         "action": "show",
         *         "id": "019a0000-0000-7000-8000-000000000000",
         *         "subject": "019a0000-0000-7000-8000-000000000000",
         *         "terms": {
         *           "counter": "3",
         *           "org": "11310118XX00000B0W"
         *         },
         *         "type": "cailian/request",
         *         "v": 1
         *       },
         *       "signature": {
         *         "jws": "eyJhbGciOiJFUzI1NiIsImtpZCI6Ii4uLiJ9.e30.c2ln",
         *         "key_id": "019a0000-0000-7000-8000-000000000000",
         *         "kind": "host_app"
         *       }
         *     }
         */
        readonly SignedIn: {
            /** Id Token */
            readonly id_token?: string | null;
            /** Request */
            readonly request: {
                readonly [key: string]: unknown;
            };
            /** Signature */
            readonly signature?: (components["schemas"]["PasskeySignatureIn"] | components["schemas"]["HostAppSignatureIn"]) | null;
        };
        /**
         * SignOut
         * @description A counter's sign.
         */
        readonly SignOut: {
            /** Counter */
            readonly counter: string;
            /** Org */
            readonly org: string;
            /** Svg */
            readonly svg: string;
            /** Text */
            readonly text: string;
        };
        /**
         * SlotOut
         * @description A value that a template takes.
         */
        readonly SlotOut: {
            /** Kind */
            readonly kind: string;
            /** Name */
            readonly name: string;
            /** Required */
            readonly required: boolean;
            /** Sources */
            readonly sources: readonly string[];
            /** Title En */
            readonly title_en: string;
            /** Title Zh */
            readonly title_zh: string;
        };
        /**
         * StaffLoginEndIn
         * @description Whose logins end.
         * @example {
         *       "handle": "qp-103",
         *       "operator": "op-901"
         *     }
         */
        readonly StaffLoginEndIn: {
            /** Handle */
            readonly handle: string;
            /** Operator */
            readonly operator: string;
        };
        /**
         * StaffLoginIn
         * @description Which account at a login provider is which operator.
         * @example {
         *       "handle": "qp-103",
         *       "issuer": "https://login.example.org",
         *       "operator": "op-901",
         *       "subject": "248289761001"
         *     }
         */
        readonly StaffLoginIn: {
            /** Handle */
            readonly handle: string;
            /** Issuer */
            readonly issuer: string;
            /** Operator */
            readonly operator: string;
            /** Subject */
            readonly subject: string;
        };
        /**
         * StaffLoginOut
         * @description The account of a member of staff was given or taken away.
         */
        readonly StaffLoginOut: {
            /** Handle */
            readonly handle: string;
            /** Party Id */
            readonly party_id: string;
        };
        /**
         * StaffOut
         * @description Who works here, and until when.
         */
        readonly StaffOut: {
            /** Division */
            readonly division: string;
            /** Operator */
            readonly operator: string;
            /** Org Code */
            readonly org_code: string;
            /** Organisation */
            readonly organisation: string;
            /** Roles */
            readonly roles: readonly string[];
            /** Scopes */
            readonly scopes: readonly string[];
            /** Seconds Left */
            readonly seconds_left: number;
            /**
             * Until
             * @description RFC 3339, UTC
             */
            readonly until: string;
        };
        /**
         * StaffSessionIn
         * @description A login of a member of staff.
         * @example {
         *       "id": "019a0000-0000-7000-8000-000000000000",
         *       "id_token": "eyJhbGciOiJFUzI1NiIsImtpZCI6Ii4uLiJ9.e30.c2ln"
         *     }
         */
        readonly StaffSessionIn: {
            /**
             * Id
             * @description fresh; of the words that were signed
             */
            readonly id: string;
            /**
             * Id Token
             * @description whose `nonce` is the digest of what is signed
             */
            readonly id_token: string;
        };
        /**
         * Standing
         * @description Where a message that is not done stands.
         * @enum {string}
         */
        readonly Standing: "waiting" | "failing" | "dead";
        /**
         * StandingIn
         * @description Why an organisation is suspended or let in again; names nobody.
         * @example {
         *       "operator": "op-901",
         *       "reason": "密钥疑似泄露,暂停调用"
         *     }
         */
        readonly StandingIn: {
            /** Operator */
            readonly operator: string;
            /** Reason */
            readonly reason: string;
        };
        /**
         * StatementOut
         * @description What somebody says yes or no to.
         */
        readonly StatementOut: {
            /** En */
            readonly en: string;
            /** Facts */
            readonly facts: {
                readonly [key: string]: string;
            };
            readonly item: components["schemas"]["ItemNamed"];
            readonly org: components["schemas"]["OrgNamed"];
            /** Zh */
            readonly zh: string;
        };
        /**
         * StatisticsOut
         * @description What organisations used, by kind and day.
         */
        readonly StatisticsOut: {
            /** Statistics */
            readonly statistics: readonly components["schemas"]["CountedOut"][];
        };
        /**
         * StepOut
         * @description The next question of a questionnaire; after the last, the scenario and what it demands.
         */
        readonly StepOut: {
            /** Answers */
            readonly answers: {
                readonly [key: string]: string;
            };
            /** Left */
            readonly left: number;
            /**
             * Materials
             * @default null
             */
            readonly materials?: readonly components["schemas"]["DemandOut"][] | null;
            readonly next: components["schemas"]["QuestionOut"] | null;
            /** @default null */
            readonly scenario?: components["schemas"]["Said"] | null;
        };
        /**
         * SumsOut
         * @description How much a department did: up to `most`, and one more where there is more.
         */
        readonly SumsOut: {
            /** Most */
            readonly most: number;
            readonly sums: components["schemas"]["PartsOut"];
        };
        /**
         * SuppliedOut
         * @description A material that a case was accepted with, and by which route it was supplied.
         */
        readonly SuppliedOut: {
            /** En */
            readonly en: string;
            /** Owed */
            readonly owed: boolean;
            readonly route: components["schemas"]["Words"] | null;
            /** Type Code */
            readonly type_code: string;
            /** Zh */
            readonly zh: string;
        };
        /**
         * TellingOut
         * @description A notice to a holder.
         */
        readonly TellingOut: {
            /**
             * At
             * @description RFC 3339, UTC
             */
            readonly at: string;
            /** En */
            readonly en: string;
            /** First Read At */
            readonly first_read_at: string | null;
            /** Kind */
            readonly kind: string;
            /** Link */
            readonly link: string | null;
            /**
             * Made At
             * @description earlier than `at` where a law let it be told later
             */
            readonly made_at: string;
            /** Notice Id */
            readonly notice_id: string;
            /** Organisation */
            readonly organisation: string | null;
            /** Subject */
            readonly subject: string;
            /** Zh */
            readonly zh: string;
        };
        /**
         * TemplateOut
         * @description A document that can be made.
         */
        readonly TemplateOut: {
            /** Code */
            readonly code: string;
            /** Name */
            readonly name: string;
            /** Name En */
            readonly name_en: string;
            /** Slots */
            readonly slots: readonly components["schemas"]["SlotOut"][];
            /** Type Codes */
            readonly type_codes: readonly string[];
            /** Version */
            readonly version: number | string;
        };
        /**
         * TemplatesOut
         * @description Documents that can be made.
         */
        readonly TemplatesOut: {
            /** Templates */
            readonly templates: readonly components["schemas"]["TemplateOut"][];
        };
        /**
         * TermsOut
         * @description The canonical terms of a grant; the digest over exactly these members is what is signed.
         */
        readonly TermsOut: {
            /**
             * Basis
             * @enum {string}
             */
            readonly basis: "consent" | "separate_consent";
            /** Fields */
            readonly fields: readonly string[];
            readonly frequency: components["schemas"]["FrequencyOut"] | null;
            /** Fresh Days */
            readonly fresh_days: number | null;
            readonly grantee: components["schemas"]["GranteeOut"];
            readonly grantor: components["schemas"]["GrantorOut"];
            /** Id */
            readonly id: string;
            /** Max Uses */
            readonly max_uses: number;
            /**
             * Mode
             * @enum {string}
             */
            readonly mode: "verify" | "data" | "copy";
            readonly notice: components["schemas"]["NoticeNamed"];
            /** Objects */
            readonly objects: readonly string[];
            /** Parent */
            readonly parent: null;
            readonly purpose: components["schemas"]["PurposeOut"];
            /** Regions */
            readonly regions: readonly string[];
            /** Type */
            readonly type: string;
            /** Types */
            readonly types: readonly string[];
            /** V */
            readonly v: number;
            /**
             * Valid From
             * @description RFC 3339, UTC
             */
            readonly valid_from: string;
            /**
             * Valid To
             * @description RFC 3339, UTC
             */
            readonly valid_to: string;
        };
        /**
         * Texts
         * @description Lines in both languages.
         */
        readonly Texts: {
            /** En */
            readonly en: readonly string[];
            /** Zh */
            readonly zh: readonly string[];
        };
        /**
         * ThingOut
         * @description A thing that is asked for: one by its id, or whatever there is of a type; it has the one member or the other.
         */
        readonly ThingOut: {
            /** Level */
            readonly level: number;
            /** Name */
            readonly name: string;
            /** Name En */
            readonly name_en: string;
            /**
             * Object
             * @default
             */
            readonly object?: string;
            /**
             * Type
             * @default
             */
            readonly type?: string;
        };
        /**
         * TitledOut
         * @description A name and its titles.
         */
        readonly TitledOut: {
            /** Name */
            readonly name: string;
            /** Title En */
            readonly title_en: string;
            /** Title Zh */
            readonly title_zh: string;
        };
        /**
         * TriedOut
         * @description A step that an organisation's system tried in the sandbox.
         */
        readonly TriedOut: {
            /** En */
            readonly en: string;
            /** Name */
            readonly name: string;
            /** Passed */
            readonly passed: boolean;
            /**
             * Seen
             * @default null
             */
            readonly seen?: string | null;
            /** Zh */
            readonly zh: string;
        };
        /**
         * TypeFieldOut
         * @description A field of a licence's face.
         */
        readonly TypeFieldOut: {
            /** Name */
            readonly name: string;
            /** Title En */
            readonly title_en: string;
            /** Title Zh */
            readonly title_zh: string;
        };
        /**
         * TypeOut
         * @description A type of material.
         */
        readonly TypeOut: {
            /** Issuer */
            readonly issuer: string;
            /** Licence Type */
            readonly licence_type: string | null;
            /** Name */
            readonly name: string;
            /** Name En */
            readonly name_en: string;
            /** Type Code */
            readonly type_code: string;
            /** Version */
            readonly version: string;
        };
        /**
         * TypesOut
         * @description The types of material.
         */
        readonly TypesOut: {
            /** Types */
            readonly types: readonly components["schemas"]["TypeOut"][];
        };
        /**
         * UsedOut
         * @description What an organisation used of one thing, and may.
         */
        readonly UsedOut: {
            /** Limit */
            readonly limit: number;
            /**
             * Until
             * @description RFC 3339, UTC
             */
            readonly until: string;
            /** Used */
            readonly used: number;
            /** What */
            readonly what: string;
        };
        /**
         * UseIn
         * @description A use of one object in one case.
         * @example {
         *       "case_no": "31011820261121000001",
         *       "cause": "食品经营许可新办审查",
         *       "item_code": "11310118XX00000B0W4310100101000",
         *       "mode": "copy",
         *       "object_id": "019a0000-0000-7000-8000-000000000000",
         *       "operator": "qp-103"
         *     }
         */
        readonly UseIn: {
            /**
             * Break Glass Id
             * @description an approved emergency, as the only basis: POST /v1/break-glass
             */
            readonly break_glass_id?: string | null;
            /** Case No */
            readonly case_no: string;
            /** Cause */
            readonly cause: string;
            /**
             * Fields
             * @description in mode `data`: what is wanted of a licence
             * @default []
             */
            readonly fields?: readonly string[];
            /** Grant Id */
            readonly grant_id?: string | null;
            /** Item Code */
            readonly item_code: string;
            /**
             * Mode
             * @default copy
             * @enum {string}
             */
            readonly mode?: "verify" | "data" | "copy";
            /**
             * Object Id
             * @description a material or an e-licence
             */
            readonly object_id: string;
            /** Operator */
            readonly operator: string;
        };
        /**
         * UseOut
         * @description A use.
         */
        readonly UseOut: {
            /** Basis */
            readonly basis: string;
            /**
             * Closes At
             * @description RFC 3339, UTC
             */
            readonly closes_at: string;
            /** Content */
            readonly content: string;
            /** Entry Id */
            readonly entry_id: string;
            /** Mode */
            readonly mode: string;
            /** Object Id */
            readonly object_id: string;
            /**
             * Opened At
             * @description RFC 3339, UTC
             */
            readonly opened_at: string;
            /** Receipt */
            readonly receipt: string;
            /** State */
            readonly state: string;
            /** Use Id */
            readonly use_id: string;
            /** Uses Left */
            readonly uses_left: number | null;
        };
        /**
         * ValueSourceOut
         * @description Where a value comes from.
         */
        readonly ValueSourceOut: {
            /**
             * As Of
             * @description RFC 3339, UTC
             */
            readonly as_of: string;
            /**
             * By
             * @default null
             */
            readonly by?: string | null;
            /** Entry Id */
            readonly entry_id: string | null;
            /** Kind */
            readonly kind: string;
            /**
             * Source
             * @default null
             */
            readonly source?: string | null;
        };
        /**
         * WatchingOut
         * @description A witness, and how far it has cosigned.
         */
        readonly WatchingOut: {
            /** Cosigned At */
            readonly cosigned_at: string | null;
            /** Size */
            readonly size: number;
            /** Vkey */
            readonly vkey: string;
        };
        /**
         * WhoOut
         * @description Who asks, by name.
         */
        readonly WhoOut: {
            /** Division */
            readonly division: string;
            /** Name */
            readonly name: string;
            /** Org */
            readonly org: string;
        };
        /**
         * WhyOut
         * @description For what, by name.
         */
        readonly WhyOut: {
            /** Case */
            readonly case: string | null;
            /** Cause */
            readonly cause: string;
            /** Item */
            readonly item: string;
            /** Item Name */
            readonly item_name: string;
            /** Item Name En */
            readonly item_name_en: string;
        };
        /**
         * WithdrawalIn
         * @description A holder's signature alone: over the digest of a withdrawal, or of another end.
         * @example {
         *       "id_token": "eyJhbGciOiJFUzI1NiIsImtpZCI6Ii4uLiJ9.e30.c2ln"
         *     }
         */
        readonly WithdrawalIn: {
            /** Id Token */
            readonly id_token?: string | null;
            /** Signature */
            readonly signature?: (components["schemas"]["PasskeySignatureIn"] | components["schemas"]["HostAppSignatureIn"]) | null;
        };
        /**
         * Words
         * @description The same in both languages.
         */
        readonly Words: {
            /** En */
            readonly en: string;
            /** Zh */
            readonly zh: string;
        };
    };
    responses: never;
    parameters: never;
    requestBodies: never;
    headers: never;
    pathItems: never;
}
export type $defs = Record<string, never>;
export interface operations {
    readonly healthz_healthz_get: {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly requestBody?: never;
        readonly responses: {
            /** @description Successful Response */
            readonly 200: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["HealthOut"];
                };
            };
        };
    };
    readonly readyz_readyz_get: {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly requestBody?: never;
        readonly responses: {
            /** @description Successful Response */
            readonly 200: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["ReadyOut"];
                };
            };
        };
    };
    readonly providers_v1_access_providers_get: {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly requestBody?: never;
        readonly responses: {
            /** @description Successful Response */
            readonly 200: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["ProvidersOut"];
                };
            };
        };
    };
    readonly listing_v1_access_requests_get: {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly requestBody?: never;
        readonly responses: {
            /** @description Successful Response */
            readonly 200: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["AccessesOut"];
                };
            };
        };
    };
    readonly ask_v1_access_requests_post: {
        readonly parameters: {
            readonly query?: never;
            readonly header: {
                /** @description a fresh one for each new act, the same one for its retries */
                readonly "Idempotency-Key": string;
            };
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly requestBody: {
            readonly content: {
                readonly "application/json": components["schemas"]["AccessIn"];
            };
        };
        readonly responses: {
            /** @description Successful Response */
            readonly 201: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["AccessOut"];
                };
            };
        };
    };
    readonly answer_v1_access_requests__request_id__answer_post: {
        readonly parameters: {
            readonly query?: never;
            readonly header: {
                /** @description a fresh one for each new act, the same one for its retries */
                readonly "Idempotency-Key": string;
            };
            readonly path: {
                readonly request_id: string;
            };
            readonly cookie?: never;
        };
        readonly requestBody: {
            readonly content: {
                readonly "application/json": components["schemas"]["AccessAnswerIn"];
            };
        };
        readonly responses: {
            /** @description Successful Response */
            readonly 200: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["AccessOut"];
                };
            };
        };
    };
    readonly end_v1_access_requests__request_id__end_post: {
        readonly parameters: {
            readonly query?: never;
            readonly header: {
                /** @description a fresh one for each new act, the same one for its retries */
                readonly "Idempotency-Key": string;
            };
            readonly path: {
                readonly request_id: string;
            };
            readonly cookie?: never;
        };
        readonly requestBody: {
            readonly content: {
                readonly "application/json": components["schemas"]["AccessEndIn"];
            };
        };
        readonly responses: {
            /** @description Successful Response */
            readonly 200: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["AccessOut"];
                };
            };
        };
    };
    readonly ask_v1_ask_batches_post: {
        readonly parameters: {
            readonly query?: never;
            readonly header: {
                /** @description a fresh one for each new act, the same one for its retries */
                readonly "Idempotency-Key": string;
            };
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly requestBody: {
            readonly content: {
                readonly "application/json": components["schemas"]["AskBatchIn"];
            };
        };
        readonly responses: {
            /** @description Successful Response */
            readonly 201: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["BatchOut"];
                };
            };
        };
    };
    readonly get_v1_ask_batches__batch_id__get: {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path: {
                readonly batch_id: string;
            };
            readonly cookie?: never;
        };
        readonly requestBody?: never;
        readonly responses: {
            /** @description Successful Response */
            readonly 200: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["BatchOut"];
                };
            };
        };
    };
    readonly answer_v1_ask_batches__batch_id__answer_post: {
        readonly parameters: {
            readonly query?: never;
            readonly header: {
                /** @description a fresh one for each new act, the same one for its retries */
                readonly "Idempotency-Key": string;
            };
            readonly path: {
                readonly batch_id: string;
            };
            readonly cookie?: never;
        };
        readonly requestBody: {
            readonly content: {
                readonly "application/json": components["schemas"]["AnswerIn"];
            };
        };
        readonly responses: {
            /** @description Successful Response */
            readonly 200: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["BatchOut"];
                };
            };
        };
    };
    readonly entries_v1_audit_entries_get: {
        readonly parameters: {
            readonly query: {
                readonly limit?: number;
                /** @description index of the first */
                readonly low: number;
                readonly operator: string;
            };
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly requestBody?: never;
        readonly responses: {
            /** @description Successful Response */
            readonly 200: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["OpenedEntriesOut"];
                };
            };
        };
    };
    readonly looks_v1_audit_looks_get: {
        readonly parameters: {
            readonly query: {
                /** @description last look of the page before */
                readonly after?: string | null;
                readonly limit?: number;
                readonly operator: string;
            };
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly requestBody?: never;
        readonly responses: {
            /** @description Successful Response */
            readonly 200: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["LooksOut"];
                };
            };
        };
    };
    readonly look_v1_audit_looks_post: {
        readonly parameters: {
            readonly query?: never;
            readonly header: {
                /** @description a fresh one for each new act, the same one for its retries */
                readonly "Idempotency-Key": string;
            };
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly requestBody: {
            readonly content: {
                readonly "application/json": components["schemas"]["LookIn"];
            };
        };
        readonly responses: {
            /** @description Successful Response */
            readonly 201: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["LookOut"];
                };
            };
        };
    };
    readonly one_look_v1_audit_looks__look_id__get: {
        readonly parameters: {
            readonly query: {
                readonly operator: string;
            };
            readonly header?: never;
            readonly path: {
                readonly look_id: string;
            };
            readonly cookie?: never;
        };
        readonly requestBody?: never;
        readonly responses: {
            /** @description Successful Response */
            readonly 200: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["LookOut"];
                };
            };
        };
    };
    readonly lines_v1_audit_looks__look_id__lines_get: {
        readonly parameters: {
            readonly query: {
                readonly cursor?: string | null;
                readonly limit?: number;
                /** @description of a department, this part of what it did */
                readonly only?: components["schemas"]["Part"] | null;
                readonly operator: string;
            };
            readonly header?: never;
            readonly path: {
                readonly look_id: string;
            };
            readonly cookie?: never;
        };
        readonly requestBody?: never;
        readonly responses: {
            /** @description Successful Response */
            readonly 200: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["LookPageOut"];
                };
            };
        };
    };
    readonly sums_v1_audit_looks__look_id__sums_get: {
        readonly parameters: {
            readonly query: {
                readonly operator: string;
            };
            readonly header?: never;
            readonly path: {
                readonly look_id: string;
            };
            readonly cookie?: never;
        };
        readonly requestBody?: never;
        readonly responses: {
            /** @description Successful Response */
            readonly 200: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["SumsOut"];
                };
            };
        };
    };
    readonly listed_v1_cases_get: {
        readonly parameters: {
            readonly query?: {
                /** @description `next_cursor` of the page before */
                readonly cursor?: string | null;
                readonly limit?: number;
                /** @description only those this operator opened */
                readonly operator?: string | null;
                readonly stage?: ("draft" | "intake" | "accepted" | "closed") | null;
            };
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly requestBody?: never;
        readonly responses: {
            /** @description Successful Response */
            readonly 200: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["CasesOut"];
                };
            };
        };
    };
    readonly open_case_v1_cases_post: {
        readonly parameters: {
            readonly query?: never;
            readonly header: {
                /** @description a fresh one for each new act, the same one for its retries */
                readonly "Idempotency-Key": string;
            };
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly requestBody: {
            readonly content: {
                readonly "application/json": components["schemas"]["CaseIn"];
            };
        };
        readonly responses: {
            /** @description Successful Response */
            readonly 201: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["CaseOut"];
                };
            };
        };
    };
    readonly get_case_v1_cases__case_no__get: {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path: {
                readonly case_no: string;
            };
            readonly cookie?: never;
        };
        readonly requestBody?: never;
        readonly responses: {
            /** @description Successful Response */
            readonly 200: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["CaseOut"];
                };
            };
        };
    };
    readonly accept_v1_cases__case_no__acceptance_post: {
        readonly parameters: {
            readonly query?: never;
            readonly header: {
                /** @description a fresh one for each new act, the same one for its retries */
                readonly "Idempotency-Key": string;
            };
            readonly path: {
                readonly case_no: string;
            };
            readonly cookie?: never;
        };
        readonly requestBody: {
            readonly content: {
                readonly "application/json": components["schemas"]["ActIn"];
            };
        };
        readonly responses: {
            /** @description Successful Response */
            readonly 200: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["CaseOut"];
                };
            };
        };
    };
    readonly ask_v1_cases__case_no__assistance_requests_post: {
        readonly parameters: {
            readonly query?: never;
            readonly header: {
                /** @description a fresh one for each new act, the same one for its retries */
                readonly "Idempotency-Key": string;
            };
            readonly path: {
                readonly case_no: string;
            };
            readonly cookie?: never;
        };
        readonly requestBody: {
            readonly content: {
                readonly "application/json": components["schemas"]["AssistRequestIn"];
            };
        };
        readonly responses: {
            /** @description Successful Response */
            readonly 201: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["AssistanceOut"];
                };
            };
        };
    };
    readonly checklist_v1_cases__case_no__checklist_get: {
        readonly parameters: {
            readonly query?: {
                readonly operator?: string | null;
            };
            readonly header?: never;
            readonly path: {
                readonly case_no: string;
            };
            readonly cookie?: never;
        };
        readonly requestBody?: never;
        readonly responses: {
            /** @description Successful Response */
            readonly 200: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["ChecklistOut"];
                };
            };
        };
    };
    readonly kept_v1_cases__case_no__checklist_kept_get: {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path: {
                readonly case_no: string;
            };
            readonly cookie?: never;
        };
        readonly requestBody?: never;
        readonly responses: {
            /** @description Successful Response */
            readonly 200: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["KeptChecklistOut"];
                };
            };
        };
    };
    readonly ask_v1_cases__case_no__checks_post: {
        readonly parameters: {
            readonly query?: never;
            readonly header: {
                /** @description a fresh one for each new act, the same one for its retries */
                readonly "Idempotency-Key": string;
            };
            readonly path: {
                readonly case_no: string;
            };
            readonly cookie?: never;
        };
        readonly requestBody: {
            readonly content: {
                readonly "application/json": components["schemas"]["CheckIn"];
            };
        };
        readonly responses: {
            /** @description Successful Response */
            readonly 201: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["CheckOut"];
                };
            };
        };
    };
    readonly close_case_v1_cases__case_no__closing_post: {
        readonly parameters: {
            readonly query?: never;
            readonly header: {
                /** @description a fresh one for each new act, the same one for its retries */
                readonly "Idempotency-Key": string;
            };
            readonly path: {
                readonly case_no: string;
            };
            readonly cookie?: never;
        };
        readonly requestBody: {
            readonly content: {
                readonly "application/json": components["schemas"]["CaseClosingIn"];
            };
        };
        readonly responses: {
            /** @description Successful Response */
            readonly 200: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["CaseOut"];
                };
            };
        };
    };
    readonly listed_v1_cases__case_no__commitments_get: {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path: {
                readonly case_no: string;
            };
            readonly cookie?: never;
        };
        readonly requestBody?: never;
        readonly responses: {
            /** @description Successful Response */
            readonly 200: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["CommitmentsOut"];
                };
            };
        };
    };
    readonly propose_v1_cases__case_no__commitments_post: {
        readonly parameters: {
            readonly query?: never;
            readonly header: {
                /** @description a fresh one for each new act, the same one for its retries */
                readonly "Idempotency-Key": string;
            };
            readonly path: {
                readonly case_no: string;
            };
            readonly cookie?: never;
        };
        readonly requestBody: {
            readonly content: {
                readonly "application/json": components["schemas"]["CommitmentIn"];
            };
        };
        readonly responses: {
            /** @description Successful Response */
            readonly 201: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["CommitmentOut"];
                };
            };
        };
    };
    readonly confirm_v1_cases__case_no__confirmations_post: {
        readonly parameters: {
            readonly query?: never;
            readonly header: {
                /** @description a fresh one for each new act, the same one for its retries */
                readonly "Idempotency-Key": string;
            };
            readonly path: {
                readonly case_no: string;
            };
            readonly cookie?: never;
        };
        readonly requestBody: {
            readonly content: {
                readonly "application/json": components["schemas"]["ConfirmationIn"];
            };
        };
        readonly responses: {
            /** @description Successful Response */
            readonly 201: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["ChecklistOut"];
                };
            };
        };
    };
    readonly make_v1_cases__case_no__documents_post: {
        readonly parameters: {
            readonly query?: never;
            readonly header: {
                /** @description a fresh one for each new act, the same one for its retries */
                readonly "Idempotency-Key": string;
            };
            readonly path: {
                readonly case_no: string;
            };
            readonly cookie?: never;
        };
        readonly requestBody: {
            readonly content: {
                readonly "application/json": components["schemas"]["DocumentIn"];
            };
        };
        readonly responses: {
            /** @description Successful Response */
            readonly 201: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["DocumentOut"];
                };
            };
        };
    };
    readonly get_form_v1_cases__case_no__form_get: {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path: {
                readonly case_no: string;
            };
            readonly cookie?: never;
        };
        readonly requestBody?: never;
        readonly responses: {
            /** @description Successful Response */
            readonly 200: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["FormOut"];
                };
            };
        };
    };
    readonly fill_v1_cases__case_no__form_post: {
        readonly parameters: {
            readonly query?: never;
            readonly header: {
                /** @description a fresh one for each new act, the same one for its retries */
                readonly "Idempotency-Key": string;
            };
            readonly path: {
                readonly case_no: string;
            };
            readonly cookie?: never;
        };
        readonly requestBody: {
            readonly content: {
                readonly "application/json": components["schemas"]["FormIn"];
            };
        };
        readonly responses: {
            /** @description Successful Response */
            readonly 201: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["FormOut"];
                };
            };
        };
    };
    readonly change_v1_cases__case_no__form_patch: {
        readonly parameters: {
            readonly query?: never;
            readonly header: {
                /** @description a fresh one for each new act, the same one for its retries */
                readonly "Idempotency-Key": string;
            };
            readonly path: {
                readonly case_no: string;
            };
            readonly cookie?: never;
        };
        readonly requestBody: {
            readonly content: {
                readonly "application/json": components["schemas"]["FormChangeIn"];
            };
        };
        readonly responses: {
            /** @description Successful Response */
            readonly 200: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["FormOut"];
                };
            };
        };
    };
    readonly people_v1_cases__case_no__people_get: {
        readonly parameters: {
            readonly query: {
                readonly operator: string;
            };
            readonly header?: never;
            readonly path: {
                readonly case_no: string;
            };
            readonly cookie?: never;
        };
        readonly requestBody?: never;
        readonly responses: {
            /** @description Successful Response */
            readonly 200: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["PeopleOut"];
                };
            };
        };
    };
    readonly get_review_v1_cases__case_no__review_get: {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path: {
                readonly case_no: string;
            };
            readonly cookie?: never;
        };
        readonly requestBody?: never;
        readonly responses: {
            /** @description Successful Response */
            readonly 200: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["ReviewOut"];
                };
            };
        };
    };
    readonly review_v1_cases__case_no__review_post: {
        readonly parameters: {
            readonly query?: never;
            readonly header: {
                /** @description a fresh one for each new act, the same one for its retries */
                readonly "Idempotency-Key": string;
            };
            readonly path: {
                readonly case_no: string;
            };
            readonly cookie?: never;
        };
        readonly requestBody: {
            readonly content: {
                readonly "application/json": components["schemas"]["api__reviewschemas__ReviewIn"];
            };
        };
        readonly responses: {
            /** @description Successful Response */
            readonly 201: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["ReviewOut"];
                };
            };
        };
    };
    readonly settle_v1_cases__case_no__review_settlements_post: {
        readonly parameters: {
            readonly query?: never;
            readonly header: {
                /** @description a fresh one for each new act, the same one for its retries */
                readonly "Idempotency-Key": string;
            };
            readonly path: {
                readonly case_no: string;
            };
            readonly cookie?: never;
        };
        readonly requestBody: {
            readonly content: {
                readonly "application/json": components["schemas"]["SettlementIn"];
            };
        };
        readonly responses: {
            /** @description Successful Response */
            readonly 200: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["ReviewOut"];
                };
            };
        };
    };
    readonly send_back_v1_cases__case_no__send_backs_post: {
        readonly parameters: {
            readonly query?: never;
            readonly header: {
                /** @description a fresh one for each new act, the same one for its retries */
                readonly "Idempotency-Key": string;
            };
            readonly path: {
                readonly case_no: string;
            };
            readonly cookie?: never;
        };
        readonly requestBody: {
            readonly content: {
                readonly "application/json": components["schemas"]["SendBackIn"];
            };
        };
        readonly responses: {
            /** @description Successful Response */
            readonly 200: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["CaseOut"];
                };
            };
        };
    };
    readonly submit_v1_cases__case_no__submission_post: {
        readonly parameters: {
            readonly query?: never;
            readonly header: {
                /** @description a fresh one for each new act, the same one for its retries */
                readonly "Idempotency-Key": string;
            };
            readonly path: {
                readonly case_no: string;
            };
            readonly cookie?: never;
        };
        readonly requestBody: {
            readonly content: {
                readonly "application/json": components["schemas"]["ActIn"];
            };
        };
        readonly responses: {
            /** @description Successful Response */
            readonly 200: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["CaseOut"];
                };
            };
        };
    };
    readonly questions_v1_check_questions_get: {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly requestBody?: never;
        readonly responses: {
            /** @description Successful Response */
            readonly 200: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["CheckQuestionsOut"];
                };
            };
        };
    };
    readonly make_v1_codes_post: {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly requestBody: {
            readonly content: {
                readonly "application/json": components["schemas"]["SignedIn"];
            };
        };
        readonly responses: {
            /** @description Successful Response */
            readonly 201: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["MadeCodeOut"];
                };
            };
        };
    };
    readonly get_code_v1_codes__code_id__get: {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path: {
                readonly code_id: string;
            };
            readonly cookie?: never;
        };
        readonly requestBody?: never;
        readonly responses: {
            /** @description Successful Response */
            readonly 200: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["ScannedCodeOut"];
                };
            };
        };
    };
    readonly take_back_v1_commitments__commitment_id__withdrawal_post: {
        readonly parameters: {
            readonly query?: never;
            readonly header: {
                /** @description a fresh one for each new act, the same one for its retries */
                readonly "Idempotency-Key": string;
            };
            readonly path: {
                readonly commitment_id: string;
            };
            readonly cookie?: never;
        };
        readonly requestBody: {
            readonly content: {
                readonly "application/json": components["schemas"]["ByIn"];
            };
        };
        readonly responses: {
            /** @description Successful Response */
            readonly 200: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["CommitmentOut"];
                };
            };
        };
    };
    readonly look_v1_console_session_get: {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly requestBody?: never;
        readonly responses: {
            /** @description Successful Response */
            readonly 200: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["StaffOut"];
                };
            };
            /** @description nobody */
            readonly 204: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content?: never;
            };
        };
    };
    readonly begin_v1_console_session_post: {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly requestBody: {
            readonly content: {
                readonly "application/json": components["schemas"]["StaffSessionIn"];
            };
        };
        readonly responses: {
            /** @description Successful Response */
            readonly 201: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["StaffOut"];
                };
            };
        };
    };
    readonly leave_v1_console_session_delete: {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly requestBody?: never;
        readonly responses: {
            /** @description done */
            readonly 204: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content?: never;
            };
        };
    };
    readonly renew_v1_console_session_renewal_post: {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly requestBody?: never;
        readonly responses: {
            /** @description Successful Response */
            readonly 200: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["StaffOut"];
                };
            };
        };
    };
    readonly counter_sign_v1_counter_signs__counter__get: {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path: {
                /** @description your name of the place */
                readonly counter: string;
            };
            readonly cookie?: never;
        };
        readonly requestBody?: never;
        readonly responses: {
            /** @description Successful Response */
            readonly 200: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["SignOut"];
                };
            };
        };
    };
    readonly check_v1_definition_checks_post: {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly requestBody: {
            readonly content: {
                readonly "application/json": components["schemas"]["DefinitionTextIn"];
            };
        };
        readonly responses: {
            /** @description Successful Response */
            readonly 200: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["DefinitionCheckOut"];
                };
            };
        };
    };
    readonly drafts_v1_definition_drafts_get: {
        readonly parameters: {
            readonly query: {
                /** @description of one kind; without: of all */
                readonly kind?: ("item" | "material-type" | "licence-type") | null;
                /** @description a registrar's handle */
                readonly operator: string;
            };
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly requestBody?: never;
        readonly responses: {
            /** @description Successful Response */
            readonly 200: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["DefinitionDraftsOut"];
                };
            };
        };
    };
    readonly save_v1_definition_drafts_post: {
        readonly parameters: {
            readonly query?: never;
            readonly header: {
                /** @description a fresh one for each new act, the same one for its retries */
                readonly "Idempotency-Key": string;
            };
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly requestBody: {
            readonly content: {
                readonly "application/json": components["schemas"]["DefinitionDraftIn"];
            };
        };
        readonly responses: {
            /** @description Successful Response */
            readonly 201: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["DefinitionDraftOut"];
                };
            };
        };
    };
    readonly publish_v1_definition_drafts__draft_id__publication_post: {
        readonly parameters: {
            readonly query?: never;
            readonly header: {
                /** @description a fresh one for each new act, the same one for its retries */
                readonly "Idempotency-Key": string;
            };
            readonly path: {
                readonly draft_id: string;
            };
            readonly cookie?: never;
        };
        readonly requestBody: {
            readonly content: {
                readonly "application/json": components["schemas"]["DefinitionPublicationIn"];
            };
        };
        readonly responses: {
            /** @description Successful Response */
            readonly 200: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["DefinitionPublishedOut"];
                };
            };
        };
    };
    readonly drop_v1_definition_drafts__draft_id__removal_post: {
        readonly parameters: {
            readonly query?: never;
            readonly header: {
                /** @description a fresh one for each new act, the same one for its retries */
                readonly "Idempotency-Key": string;
            };
            readonly path: {
                readonly draft_id: string;
            };
            readonly cookie?: never;
        };
        readonly requestBody: {
            readonly content: {
                readonly "application/json": components["schemas"]["DefinitionDraftDecisionIn"];
            };
        };
        readonly responses: {
            /** @description Successful Response */
            readonly 200: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["DroppedDraftOut"];
                };
            };
        };
    };
    readonly give_v1_delegations_post: {
        readonly parameters: {
            readonly query?: never;
            readonly header: {
                /** @description a fresh one for each new act, the same one for its retries */
                readonly "Idempotency-Key": string;
            };
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly requestBody: {
            readonly content: {
                readonly "application/json": components["schemas"]["DelegationIn"];
            };
        };
        readonly responses: {
            /** @description Successful Response */
            readonly 201: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["DelegationOut"];
                };
            };
        };
    };
    readonly end_v1_delegations__delegation_id__end_post: {
        readonly parameters: {
            readonly query?: never;
            readonly header: {
                /** @description a fresh one for each new act, the same one for its retries */
                readonly "Idempotency-Key": string;
            };
            readonly path: {
                readonly delegation_id: string;
            };
            readonly cookie?: never;
        };
        readonly requestBody: {
            readonly content: {
                readonly "application/json": components["schemas"]["WithdrawalIn"];
            };
        };
        readonly responses: {
            /** @description Successful Response */
            readonly 200: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["DelegationOut"];
                };
            };
        };
    };
    readonly fetch_v1_fetch_post: {
        readonly parameters: {
            readonly query?: never;
            readonly header: {
                /** @description a fresh one for each new act, the same one for its retries */
                readonly "Idempotency-Key": string;
            };
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly requestBody: {
            readonly content: {
                readonly "application/json": components["schemas"]["FetchIn"];
            };
        };
        readonly responses: {
            /** @description Successful Response */
            readonly 201: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["UseOut"];
                };
            };
        };
    };
    readonly figures_v1_figures_get: {
        readonly parameters: {
            readonly query?: {
                /** @description told apart by; only the sum if missing */
                readonly by?: components["schemas"]["By"] | null;
                /** @description of all organisations; needs scope `oversee` */
                readonly everywhere?: boolean;
                /** @description first day, in China; 30 days before `to` if missing */
                readonly from?: string | null;
                /** @description an overseer, for `everywhere` */
                readonly operator?: string;
                /** @description last day; today if missing */
                readonly to?: string | null;
            };
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly requestBody?: never;
        readonly responses: {
            /** @description JSON, or CSV where `Accept: text/csv` asks for it */
            readonly 200: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["FiguresOut"];
                    readonly "text/csv": unknown;
                };
            };
        };
    };
    readonly search_v1_firms_search_post: {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly requestBody: {
            readonly content: {
                readonly "application/json": components["schemas"]["FirmSearchIn"];
            };
        };
        readonly responses: {
            /** @description Successful Response */
            readonly 200: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["FirmsOut"];
                };
            };
        };
    };
    readonly withdraw_v1_grants__grant_id__withdrawal_post: {
        readonly parameters: {
            readonly query?: never;
            readonly header: {
                /** @description a fresh one for each new act, the same one for its retries */
                readonly "Idempotency-Key": string;
            };
            readonly path: {
                readonly grant_id: string;
            };
            readonly cookie?: never;
        };
        readonly requestBody: {
            readonly content: {
                readonly "application/json": components["schemas"]["WithdrawalIn"];
            };
        };
        readonly responses: {
            /** @description Successful Response */
            readonly 200: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["GrantOut"];
                };
            };
        };
    };
    readonly prepare_v1_holder_requests_post: {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly requestBody: {
            readonly content: {
                readonly "application/json": components["schemas"]["HolderRequestIn"];
            };
        };
        readonly responses: {
            /** @description Successful Response */
            readonly 200: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["RequestOut"];
                };
            };
        };
    };
    readonly items_v1_items_get: {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly requestBody?: never;
        readonly responses: {
            /** @description Successful Response */
            readonly 200: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["ItemsOut"];
                };
            };
        };
    };
    readonly one_item_v1_items__item_code__get: {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path: {
                readonly item_code: string;
            };
            readonly cookie?: never;
        };
        readonly requestBody?: never;
        readonly responses: {
            /** @description Successful Response */
            readonly 200: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["FullItemOut"];
                };
            };
        };
    };
    readonly questionnaire_v1_items__item_code__questionnaire_post: {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path: {
                readonly item_code: string;
            };
            readonly cookie?: never;
        };
        readonly requestBody: {
            readonly content: {
                readonly "application/json": components["schemas"]["QuestionnaireIn"];
            };
        };
        readonly responses: {
            /** @description Successful Response */
            readonly 200: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["StepOut"];
                };
            };
        };
    };
    readonly item_versions_v1_items__item_code__versions_get: {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path: {
                readonly item_code: string;
            };
            readonly cookie?: never;
        };
        readonly requestBody?: never;
        readonly responses: {
            /** @description Successful Response */
            readonly 200: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["DefinitionVersionsOut"];
                };
            };
        };
    };
    readonly enrol_v1_keys_post: {
        readonly parameters: {
            readonly query?: never;
            readonly header: {
                /** @description a fresh one for each new act, the same one for its retries */
                readonly "Idempotency-Key": string;
            };
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly requestBody: {
            readonly content: {
                readonly "application/json": components["schemas"]["KeyIn"];
            };
        };
        readonly responses: {
            /** @description Successful Response */
            readonly 201: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["KeyOut"];
                };
            };
        };
    };
    readonly revoke_v1_keys__key_id__revocation_post: {
        readonly parameters: {
            readonly query?: never;
            readonly header: {
                /** @description a fresh one for each new act, the same one for its retries */
                readonly "Idempotency-Key": string;
            };
            readonly path: {
                readonly key_id: string;
            };
            readonly cookie?: never;
        };
        readonly requestBody: {
            readonly content: {
                readonly "application/json": components["schemas"]["WithdrawalIn"];
            };
        };
        readonly responses: {
            /** @description Successful Response */
            readonly 200: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["KeyOut"];
                };
            };
        };
    };
    readonly offer_v1_keys_offers_post: {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly requestBody?: never;
        readonly responses: {
            /** @description Successful Response */
            readonly 201: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["OfferOut"];
                };
            };
        };
    };
    readonly propose_v1_keys_proposals_post: {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly requestBody: {
            readonly content: {
                readonly "application/json": components["schemas"]["KeyProposalIn"];
            };
        };
        readonly responses: {
            /** @description Successful Response */
            readonly 200: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["ProposalOut"];
                };
            };
        };
    };
    readonly list_types_v1_licence_types_get: {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly requestBody?: never;
        readonly responses: {
            /** @description Successful Response */
            readonly 200: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["LicenceTypesOut"];
                };
            };
        };
    };
    readonly licence_type_versions_v1_licence_types__code__versions_get: {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path: {
                readonly code: string;
            };
            readonly cookie?: never;
        };
        readonly requestBody?: never;
        readonly responses: {
            /** @description Successful Response */
            readonly 200: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["DefinitionVersionsOut"];
                };
            };
        };
    };
    readonly about_v1_log_get: {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly requestBody?: never;
        readonly responses: {
            /** @description Successful Response */
            readonly 200: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["LogOut"];
                };
            };
        };
    };
    readonly anchor_v1_log_anchors__size__get: {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path: {
                readonly size: number;
            };
            readonly cookie?: never;
        };
        readonly requestBody?: never;
        readonly responses: {
            /** @description Successful Response */
            readonly 200: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["AnchorProofOut"];
                };
            };
        };
    };
    readonly checkpoints_v1_log_checkpoints_get: {
        readonly parameters: {
            readonly query?: {
                /** @description greater sizes, the smallest first; it covers entry `after` */
                readonly after?: number | null;
                /** @description only those that the chain holds */
                readonly anchored?: boolean;
                /** @description smaller sizes, the greatest first */
                readonly before?: number | null;
                readonly limit?: number;
            };
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly requestBody?: never;
        readonly responses: {
            /** @description Successful Response */
            readonly 200: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["CheckpointsOut"];
                };
            };
        };
    };
    readonly material_types_v1_material_types_get: {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly requestBody?: never;
        readonly responses: {
            /** @description Successful Response */
            readonly 200: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["TypesOut"];
                };
            };
        };
    };
    readonly material_type_versions_v1_material_types__code__versions_get: {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path: {
                readonly code: string;
            };
            readonly cookie?: never;
        };
        readonly requestBody?: never;
        readonly responses: {
            /** @description Successful Response */
            readonly 200: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["DefinitionVersionsOut"];
                };
            };
        };
    };
    readonly deposit_v1_materials_post: {
        readonly parameters: {
            readonly query?: never;
            readonly header: {
                /** @description a fresh one for each new act, the same one for its retries */
                readonly "Idempotency-Key": string;
            };
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly requestBody: {
            readonly content: {
                readonly "multipart/form-data": {
                    /** Format: binary */
                    readonly file: string;
                    readonly metadata: components["schemas"]["DepositIn"];
                };
            };
        };
        readonly responses: {
            /** @description Successful Response */
            readonly 201: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["DepositedOut"];
                };
            };
        };
    };
    readonly of_material_v1_materials__material_id__readings_get: {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path: {
                readonly material_id: string;
            };
            readonly cookie?: never;
        };
        readonly requestBody?: never;
        readonly responses: {
            /** @description Successful Response */
            readonly 200: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["ReadingsOut"];
                };
            };
        };
    };
    readonly ask_v1_materials__material_id__readings_post: {
        readonly parameters: {
            readonly query?: never;
            readonly header: {
                /** @description a fresh one for each new act, the same one for its retries */
                readonly "Idempotency-Key": string;
            };
            readonly path: {
                readonly material_id: string;
            };
            readonly cookie?: never;
        };
        readonly requestBody: {
            readonly content: {
                readonly "application/json": components["schemas"]["ReadingIn"];
            };
        };
        readonly responses: {
            /** @description Successful Response */
            readonly 202: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["ReadingOut"];
                };
            };
        };
    };
    readonly get_v1_materials__material_id__readings__reading_id__get: {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path: {
                readonly material_id: string;
                readonly reading_id: string;
            };
            readonly cookie?: never;
        };
        readonly requestBody?: never;
        readonly responses: {
            /** @description Successful Response */
            readonly 200: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["FullReadingOut"];
                };
            };
        };
    };
    readonly confirm_v1_materials__material_id__readings__reading_id__confirmation_post: {
        readonly parameters: {
            readonly query?: never;
            readonly header: {
                /** @description a fresh one for each new act, the same one for its retries */
                readonly "Idempotency-Key": string;
            };
            readonly path: {
                readonly material_id: string;
                readonly reading_id: string;
            };
            readonly cookie?: never;
        };
        readonly requestBody: {
            readonly content: {
                readonly "application/json": components["schemas"]["ReadingConfirmIn"];
            };
        };
        readonly responses: {
            /** @description Successful Response */
            readonly 200: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["ReadingOut"];
                };
            };
        };
    };
    readonly preview_v1_my_asks__ask_id__preview_get: {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path: {
                readonly ask_id: string;
            };
            readonly cookie?: never;
        };
        readonly requestBody?: never;
        readonly responses: {
            /** @description Successful Response */
            readonly 200: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["PreviewOut"];
                };
            };
        };
    };
    readonly cases_v1_my_cases_get: {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly requestBody?: never;
        readonly responses: {
            /** @description Successful Response */
            readonly 200: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["ReceiptsOut"];
                };
            };
        };
    };
    readonly cessations_v1_my_cessations_get: {
        readonly parameters: {
            readonly query?: {
                /** @description of `GET /v1/my/session`: whom you represent */
                readonly on_behalf?: string | null;
            };
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly requestBody?: never;
        readonly responses: {
            /** @description Successful Response */
            readonly 200: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["CessationsOut"];
                };
            };
        };
    };
    readonly mine_v1_my_commitments_get: {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly requestBody?: never;
        readonly responses: {
            /** @description Successful Response */
            readonly 200: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["LettersOut"];
                };
            };
        };
    };
    readonly one_v1_my_commitments__commitment_id__get: {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path: {
                readonly commitment_id: string;
            };
            readonly cookie?: never;
        };
        readonly requestBody?: never;
        readonly responses: {
            /** @description Successful Response */
            readonly 200: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["LetterOut"];
                };
            };
        };
    };
    readonly consents_v1_my_consents_post: {
        readonly parameters: {
            readonly query?: {
                /** @description of `GET /v1/my/session`: whom you represent */
                readonly on_behalf?: string | null;
            };
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly requestBody: {
            readonly content: {
                readonly "application/json": components["schemas"]["OpenedIn"];
            };
        };
        readonly responses: {
            /** @description Successful Response */
            readonly 200: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["ConsentsOut"];
                };
            };
        };
    };
    readonly delegations_v1_my_delegations_get: {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly requestBody?: never;
        readonly responses: {
            /** @description Successful Response */
            readonly 200: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["OwnDelegationsOut"];
                };
            };
        };
    };
    readonly inbox_v1_my_inbox_get: {
        readonly parameters: {
            readonly query?: {
                /** @description of `GET /v1/my/session`: whom you represent */
                readonly on_behalf?: string | null;
            };
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly requestBody?: never;
        readonly responses: {
            /** @description Successful Response */
            readonly 200: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["InboxOut"];
                };
            };
        };
    };
    readonly mine_v1_my_inquiries_get: {
        readonly parameters: {
            readonly query?: {
                /** @description of `GET /v1/my/session`: whom you represent */
                readonly on_behalf?: string | null;
            };
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly requestBody?: never;
        readonly responses: {
            /** @description Successful Response */
            readonly 200: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["InquiriesOut"];
                };
            };
        };
    };
    readonly print_code_v1_my_kiosk_codes_post: {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly requestBody: {
            readonly content: {
                readonly "application/json": components["schemas"]["CardReadIn"];
            };
        };
        readonly responses: {
            /** @description Successful Response */
            readonly 201: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["MadeCodeOut"];
                };
            };
        };
    };
    readonly begin_v1_my_kiosk_session_post: {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly requestBody: {
            readonly content: {
                readonly "application/json": components["schemas"]["CardReadIn"];
            };
        };
        readonly responses: {
            /** @description Successful Response */
            readonly 201: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["SessionOut"];
                };
            };
        };
    };
    readonly licences_v1_my_licences_get: {
        readonly parameters: {
            readonly query?: {
                /** @description of `GET /v1/my/session`: whom you represent */
                readonly on_behalf?: string | null;
            };
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly requestBody?: never;
        readonly responses: {
            /** @description Successful Response */
            readonly 200: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["LicencesOut"];
                };
            };
        };
    };
    readonly licence_v1_my_licences__licence_id__get: {
        readonly parameters: {
            readonly query?: {
                /** @description of `GET /v1/my/session`: whom you represent */
                readonly on_behalf?: string | null;
            };
            readonly header?: never;
            readonly path: {
                readonly licence_id: string;
            };
            readonly cookie?: never;
        };
        readonly requestBody?: never;
        readonly responses: {
            /** @description Successful Response */
            readonly 200: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["FullLicenceOut"];
                };
            };
        };
    };
    readonly listing_v1_my_materials_get: {
        readonly parameters: {
            readonly query?: {
                /** @description of `GET /v1/my/session`: whom you represent */
                readonly on_behalf?: string | null;
            };
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly requestBody?: never;
        readonly responses: {
            /** @description Successful Response */
            readonly 200: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["MaterialsOut"];
                };
            };
        };
    };
    readonly told_v1_my_notices_get: {
        readonly parameters: {
            readonly query?: {
                /** @description of `GET /v1/my/session`: whom you represent */
                readonly on_behalf?: string | null;
            };
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly requestBody?: never;
        readonly responses: {
            /** @description Successful Response */
            readonly 200: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["NoticesOut"];
                };
            };
        };
    };
    readonly look_v1_my_session_get: {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly requestBody?: never;
        readonly responses: {
            /** @description Successful Response */
            readonly 200: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["SessionOut"];
                };
            };
            /** @description nobody */
            readonly 204: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content?: never;
            };
        };
    };
    readonly begin_v1_my_session_post: {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly requestBody: {
            readonly content: {
                readonly "application/json": components["schemas"]["SessionIn"];
            };
        };
        readonly responses: {
            /** @description Successful Response */
            readonly 201: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["SessionOut"];
                };
            };
        };
    };
    readonly leave_v1_my_session_delete: {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly requestBody?: never;
        readonly responses: {
            /** @description done */
            readonly 204: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content?: never;
            };
        };
    };
    readonly uses_v1_my_uses_get: {
        readonly parameters: {
            readonly query?: {
                readonly cursor?: string | null;
                readonly limit?: number;
                /** @description of `GET /v1/my/session`: whom you represent */
                readonly on_behalf?: string | null;
            };
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly requestBody?: never;
        readonly responses: {
            /** @description Successful Response */
            readonly 200: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["LedgerOut"];
                };
            };
        };
    };
    readonly circumstances_v1_my_uses__use_id__circumstances_get: {
        readonly parameters: {
            readonly query?: {
                /** @description of `GET /v1/my/session`: whom you represent */
                readonly on_behalf?: string | null;
            };
            readonly header?: never;
            readonly path: {
                readonly use_id: string;
            };
            readonly cookie?: never;
        };
        readonly requestBody?: never;
        readonly responses: {
            /** @description Successful Response */
            readonly 200: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["CircumstancesOut"];
                };
            };
        };
    };
    readonly gaps_v1_operations_gaps_get: {
        readonly parameters: {
            readonly query: {
                readonly operator: string;
            };
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly requestBody?: never;
        readonly responses: {
            /** @description Successful Response */
            readonly 200: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["GapsOut"];
                };
            };
        };
    };
    readonly summary_v1_operations_outbox_get: {
        readonly parameters: {
            readonly query: {
                readonly operator: string;
            };
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly requestBody?: never;
        readonly responses: {
            /** @description Successful Response */
            readonly 200: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["PilesOut"];
                };
            };
        };
    };
    readonly messages_v1_operations_outbox_messages_get: {
        readonly parameters: {
            readonly query: {
                /** @description the `next` of the page before */
                readonly before?: number | null;
                /** @description only this kind */
                readonly kind?: string | null;
                readonly limit?: number;
                readonly operator: string;
                readonly standing?: components["schemas"]["Standing"] | null;
            };
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly requestBody?: never;
        readonly responses: {
            /** @description Successful Response */
            readonly 200: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["MessagesOut"];
                };
            };
        };
    };
    readonly replay_v1_operations_outbox_replay_post: {
        readonly parameters: {
            readonly query?: never;
            readonly header: {
                /** @description a fresh one for each new act, the same one for its retries */
                readonly "Idempotency-Key": string;
            };
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly requestBody: {
            readonly content: {
                readonly "application/json": components["schemas"]["OutboxReplayIn"];
            };
        };
        readonly responses: {
            /** @description Successful Response */
            readonly 202: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["ReplayedOut"];
                };
            };
        };
    };
    readonly overdue_v1_operations_overdue_access_get: {
        readonly parameters: {
            readonly query: {
                readonly operator: string;
            };
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly requestBody?: never;
        readonly responses: {
            /** @description Successful Response */
            readonly 200: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["OverdueOut"];
                };
            };
        };
    };
    readonly listing_v1_parties_get: {
        readonly parameters: {
            readonly query: {
                readonly kind?: string | null;
                /** @description a security officer's or administrator's handle */
                readonly operator: string;
                /** @description that one, or none */
                readonly org_code?: string | null;
            };
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly requestBody?: never;
        readonly responses: {
            /** @description Successful Response */
            readonly 200: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["PartiesOut"];
                };
            };
        };
    };
    readonly get_v1_parties__party_id__get: {
        readonly parameters: {
            readonly query: {
                /** @description a security officer's or administrator's handle */
                readonly operator: string;
            };
            readonly header?: never;
            readonly path: {
                readonly party_id: string;
            };
            readonly cookie?: never;
        };
        readonly requestBody?: never;
        readonly responses: {
            /** @description Successful Response */
            readonly 200: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["FullPartyOut"];
                };
            };
        };
    };
    readonly of_party_v1_parties__party_id__access_requests_get: {
        readonly parameters: {
            readonly query: {
                readonly operator: string;
            };
            readonly header?: never;
            readonly path: {
                readonly party_id: string;
            };
            readonly cookie?: never;
        };
        readonly requestBody?: never;
        readonly responses: {
            /** @description Successful Response */
            readonly 200: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["AccessesOut"];
                };
            };
        };
    };
    readonly set_limits_v1_parties__party_id__limits_post: {
        readonly parameters: {
            readonly query?: never;
            readonly header: {
                /** @description a fresh one for each new act, the same one for its retries */
                readonly "Idempotency-Key": string;
            };
            readonly path: {
                readonly party_id: string;
            };
            readonly cookie?: never;
        };
        readonly requestBody: {
            readonly content: {
                readonly "application/json": components["schemas"]["LimitsIn"];
            };
        };
        readonly responses: {
            /** @description Successful Response */
            readonly 200: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["PartyOut"];
                };
            };
        };
    };
    readonly give_login_v1_parties__party_id__logins_post: {
        readonly parameters: {
            readonly query?: never;
            readonly header: {
                /** @description a fresh one for each new act, the same one for its retries */
                readonly "Idempotency-Key": string;
            };
            readonly path: {
                readonly party_id: string;
            };
            readonly cookie?: never;
        };
        readonly requestBody: {
            readonly content: {
                readonly "application/json": components["schemas"]["StaffLoginIn"];
            };
        };
        readonly responses: {
            /** @description Successful Response */
            readonly 200: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["StaffLoginOut"];
                };
            };
        };
    };
    readonly take_login_v1_parties__party_id__logins_withdrawal_post: {
        readonly parameters: {
            readonly query?: never;
            readonly header: {
                /** @description a fresh one for each new act, the same one for its retries */
                readonly "Idempotency-Key": string;
            };
            readonly path: {
                readonly party_id: string;
            };
            readonly cookie?: never;
        };
        readonly requestBody: {
            readonly content: {
                readonly "application/json": components["schemas"]["StaffLoginEndIn"];
            };
        };
        readonly responses: {
            /** @description Successful Response */
            readonly 200: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["StaffLoginOut"];
                };
            };
        };
    };
    readonly resume_v1_parties__party_id__resumption_post: {
        readonly parameters: {
            readonly query?: never;
            readonly header: {
                /** @description a fresh one for each new act, the same one for its retries */
                readonly "Idempotency-Key": string;
            };
            readonly path: {
                readonly party_id: string;
            };
            readonly cookie?: never;
        };
        readonly requestBody: {
            readonly content: {
                readonly "application/json": components["schemas"]["StandingIn"];
            };
        };
        readonly responses: {
            /** @description Successful Response */
            readonly 200: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["PartyOut"];
                };
            };
        };
    };
    readonly self_checks_v1_parties__party_id__self_checks_get: {
        readonly parameters: {
            readonly query: {
                /** @description a security officer's or administrator's handle */
                readonly operator: string;
            };
            readonly header?: never;
            readonly path: {
                readonly party_id: string;
            };
            readonly cookie?: never;
        };
        readonly requestBody?: never;
        readonly responses: {
            /** @description Successful Response */
            readonly 200: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["SelfChecksOut"];
                };
            };
        };
    };
    readonly suspend_v1_parties__party_id__suspension_post: {
        readonly parameters: {
            readonly query?: never;
            readonly header: {
                /** @description a fresh one for each new act, the same one for its retries */
                readonly "Idempotency-Key": string;
            };
            readonly path: {
                readonly party_id: string;
            };
            readonly cookie?: never;
        };
        readonly requestBody: {
            readonly content: {
                readonly "application/json": components["schemas"]["StandingIn"];
            };
        };
        readonly responses: {
            /** @description Successful Response */
            readonly 200: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["PartyOut"];
                };
            };
        };
    };
    readonly applications_v1_parties_applications_get: {
        readonly parameters: {
            readonly query: {
                /** @description a security officer's or administrator's handle */
                readonly operator: string;
            };
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly requestBody?: never;
        readonly responses: {
            /** @description Successful Response */
            readonly 200: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["ApplicationsOut"];
                };
            };
        };
    };
    readonly file_v1_parties_applications_post: {
        readonly parameters: {
            readonly query?: never;
            readonly header: {
                /** @description a fresh one for each new act, the same one for its retries */
                readonly "Idempotency-Key": string;
            };
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly requestBody: {
            readonly content: {
                readonly "application/json": components["schemas"]["ApplicationIn"];
            };
        };
        readonly responses: {
            /** @description Successful Response */
            readonly 201: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["ApplicationOut"];
                };
            };
        };
    };
    readonly decide_v1_parties_applications__application_id__decision_post: {
        readonly parameters: {
            readonly query?: never;
            readonly header: {
                /** @description a fresh one for each new act, the same one for its retries */
                readonly "Idempotency-Key": string;
            };
            readonly path: {
                readonly application_id: string;
            };
            readonly cookie?: never;
        };
        readonly requestBody: {
            readonly content: {
                readonly "application/json": components["schemas"]["ApplicationDecisionIn"];
            };
        };
        readonly responses: {
            /** @description Successful Response */
            readonly 200: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["ApplicationOut"];
                };
            };
        };
    };
    readonly statistics_v1_parties_statistics_get: {
        readonly parameters: {
            readonly query: {
                readonly days?: number;
                /** @description a security officer's or administrator's handle */
                readonly operator: string;
            };
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly requestBody?: never;
        readonly responses: {
            /** @description Successful Response */
            readonly 200: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["StatisticsOut"];
                };
            };
        };
    };
    readonly scan_v1_presentations_post: {
        readonly parameters: {
            readonly query?: never;
            readonly header: {
                /** @description a fresh one for each new act, the same one for its retries */
                readonly "Idempotency-Key": string;
            };
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly requestBody: {
            readonly content: {
                readonly "application/json": components["schemas"]["ScanIn"];
            };
        };
        readonly responses: {
            /** @description Successful Response */
            readonly 201: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["SeenOut"];
                };
            };
        };
    };
    readonly newest_version_v1_registers__kind__get: {
        readonly parameters: {
            readonly query?: {
                readonly below?: number | null;
            };
            readonly header?: never;
            readonly path: {
                readonly kind: string;
            };
            readonly cookie?: never;
        };
        readonly requestBody?: never;
        readonly responses: {
            /** @description Successful Response */
            readonly 200: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["RegisterOut"];
                };
            };
        };
    };
    readonly templates_v1_templates_get: {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly requestBody?: never;
        readonly responses: {
            /** @description Successful Response */
            readonly 200: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["TemplatesOut"];
                };
            };
        };
    };
    readonly open_use_v1_uses_post: {
        readonly parameters: {
            readonly query?: never;
            readonly header: {
                /** @description a fresh one for each new act, the same one for its retries */
                readonly "Idempotency-Key": string;
            };
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly requestBody: {
            readonly content: {
                readonly "application/json": components["schemas"]["UseIn"];
            };
        };
        readonly responses: {
            /** @description Successful Response */
            readonly 201: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["UseOut"];
                };
            };
        };
    };
}
