/** What passes between the page and its worker. */

import type { View } from "../src/view.ts";

/** Of a document without a bundle: what its evidence must name. */
export interface Digests {
  readonly size: number;
  readonly sha256: string;
  readonly sm3: string;
}

export interface Request {
  readonly id: number;
  /** null: nothing to verify yet; the document's digests are told. */
  readonly bundle: Uint8Array<ArrayBuffer> | null;
  readonly trust: Uint8Array | null;
  readonly document: Uint8Array<ArrayBuffer> | null;
}

export type Outcome =
  | { readonly id: number; readonly view: View; readonly milliseconds: number }
  | { readonly id: number; readonly digests: Digests }
  | { readonly id: number; readonly trustError: string }
  | { readonly id: number; readonly crash: string };
