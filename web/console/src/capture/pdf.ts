/** PDF files in the browser: counted, and put together of pictures and pages. Loaded when the first is needed. */

import { degrees, PDFDocument } from "@cantoo/pdf-lib";

import { upright, type Page } from "./pages.ts";

/** A4 in points. */
const SHORT = 595.28;
const LONG = 841.89;

/** Files that were opened, for as long as their pages are there. */
const open = new WeakMap<File, Promise<PDFDocument>>();

/** How many pages a PDF file has. */
export async function count(file: File): Promise<number> {
  return (await opened(file)).getPageCount();
}

function opened(file: File): Promise<PDFDocument> {
  const held = open.get(file) ?? file.arrayBuffer().then((bytes) => PDFDocument.load(bytes, { updateMetadata: false }));
  open.set(file, held);
  return held;
}

/** A page of a file as a file of its own. */
export async function alone(file: File, index: number): Promise<Blob> {
  const made = await PDFDocument.create();
  const [copied] = await made.copyPages(await opened(file), [index]);
  if (!copied) throw new TypeError("no such page");
  made.addPage(copied);
  return new Blob([(await made.save()) as BlobPart], { type: "application/pdf" });
}

/** One PDF of these pages, in their order: pictures fill A4, pages of other files stay what they are. */
export async function together(pages: readonly Page[]): Promise<Uint8Array> {
  const made = await PDFDocument.create();
  made.setProducer("Cailian console");
  for (const page of pages) {
    if (page.pdf) await copy(made, page);
    else await picture(made, page);
  }
  return made.save();
}

async function copy(made: PDFDocument, page: Page): Promise<void> {
  if (!page.pdf) return;
  const { file, index } = page.pdf;
  const [copied] = await made.copyPages(await opened(file), [index]);
  if (!copied) throw new TypeError("no such page");
  copied.setRotation(degrees((copied.getRotation().angle + page.turned) % 360));
  made.addPage(copied);
}

async function picture(made: PDFDocument, page: Page): Promise<void> {
  const held = await made.embedJpg(await (await upright(page)).arrayBuffer());
  const [width, height] = held.width > held.height ? [LONG, SHORT] : [SHORT, LONG];
  const scale = Math.min(width / held.width, height / held.height);
  const [wide, high] = [held.width * scale, held.height * scale];
  made.addPage([width, height]).drawImage(held, { x: (width - wide) / 2, y: (height - high) / 2, width: wide, height: high });
}
