/** JSON as the editors hold it: one text, places in it, and where two differ. */

export type Json = null | boolean | number | string | readonly Json[] | Held;
export interface Held {
  readonly [name: string]: Json;
}
/** From the outside in: names of members, places in lists (from 0). */
export type Place = readonly (string | number)[];

export interface Change {
  readonly path: string;
  readonly before: unknown;
  readonly after: unknown;
}

export const written = (held: Held): string => JSON.stringify(held, null, 1);
export const isHeld = (held: unknown): held is Held => typeof held === "object" && held !== null && !Array.isArray(held);

/** The object that a text is; null where it is none. */
export function parsed(text: string): Held | null {
  try {
    const held = JSON.parse(text) as Json;
    return isHeld(held) ? held : null;
  } catch {
    return null;
  }
}

/** A place as the node names it, counted from 1. */
export const pathOf = (place: Place): string => place.reduce<string>((before, each) => (typeof each === "number" ? `${before}[${each + 1}]` : before ? `${before}.${each}` : each), "");

export function valueAt(held: Json | undefined, place: Place): Json | undefined {
  return place.reduce<Json | undefined>((at, each) => (typeof each === "number" ? (Array.isArray(at) ? (at as readonly Json[])[each] : undefined) : isHeld(at) ? at[each] : undefined), held);
}

/** The same with another value at a place; without the member where that is undefined. What is on the way is made. */
export function withValue(held: Json | undefined, place: Place, value: Json | undefined): Json {
  const [first, ...rest] = place;
  if (first === undefined) return value ?? null;
  if (typeof first === "number") {
    const list = Array.isArray(held) ? (held as readonly Json[]) : [];
    return list.map((each, n) => (n === first ? withValue(each, rest, value) : each));
  }
  const members = isHeld(held) ? held : {};
  if (rest.length === 0 && value === undefined) {
    const { [first]: _, ...others } = members;
    return others;
  }
  return { ...members, [first]: withValue(members[first], rest, value) };
}

interface Spot {
  readonly line: number;
  readonly place: Place;
}

/** Where each value of a text begins; the text is right JSON. */
function spots(text: string): Spot[] {
  const found: Spot[] = [];
  let [at, line] = [0, 1];
  const skip = (): void => {
    for (; at < text.length && " \t\r\n".includes(text.charAt(at)); at += 1) if (text.charAt(at) === "\n") line += 1;
  };
  const string = (): string => {
    const from = at;
    for (at += 1; at < text.length && text.charAt(at) !== '"'; at += 1) if (text.charAt(at) === "\\") at += 1;
    at += 1;
    return JSON.parse(text.slice(from, at)) as string;
  };
  const members = (end: "}" | "]", one: (n: number) => void): void => {
    at += 1;
    skip();
    for (let n = 0; text.charAt(at) !== end; n += 1) {
      one(n);
      skip();
      if (text.charAt(at) === ",") at += 1;
      skip();
    }
    at += 1;
  };
  const value = (place: Place): void => {
    skip();
    found.push({ line, place });
    const first = text.charAt(at);
    if (first === "[") members("]", (n) => value([...place, n]));
    else if (first === '"') string();
    else if (first === "{") {
      members("}", () => {
        const name = string();
        skip();
        at += 1;
        value([...place, name]);
      });
    } else for (; at < text.length && !",]} \t\r\n".includes(text.charAt(at)); at += 1);
  };
  value([]);
  return found;
}

/** What begins in a line, the whole before its parts; what a line is within where nothing does. */
export function placeOf(text: string, line: number): Place {
  const all = spots(text);
  return (all.find((each) => each.line === line && each.place.length > 0) ?? all.findLast((each) => each.line < line))?.place ?? [];
}

/** The place of a path as `pathOf` writes it; null where nothing is there. */
export const placeAt = (text: string, path: string): Place | null => spots(text).find((each) => pathOf(each.place) === path)?.place ?? null;

/** The line in which a value begins. */
export function lineOf(text: string, place: Place): number {
  const name = pathOf(place);
  return spots(text).find((each) => pathOf(each.place) === name)?.line ?? 1;
}

/** Where two values differ, as the node tells it (`materials.editing.differences`); null stands for what is not there. */
export function differences(before: Json, after: Json, place: Place = []): Change[] {
  if (isHeld(before) && isHeld(after)) {
    const names = [...new Set([...Object.keys(before), ...Object.keys(after)])];
    return names.flatMap((name) => differences(before[name] ?? null, after[name] ?? null, [...place, name]));
  }
  if (Array.isArray(before) && Array.isArray(after)) {
    const [was, now] = [before as readonly Json[], after as readonly Json[]];
    return Array.from({ length: Math.max(was.length, now.length) }, (_, n) => differences(was[n] ?? null, now[n] ?? null, [...place, n])).flat();
  }
  return JSON.stringify(before) === JSON.stringify(after) ? [] : [{ path: pathOf(place), before, after }];
}

/** A value as a line of the comparison shows it. */
export const shown = (value: unknown): string => (value === null || value === undefined ? "—" : typeof value === "string" ? value : JSON.stringify(value, null, 1));
