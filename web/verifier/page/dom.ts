/** Building elements. Text is only ever set as text: no markup is parsed anywhere on this page. */

type Child = Node | string | null;

/** An element with a class, attributes and children. */
export function element<K extends keyof HTMLElementTagNameMap>(
  tag: K,
  className: string,
  ...children: readonly Child[]
): HTMLElementTagNameMap[K] {
  const made = document.createElement(tag);
  if (className !== "") made.className = className;
  made.append(...children.filter((child) => child !== null));
  return made;
}

/** The element of an id that the page's HTML holds. */
export function byId<T extends HTMLElement>(id: string, type: new () => T): T {
  const found = document.getElementById(id);
  if (!(found instanceof type)) throw new Error(`no element ${id}`);
  return found;
}

const SVG = "http://www.w3.org/2000/svg";
const ICONS = {
  ok: ["M5 12.5l4.5 4.5L19 7.5"],
  failed: ["M7 7l10 10", "M17 7L7 17"],
  unproven: ["M12 6.5v7", "M12 17.2v.3"],
  skipped: ["M7.5 12h9"],
  unreached: [],
  bundle: ["M6 3.5h8l4 4v13H6z", "M14 3.5v4h4", "M9 14l2.2 2.2L15.5 12"],
  trust: ["M8.5 14.5a4.5 4.5 0 1 1 3.6-1.8L20 20.5", "M16 16.5l2-2", "M8.3 10h.1"],
  document: ["M6 3.5h8l4 4v13H6z", "M14 3.5v4h4", "M9 12h6", "M9 15.5h6"],
  lock: ["M6.5 11h11v9h-11z", "M9 11V8a3 3 0 0 1 6 0v3"],
} as const;
export type Icon = keyof typeof ICONS;

/** A line drawing of 24 by 24; said by nobody, because the text beside it says the same. */
export function icon(name: Icon): SVGSVGElement {
  const drawing = document.createElementNS(SVG, "svg");
  drawing.setAttribute("viewBox", "0 0 24 24");
  drawing.setAttribute("aria-hidden", "true");
  drawing.classList.add("icon");
  for (const line of ICONS[name]) {
    const path = document.createElementNS(SVG, "path");
    path.setAttribute("d", line);
    drawing.append(path);
  }
  return drawing;
}
