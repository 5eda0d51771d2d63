/** The front page: its language, and how much the log holds at this moment. */

import { apply, kept, type Language } from "../../shared/keeping.ts";

const dark = matchMedia("(prefers-color-scheme: dark)");
const chosen = { ...kept() };
apply(chosen, dark.matches); // before anything is drawn
dark.addEventListener("change", () => apply(chosen, dark.matches));

document.addEventListener("DOMContentLoaded", () => {
  const buttons = (["zh", "en"] as const).map((language) => {
    const button = document.querySelector<HTMLButtonElement>(`#${language}`)!;
    button.addEventListener("click", () => choose(language));
    return { language, button };
  });
  let held: { size: number; witnesses: number } | null = null;

  function choose(language: Language): void {
    chosen.language = language;
    apply(chosen, dark.matches);
    for (const each of buttons) each.button.setAttribute("aria-pressed", String(each.language === language));
    tell();
  }

  function tell(): void {
    const place = document.querySelector("#log")!;
    if (held === null) return;
    const { size, witnesses } = held;
    place.textContent =
      chosen.language === "zh"
        ? `日志现有 ${size.toLocaleString("zh-CN")} 条记录，由 ${witnesses} 个见证方联署。`
        : `The log holds ${size.toLocaleString("en")} entries; witnesses who cosign it: ${witnesses}.`;
  }

  choose(chosen.language);
  void read().then((found) => {
    held = found;
    tell();
  });
});

/** Size and cosigners as the newest checkpoint names them (C2SP tlog-checkpoint); null where it cannot be read. */
async function read(): Promise<{ size: number; witnesses: number } | null> {
  try {
    const answer = await fetch("/log/checkpoint", { signal: AbortSignal.timeout(10_000) });
    if (!answer.ok) return null;
    const lines = (await answer.text()).split("\n");
    const size = Number(lines[1]);
    const signed = lines.filter((line) => line.startsWith("— ")).length;
    return Number.isSafeInteger(size) ? { size, witnesses: Math.max(signed - 1, 0) } : null;
  } catch {
    return null; // the doors work all the same
  }
}
