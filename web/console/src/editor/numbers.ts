/** Case numbers by a pattern, as the node makes them (`materials.catalogue.items.check_case_number`). */

/** What a pattern may name, as it is mostly written. */
export const NAMED: readonly { readonly written: string; readonly zh: string; readonly en: string }[] = [
  { written: "{division}", zh: "区划", en: "Division" },
  { written: "{day:%Y%m%d}", zh: "日期", en: "Day" },
  { written: "{serial:06d}", zh: "流水号", en: "Serial number" },
  { written: "{org}", zh: "单位代码", en: "Organisation" },
  { written: "{item}", zh: "实施编码", en: "Item code" },
];
const NUMBER = /^[0-9A-Z][0-9A-Z._-]{5,63}$/;
const PART = /\{(\w+)(?::([^{}]*))?\}|[{}]/g;

/** The first number that a pattern makes on a day; null where the page cannot tell: then the node does. */
export function example(pattern: string, item: string, at: Date): string | null {
  const year = String(at.getFullYear());
  const days: Readonly<Record<string, string>> = { Y: year, y: year.slice(2), m: String(at.getMonth() + 1).padStart(2, "0"), d: String(at.getDate()).padStart(2, "0") };
  const words: Readonly<Record<string, string>> = { division: item.slice(2, 8), item, org: item.slice(0, 18) };
  let isKnown = true;
  const unknown = (): string => {
    isKnown = false;
    return "";
  };
  const made = pattern.replace(PART, (_, name = "", form = "") => {
    if (name === "serial") {
      const width = /^(?:0(\d{1,2}))?d?$/.exec(form);
      return width ? "1".padStart(Number(width[1] ?? 0), "0") : unknown();
    }
    if (name === "day" && form) return form.replace(/%(.)/g, (__: string, each: string) => days[each] ?? unknown());
    return form === "" ? (words[name] ?? unknown()) : unknown();
  });
  return isKnown && pattern.includes("{serial") && NUMBER.test(made) ? made : null;
}
