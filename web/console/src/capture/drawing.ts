/**
 * Pages of PDF files as they look: drawn by the node one after another, once they were in view, and kept by the page that
 * shows them alone. What cannot be drawn stays a sign; it can be handed in all the same.
 */

import { onUnmounted, shallowReactive } from "vue";

import { Problem } from "../../../shared/exchange.ts";
import { ask, operator } from "../../../shared/staff/session.ts";
import type { Page } from "./pages.ts";

type PdfPage = NonNullable<Page["pdf"]>;

export interface Drawings {
  /** Address of a page's picture; undefined as long as there is none. */
  readonly of: (page: PdfPage) => string | undefined;
  /** It is in view. */
  readonly want: (page: PdfPage) => void;
}

/** Times a page is asked for while others have the node's turns at drawing, and the pause between, in milliseconds. */
const TRIES = 5;
const PAUSE = 2_000;

export function useDrawings(): Drawings {
  const urls = shallowReactive(new Map<string, string>());
  const wanted = new Set<string>();
  const files = new WeakMap<File, number>();
  let [last, era, queue] = [0, 0, Promise.resolve()];

  function nameOf({ file, index }: PdfPage): string {
    const number = files.get(file) ?? (last += 1);
    files.set(file, number);
    return `${number}/${index}`;
  }
  async function draw(page: PdfPage, began: number): Promise<void> {
    const { alone } = await import("./pdf.ts");
    const body = await alone(page.file, page.index);
    for (let n = 1; began === era; n += 1) {
      try {
        const answer = await ask({ method: "POST", path: `/v1/page-pictures?operator=${encodeURIComponent(operator.value)}`, body, accept: "image/png" });
        const picture = await answer.blob();
        if (began === era) urls.set(nameOf(page), URL.createObjectURL(picture));
        return;
      } catch (error) {
        if (!(error instanceof Problem) || error.code !== "pages-busy" || n === TRIES) return;
        await new Promise((resolve) => setTimeout(resolve, PAUSE));
      }
    }
  }
  function want(page: PdfPage): void {
    const name = nameOf(page);
    if (wanted.has(name)) return;
    wanted.add(name);
    const began = era;
    queue = queue.then(() => (began === era ? draw(page, began).catch(() => undefined) : undefined));
  }
  function clear(): void {
    era += 1;
    for (const url of urls.values()) URL.revokeObjectURL(url);
    urls.clear();
    wanted.clear();
  }
  onUnmounted(clear);
  return { of: (page) => urls.get(nameOf(page)), want };
}
