/** What every part of a form is given: the definition, how a place of it is changed, what is wrong there, what is locked. */

import { inject, type ComputedRef, type InjectionKey, type ShallowRef } from "vue";

import type { Held, Json, Place } from "./json.ts";
import type { Wrong } from "./wrong.ts";

/** What a definition may name: types by their codes, the fields of licences' faces. */
export interface Known {
  readonly materials: ReadonlyMap<string, { readonly name: string; readonly licence: string | null }>;
  readonly licences: ReadonlyMap<string, { readonly name: string; readonly fields: readonly { readonly name: string; readonly title: string }[] }>;
}

export interface Form {
  readonly held: ComputedRef<Held>;
  /** As it is in force. */
  readonly published: ShallowRef<Held | null>;
  readonly known: ShallowRef<Known>;
  readonly wrong: ShallowRef<Wrong | null>;
  /** The value of a place; undefined where there is none. */
  readonly get: (place: Place) => Json | undefined;
  /** Another value; undefined takes the member away. */
  readonly set: (place: Place, value: Json | undefined) => void;
}

export const FORM: InjectionKey<Form> = Symbol("form");

export function useForm(): Form {
  const form = inject(FORM);
  if (!form) throw new Error("a part of a form outside of a form");
  return form;
}

const begins = (place: Place, whole: Place): boolean => whole.every((each, n) => place[n] === each);

/** Whether what is wrong is at a place or in it. */
export const isIn = (wrong: Wrong | null, place: Place): boolean => wrong !== null && place.length > 0 && begins(wrong.place, place);

/** Values that must stay where they are, and why. */
export interface Stays {
  readonly values: readonly string[];
  readonly reason: string;
}

/** One value that may be chosen. */
export interface Offer {
  readonly value: string;
  readonly text: string;
}

/** The rows of a list. */
export const rowsOf = (held: Json | undefined): readonly Json[] => (Array.isArray(held) ? (held as readonly Json[]) : []);
export const text = (held: Json | undefined): string => (typeof held === "string" ? held : typeof held === "number" ? String(held) : "");
export const texts = (held: Json | undefined): string[] => rowsOf(held).map(text);
/** A code that is not taken: `name`, `name-2`, … */
export function fresh(name: string, taken: readonly string[]): string {
  for (let n = 1; ; n += 1) {
    const code = n === 1 ? name : `${name}-${n}`;
    if (!taken.includes(code)) return code;
  }
}
