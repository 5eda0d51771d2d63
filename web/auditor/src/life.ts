/** A look's lines as a picture in time: lanes of organisations, a mark for each thing done, arcs for what came from what. */

import type { Line, Version } from "./things.ts";

/** What a mark looks like; its name is said in words beside it. */
export type Shape = "deposit" | "version" | "use" | "reuse" | "shown" | "refused" | "dispute" | "settled" | "sent" | "erased" | "end" | "act";

export interface Mark {
  readonly line: Line;
  readonly shape: Shape;
  readonly lane: number;
  readonly x: number;
  readonly y: number;
}

export interface Arc {
  readonly from: Mark;
  readonly to: Mark;
  readonly kind: "use" | "version";
}

export interface Life {
  readonly lanes: readonly { readonly code: string | null; readonly name: string; readonly y: number }[];
  readonly marks: readonly Mark[];
  readonly arcs: readonly Arc[];
  /** Where a new day begins. */
  readonly days: readonly { readonly x: number; readonly at: string }[];
  readonly width: number;
  readonly height: number;
}

const STEP = 76;
const LANE = 84;
const LEFT = 40;
const TOP = 44;
/** Room for a day that begins. */
const PAUSE = 26;

/** Operations by which a licence or a version of one comes to be: issued, renewed, transferred in, changed. */
const ISSUING = ["01", "02", "08", "09"];

/** For which case each document came in, where that is told. */
function originsOf(lines: readonly Line[], versions: readonly Version[]): ReadonlyMap<string, string> {
  const told = lines.filter(({ kind }) => kind === "deposited").map(({ object_id: id, case_no: no }) => [id, no] as const);
  const all = [...told, ...versions.map(({ id, origin_case_no: no }) => [id, no] as const)];
  return new Map(all.filter((each): each is readonly [string, string] => each[0] !== null && each[1] !== null));
}

/** The shape of a line: a use in another case than the one the document came in for is a reuse. */
function shapeOf(line: Line, origins: ReadonlyMap<string, string>): Shape {
  switch (line.kind) {
    case "deposited":
      return "deposit";
    case "superseded":
      return "version";
    case "refused":
    case "scan-refused":
      return "refused";
    case "presented":
      return "shown";
    case "delivered":
    case "receipted":
      return "sent";
    case "erased":
      return "erased";
    case "withdrawn":
    case "closed":
      return "end";
    case "disputed":
      return "dispute";
    case "used": {
      const origin = origins.get(line.object_id ?? "");
      return origin !== undefined && origin === line.case_no ? "use" : "reuse";
    }
    default:
      if (line.kind.startsWith("dispute-")) return "settled";
      return ISSUING.includes(line.kind) ? "deposit" : "act";
  }
}

/** Lines that are a reuse. */
export function reuses(lines: readonly Line[], versions: readonly Version[]): ReadonlySet<Line> {
  const origins = originsOf(lines, versions);
  return new Set(lines.filter((line) => shapeOf(line, origins) === "reuse"));
}

/** Lay a life out: from left to right in the order of time, from top to bottom by who did it, holders last. */
export function layOut(lines: readonly Line[], versions: readonly Version[], whoOf: (line: Line) => string, dayOf: (at: string) => string): Life {
  const origins = originsOf(lines, versions);
  const keyOf = (line: Line): string | null => line.org_code ?? (line.kind === "erased" ? "node" : null);
  const codes = [...new Set(lines.map(keyOf))].sort((a, b) => Number(a === null) - Number(b === null));
  const names = new Map(lines.map((line) => [keyOf(line), whoOf(line)]));
  const lanes = codes.map((code, i) => ({ code, name: names.get(code) ?? "", y: TOP + LANE * i + LANE / 2 }));
  const days: { x: number; at: string }[] = [];
  let x = LEFT;
  const marks = lines.map((line): Mark => {
    if (days.at(-1) === undefined || dayOf(days.at(-1)?.at ?? "") !== dayOf(line.at)) {
      days.push({ x, at: line.at });
      x += PAUSE;
    }
    const lane = codes.indexOf(keyOf(line));
    const mark = { line, shape: shapeOf(line, origins), lane, x: x + STEP / 2, y: lanes[lane]?.y ?? TOP };
    x += STEP;
    return mark;
  });
  return { lanes, marks, arcs: arcsOf(marks, versions), days, width: x + LEFT, height: TOP + LANE * lanes.length + 8 };
}

function arcsOf(marks: readonly Mark[], versions: readonly Version[]): Arc[] {
  const origins = new Map<string, Mark>();
  for (const mark of marks) {
    const { object_id: id } = mark.line;
    if (mark.shape === "deposit" && id !== null && !origins.has(id)) origins.set(id, mark);
  }
  const arcs: Arc[] = [];
  for (const mark of marks) {
    const from = origins.get(mark.line.object_id ?? "");
    if (from && from !== mark) arcs.push({ from, to: mark, kind: "use" });
    const next = origins.get(mark.line.related ?? "");
    if (next) arcs.push({ from: mark, to: next, kind: "version" });
  }
  // A version that no line names as the successor, as of licences, follows the one before it.
  const told = new Set(arcs.filter(({ kind }) => kind === "version").map(({ to }) => to));
  versions.forEach(({ id }, i) => {
    const [from, to] = [origins.get(versions[i - 1]?.id ?? ""), origins.get(id)];
    if (from && to && !told.has(to)) arcs.push({ from, to, kind: "version" });
  });
  return arcs;
}

/** The path of an arc: straight within a lane, else a bow. */
export function pathOf({ from, to }: Arc): string {
  if (from.y === to.y) {
    const middle = (from.x + to.x) / 2;
    const bow = Math.min(30, 10 + Math.abs(to.x - from.x) / 12);
    return `M${from.x} ${from.y - 13} Q${middle} ${from.y - 13 - bow} ${to.x} ${to.y - 15}`;
  }
  // From its side, so that no arc crosses the name beneath a mark.
  const side = to.y > from.y ? 15 : -15;
  return `M${from.x + 13} ${from.y} C${from.x + 46} ${from.y} ${to.x} ${from.y + side} ${to.x} ${to.y - side}`;
}
