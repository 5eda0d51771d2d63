/** What passes between the page and its worker. */

import type { View } from "../src/view.ts";

export interface Request {
  readonly id: number;
  readonly bundle: Uint8Array<ArrayBuffer>;
  readonly trust: Uint8Array | null;
  readonly document: Uint8Array<ArrayBuffer> | null;
}

export type Outcome =
  | { readonly id: number; readonly view: View; readonly milliseconds: number }
  | { readonly id: number; readonly trustError: string }
  | { readonly id: number; readonly crash: string };
