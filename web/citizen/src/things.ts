/** What the exchange tells of one's own things, by the names these pages use; the shapes are the exchange's own. */

import type { Schemas } from "../../shared/client.ts";

export type Licence = Schemas["LicenceOut"];
export type FullLicence = Schemas["FullLicenceOut"];
export type Material = Schemas["MaterialOut"];
export type HeldCode = Schemas["HeldCodeOut"];
/** A code as it was just made. */
export type MadeCode = Schemas["MadeCodeOut"];
export type Line = Schemas["LineOut"];
export type Ledger = Schemas["LedgerOut"];
export type Report = Schemas["ReportOut"];
export type Dispute = Schemas["DisputeOut"];
/** What somebody is asked to say yes or no to; `statement` is signed over by its digest. */
export type Inquiry = Schemas["InquiryOut"];
export type Decided = Schemas["DecidedOut"];
export type Linked = Schemas["LinkedOut"];
export type Objection = Schemas["ObjectionOut"];
export type Notice = Schemas["TellingOut"];
export type Delegation = Schemas["OwnDelegationOut"];
export type Scan = Schemas["ScanOut"];
