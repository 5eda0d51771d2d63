/**
 * Whether a picture of paper can be read: how fine it is, how sharp its edges, how light; and whether there is anything
 * on it. All of it is a hint for whoever stands at the desk; what the node reads of it decides.
 */

export interface Quality {
  /** Dots per inch if the paper is A4. */
  readonly dpi: number;
  /** 0 (washed out) to about 1 (crisp); null where there is too little to tell. */
  readonly sharpness: number | null;
  /** Share of the paper that is written on. */
  readonly ink: number;
  /** Mean lightness, 0 to 255. */
  readonly light: number;
  readonly isBlank: boolean;
}

export type Hint = "coarse" | "blurred" | "dark" | "pale";

/** Short side of A4 in inches. */
const A4 = 210 / 25.4;
/** Pixels along the short side at which a picture is judged: letters of body text are some ten pixels high. */
const JUDGED = 900;
const MARGIN = 0.04; // edges of the table or of the scanner are no writing
const BLANK = 0.0012;
const EDGE = 24;

/** Judge a canvas. */
export function look(canvas: HTMLCanvasElement): Quality {
  const scale = Math.min(1, JUDGED / Math.min(canvas.width, canvas.height));
  const [width, height] = [Math.max(8, Math.round(canvas.width * scale)), Math.max(8, Math.round(canvas.height * scale))];
  const small = document.createElement("canvas");
  [small.width, small.height] = [width, height];
  const context = small.getContext("2d", { willReadFrequently: true });
  if (!context) throw new TypeError("no canvas");
  context.drawImage(canvas, 0, 0, width, height);
  const grey = greys(context.getImageData(0, 0, width, height).data);
  const held = measured(grey, width, height);
  return { dpi: Math.round(Math.min(canvas.width, canvas.height) / A4), ...held, isBlank: held.ink < BLANK };
}

function greys(pixels: Uint8ClampedArray): Uint8Array {
  const grey = new Uint8Array(pixels.length / 4);
  for (let i = 0; i < grey.length; i += 1) {
    grey[i] = ((pixels[4 * i] ?? 0) * 77 + (pixels[4 * i + 1] ?? 0) * 150 + (pixels[4 * i + 2] ?? 0) * 29) >> 8;
  }
  return grey;
}

/** Ink, light and sharpness of a grey picture; exported for tests of the numbers themselves. */
export function measured(grey: Uint8Array, width: number, height: number): Omit<Quality, "dpi" | "isBlank"> {
  const [left, top] = [Math.floor(width * MARGIN) + 1, Math.floor(height * MARGIN) + 1];
  let [all, ink, light, edges, slope, bend] = [0, 0, 0, 0, 0, 0];
  const at = (x: number, y: number): number => grey[y * width + x] ?? 0;
  const paper = paperOf(grey);
  for (let y = top; y < height - top; y += 1) {
    for (let x = left; x < width - left; x += 1) {
      const here = at(x, y);
      all += 1;
      light += here;
      if (here < paper - 60) ink += 1;
      const steep = Math.abs(at(x + 1, y) - at(x - 1, y)) + Math.abs(at(x, y + 1) - at(x, y - 1));
      if (steep <= EDGE) continue;
      edges += 1;
      slope += steep;
      bend += Math.abs(4 * here - at(x + 1, y) - at(x - 1, y) - at(x, y + 1) - at(x, y - 1));
    }
  }
  const isEnough = edges > all * 0.0015;
  return { ink: all ? ink / all : 0, light: all ? light / all : 0, sharpness: isEnough ? bend / slope : null };
}

/** How light the paper is: the lightness nine tenths of the picture do not exceed. */
function paperOf(grey: Uint8Array): number {
  const counts = new Uint32Array(256);
  for (const each of grey) counts[each] = (counts[each] ?? 0) + 1;
  let left = grey.length * 0.1;
  for (let shade = 255; shade > 0; shade -= 1) {
    left -= counts[shade] ?? 0;
    if (left <= 0) return shade;
  }
  return 0;
}

/** What is wrong with a picture, the worst first. */
export function hints(quality: Quality): Hint[] {
  const found: Hint[] = [];
  if (quality.isBlank) return found;
  if (quality.dpi < 140) found.push("coarse");
  if (quality.sharpness !== null && quality.sharpness < 0.4) found.push("blurred");
  if (quality.light < 90) found.push("dark");
  if (quality.light > 251 && quality.ink < 0.004) found.push("pale");
  return found;
}
