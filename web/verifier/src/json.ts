/**
 * The JSON of both files (docs/evidence.md section 1) and its canonical form.
 *
 * `JSON.parse` is not used: it keeps the last of two members of one name, rounds large integers and gives objects a
 * prototype. Here an object is a `Map`, so that a member called `__proto__` is a member like any other.
 */

import { fromUtf8, utf8 } from "./bytes.ts";
import { demand, Failure } from "./failure.ts";

export type Json = null | boolean | number | string | Json[] | JsonObject;
export type JsonObject = Map<string, Json>;

const MAX_DEPTH = 32;
const SPACE = /[ \t\n\r]*/y;
const NUMBER = /-?(?:0|[1-9][0-9]*)/y;
/** A run of characters that need no escape: everything but quote, backslash and controls (RFC 8259 section 7). */
const PLAIN = /[^"\\\u0000-\u001f]*/y;
const LONE_SURROGATE = /\p{Surrogate}/u;
const ASCII = /^[\u0000-\u007f]*$/;
const ESCAPES: Readonly<Record<string, string>> = {
  '"': '"', "\\": "\\", "/": "/", b: "\b", f: "\f", n: "\n", r: "\r", t: "\t",
};
const SHORT: Readonly<Record<string, string>> = {
  '"': '\\"', "\\": "\\\\", "\b": "\\b", "\t": "\\t", "\n": "\\n", "\f": "\\f", "\r": "\\r",
};

/** Read one JSON object from bytes, or raise a `Failure`. */
export function readObject(bytes: Uint8Array, limit: number): JsonObject {
  demand(bytes.length <= limit, `larger than ${limit} bytes`);
  const value = new Reader(fromUtf8(bytes)).whole();
  demand(value instanceof Map, "not a JSON object");
  return value;
}

class Reader {
  private at = 0;
  private depth = 0;

  constructor(private readonly text: string) {}

  /** The one value of the text, with nothing after it. */
  whole(): Json {
    const value = this.value();
    demand(this.at === this.text.length, "something follows the JSON value");
    return value;
  }

  private value(): Json {
    this.skip(SPACE);
    const value = this.bare();
    this.skip(SPACE);
    return value;
  }

  private bare(): Json {
    switch (this.text[this.at]) {
      case "{":
        return this.nested(() => this.object());
      case "[":
        return this.nested(() => this.array());
      case '"':
        return this.string();
      case "t":
        return this.word("true", true);
      case "f":
        return this.word("false", false);
      case "n":
        return this.word("null", null);
      default:
        return this.number();
    }
  }

  private nested<T>(read: () => T): T {
    demand(++this.depth <= MAX_DEPTH, "nested too deeply");
    this.at++;
    const value = read();
    this.depth--;
    return value;
  }

  private object(): JsonObject {
    const members: JsonObject = new Map();
    this.skip(SPACE);
    if (this.takes("}")) return members;
    do {
      this.skip(SPACE);
      const name = this.string();
      demand(ASCII.test(name), "member name beyond ASCII");
      demand(!members.has(name), `two members named ${JSON.stringify(name)}`);
      this.skip(SPACE);
      this.expect(":");
      members.set(name, this.value());
    } while (this.takes(","));
    this.expect("}");
    return members;
  }

  private array(): Json[] {
    const items: Json[] = [];
    this.skip(SPACE);
    if (this.takes("]")) return items;
    do items.push(this.value());
    while (this.takes(","));
    this.expect("]");
    return items;
  }

  private string(): string {
    this.expect('"');
    let text = "";
    for (;;) {
      text += this.skip(PLAIN);
      if (this.takes('"')) break;
      this.expect("\\");
      text += this.escape();
    }
    demand(!LONE_SURROGATE.test(text), "lone surrogate");
    return text;
  }

  private escape(): string {
    const letter = this.text.charAt(this.at++);
    if (letter === "u") {
      const digits = this.text.slice(this.at, this.at + 4);
      demand(/^[0-9a-fA-F]{4}$/.test(digits), "bad escape");
      this.at += 4;
      return String.fromCharCode(parseInt(digits, 16));
    }
    const plain = Object.hasOwn(ESCAPES, letter) ? ESCAPES[letter] : undefined;
    demand(plain !== undefined, "bad escape");
    return plain;
  }

  private number(): number {
    const digits = this.skip(NUMBER);
    demand(digits !== "", "not JSON");
    demand(!/[.eE0-9]/.test(this.text.charAt(this.at)), "number that is not a plain integer");
    const value = Number(digits);
    demand(Number.isSafeInteger(value) && !Object.is(value, -0), "integer out of range");
    return value;
  }

  private word<T>(letters: string, value: T): T {
    demand(this.text.startsWith(letters, this.at), "not JSON");
    this.at += letters.length;
    return value;
  }

  private skip(run: RegExp): string {
    run.lastIndex = this.at;
    const found = run.exec(this.text)?.[0] ?? "";
    this.at += found.length;
    return found;
  }

  private takes(sign: string): boolean {
    if (this.text[this.at] !== sign) return false;
    this.at++;
    return true;
  }

  private expect(sign: string): void {
    demand(this.takes(sign), "not JSON");
  }
}

/** The bytes of RFC 8785 for a value that `readObject` returned, or that was put together from such. */
export function canonical(value: Json): Uint8Array {
  return utf8(spell(value));
}

function spell(value: Json): string {
  if (value === null || typeof value === "boolean" || typeof value === "number") return String(value);
  if (typeof value === "string") return quote(value);
  if (Array.isArray(value)) return `[${value.map(spell).join(",")}]`;
  // Names are ASCII, so the order of code units is that of bytes.
  const names = [...value.keys()].sort((a, b) => (a < b ? -1 : 1));
  return `{${names.map((name) => `${quote(name)}:${spell(value.get(name) ?? null)}`).join(",")}}`;
}

function quote(text: string): string {
  const escaped = text.replace(/["\\\u0000-\u001f]/g, (sign) => {
    return SHORT[sign] ?? "\\u" + sign.charCodeAt(0).toString(16).padStart(4, "0");
  });
  return `"${escaped}"`;
}

/** Whether two values are the same. */
export function same(a: Json | undefined, b: Json | undefined): boolean {
  if (a === undefined || b === undefined) return a === b;
  return spell(a) === spell(b);
}

/** An object whose members are exactly the named ones, `optional` ones aside. */
export function members(value: Json | undefined, what: string, names: string, optional = ""): JsonObject {
  demand(value instanceof Map, `${what}: not an object`);
  const [must, may] = [names.split(" "), optional === "" ? [] : optional.split(" ")];
  for (const name of value.keys()) demand(must.includes(name) || may.includes(name), `${what}: unknown member`);
  for (const name of must) demand(value.has(name), `${what}: ${name} missing`);
  return value;
}

/** A text member. */
export function textOf(value: Json | undefined, what: string): string {
  demand(typeof value === "string", `${what}: not a text`);
  return value;
}

/** An integer member of at least `least`. */
export function integerOf(value: Json | undefined, what: string, least = 0): number {
  demand(typeof value === "number" && value >= least, `${what}: not an integer of at least ${least}`);
  return value;
}

/** An array member with a number of items between two bounds. */
export function arrayOf(value: Json | undefined, what: string, least: number, most: number): Json[] {
  if (!Array.isArray(value)) throw new Failure(`${what}: not an array`);
  demand(value.length >= least && value.length <= most, `${what}: ${value.length} items`);
  return value;
}
