/** What every page is held to: text that stands out. */

/** Texts whose contrast (WCAG 2.2, 1.4.3) with the ground they stand on is too small. */
export async function faint(page) {
  await still(page);
  return page.evaluate(found);
}

/** When what fades or moves in has come in: before that it has another contrast, and another place. */
export async function still(page) {
  await page.evaluate(() => new Promise((drawn) => requestAnimationFrame(() => requestAnimationFrame(drawn))));
  await page.waitForFunction(() => document.getAnimations().every(({ playState, effect }) => playState !== "running" || effect.getComputedTiming().iterations === Infinity));
}

/** In the page. */
function found() {
  const paint = document.createElement("canvas").getContext("2d", { willReadFrequently: true });
  const rgba = (colour) => {
    paint.clearRect(0, 0, 1, 1);
    paint.fillStyle = colour;
    paint.fillRect(0, 0, 1, 1);
    return [...paint.getImageData(0, 0, 1, 1).data];
  };
  const light = ([r, g, b]) => {
    const [x, y, z] = [r, g, b].map((part) => (part / 255 <= 0.04045 ? part / 255 / 12.92 : ((part / 255 + 0.055) / 1.055) ** 2.4));
    return 0.2126 * x + 0.7152 * y + 0.0722 * z;
  };
  const ground = (node) => {
    const colour = rgba(getComputedStyle(node).backgroundColor);
    return colour[3] === 255 || node === document.documentElement ? colour : ground(node.parentElement);
  };
  const opacity = (node) => (node === null ? 1 : Number(getComputedStyle(node).opacity) * opacity(node.parentElement));
  const all = [];
  for (const node of document.querySelectorAll("body *")) {
    const own = [...node.childNodes].some((child) => child.nodeType === Node.TEXT_NODE && child.data.trim() !== "");
    if (!own || node.getClientRects().length === 0 || node.closest("[aria-hidden], noscript, :disabled")) continue;
    const back = ground(node);
    const share = opacity(node);
    const front = rgba(getComputedStyle(node).color).map((part, i) => part * share + back[i] * (1 - share));
    const [low, high] = [light(front), light(back)].sort((a, b) => a - b);
    const ratio = (high + 0.05) / (low + 0.05);
    if (ratio < 4.5) all.push(`${node.className || node.tagName}: ${ratio.toFixed(2)}`);
  }
  return [...new Set(all)];
}
