/**
 * Pages of paper as they are put together at the desk, before anything leaves the device: pictures from files or the
 * camera, pages of PDF files. Every change makes a new list, so that each can be undone.
 */

import { look, type Quality } from "./quality.ts";

/** Longest side of a picture that is kept, in pixels: A4 at 300 dpi. */
const LONGEST = 3508;
const JPEG = 0.86;

export interface Page {
  readonly id: number;
  /** The file it came from, as the device names it. */
  readonly name: string;
  /** Clockwise, in degrees. */
  readonly turned: 0 | 90 | 180 | 270;
  /** A picture as JPEG. */
  readonly picture: { readonly blob: Blob; readonly url: string; readonly width: number; readonly height: number; readonly quality: Quality } | null;
  /** Or a page of a PDF file, by its place. */
  readonly pdf: { readonly file: File; readonly index: number; readonly of: number } | null;
  /** The whole file it is, where it was not changed. */
  readonly original: File | null;
}

/** A file that no browser can take apart: it can be handed in as it is, alone. */
export class NotPagesError extends Error {
  constructor(readonly file: File) {
    super(file.name);
  }
}

let last = 0;
const fresh = (): number => (last += 1);

/** The pages of a file. */
export async function pagesOf(file: File): Promise<Page[]> {
  return isPdf(file) ? ofPdf(file) : [await ofPicture(file, file.name, file)];
}

const isPdf = (file: File): boolean => file.type === "application/pdf" || /\.pdf$/i.test(file.name);

async function ofPdf(file: File): Promise<Page[]> {
  const { count } = await import("./pdf.ts");
  const of = await count(file).catch(() => 0);
  if (of === 0) throw new NotPagesError(file); // shut with a password, or no PDF
  return Array.from({ length: of }, (_, index) => ({
    id: fresh(), name: file.name, turned: 0, picture: null, pdf: { file, index, of }, original: of === 1 ? file : null,
  }));
}

/** A picture that was taken or chosen, turned as its camera says. */
export async function ofPicture(source: Blob, name: string, original: File | null): Promise<Page> {
  let bitmap: ImageBitmap;
  try {
    bitmap = await createImageBitmap(source, { imageOrientation: "from-image" });
  } catch {
    throw new NotPagesError(new File([source], name, { type: source.type }));
  }
  const scale = Math.min(1, LONGEST / Math.max(bitmap.width, bitmap.height));
  const page = await drawn(bitmap, name, original, { x: 0, y: 0, width: bitmap.width, height: bitmap.height }, scale);
  bitmap.close();
  return page;
}

interface Part {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

async function drawn(source: ImageBitmap, name: string, original: File | null, part: Part, scale: number): Promise<Page> {
  const canvas = document.createElement("canvas");
  [canvas.width, canvas.height] = [Math.max(1, Math.round(part.width * scale)), Math.max(1, Math.round(part.height * scale))];
  const context = canvas.getContext("2d", { willReadFrequently: true });
  if (!context) throw new TypeError("no canvas");
  context.fillStyle = "#fff"; // what is see-through is paper
  context.fillRect(0, 0, canvas.width, canvas.height);
  context.drawImage(source, part.x, part.y, part.width, part.height, 0, 0, canvas.width, canvas.height);
  const quality = look(canvas);
  const blob = await new Promise<Blob | null>((resolve) => canvas.toBlob(resolve, "image/jpeg", JPEG));
  if (!blob) throw new TypeError("no picture");
  const picture = { blob, url: URL.createObjectURL(blob), width: canvas.width, height: canvas.height, quality };
  return { id: fresh(), name, turned: 0, picture, pdf: null, original };
}

/** A page turned by a quarter. */
export function turned(page: Page, by: 90 | -90): Page {
  return { ...page, turned: ((page.turned + by + 360) % 360) as Page["turned"], original: null };
}

/** The two halves of a sheet that was laid open, in reading order; as it is seen, turned or not. */
export async function halves(page: Page): Promise<[Page, Page]> {
  if (!page.picture) throw new TypeError("only a picture has halves");
  const bitmap = await createImageBitmap(await upright(page));
  const { width, height } = bitmap;
  const isWide = width >= height;
  const first = isWide ? { x: 0, y: 0, width: Math.floor(width / 2), height } : { x: 0, y: 0, width, height: Math.floor(height / 2) };
  const second = isWide
    ? { x: first.width, y: 0, width: width - first.width, height }
    : { x: 0, y: first.height, width, height: height - first.height };
  const made: [Page, Page] = [await drawn(bitmap, page.name, null, first, 1), await drawn(bitmap, page.name, null, second, 1)];
  bitmap.close();
  return made;
}

/** A page's picture, turned as it is shown. */
export async function upright(page: Page): Promise<Blob> {
  if (!page.picture) throw new TypeError("no picture");
  if (page.turned === 0) return page.picture.blob;
  const bitmap = await createImageBitmap(page.picture.blob);
  const isSideways = page.turned % 180 !== 0;
  const canvas = document.createElement("canvas");
  [canvas.width, canvas.height] = isSideways ? [bitmap.height, bitmap.width] : [bitmap.width, bitmap.height];
  const context = canvas.getContext("2d");
  if (!context) throw new TypeError("no canvas");
  context.translate(canvas.width / 2, canvas.height / 2);
  context.rotate((page.turned * Math.PI) / 180);
  context.drawImage(bitmap, -bitmap.width / 2, -bitmap.height / 2);
  bitmap.close();
  const blob = await new Promise<Blob | null>((resolve) => canvas.toBlob(resolve, "image/jpeg", JPEG));
  if (!blob) throw new TypeError("no picture");
  return blob;
}

/** The one file these pages are: as it came where nothing was changed, else a PDF made here. */
export async function assembled(pages: readonly Page[], name: string): Promise<File> {
  const [first] = pages;
  if (pages.length === 1 && first?.original) return first.original;
  const whole = first?.pdf;
  const isWhole = whole && whole.of === pages.length && pages.every((page, index) => page.pdf?.file === whole.file && page.pdf.index === index && page.turned === 0);
  if (isWhole) return whole.file;
  const { together } = await import("./pdf.ts");
  return new File([(await together(pages)) as BlobPart], `${name}.pdf`, { type: "application/pdf" });
}

/** Let go of the pictures' memory. */
export function forget(lists: readonly (readonly Page[])[]): void {
  const urls = new Set(lists.flat().flatMap((page) => (page.picture ? [page.picture.url] : [])));
  for (const url of urls) URL.revokeObjectURL(url);
}
