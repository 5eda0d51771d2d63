/** Keys that work everywhere, and those of the page that is open. Alt, so that none is typed by accident. */

import { onMounted, onUnmounted, reactive } from "vue";

export interface Shortcut {
  /** `Alt+N`, `Ctrl+Enter`; letters and digits by their place on the keyboard. */
  readonly keys: string;
  readonly zh: string;
  readonly en: string;
  readonly run: () => void;
}

/** What works now; the sheet of shortcuts shows it. */
export const shortcuts = reactive<Shortcut[]>([]);

function pressed(event: KeyboardEvent): string {
  const key = /^(Key|Digit)./.test(event.code) ? event.code.replace(/^(Key|Digit)/, "") : event.key;
  return [event.altKey && "Alt", (event.ctrlKey || event.metaKey) && "Ctrl", event.shiftKey && "Shift", key].filter(Boolean).join("+");
}

addEventListener("keydown", (event) => {
  if (event.repeat || event.isComposing) return;
  const name = pressed(event);
  const found = shortcuts.findLast(({ keys }) => keys === name);
  if (!found) return;
  event.preventDefault();
  found.run();
});

/** Shortcuts for as long as a part of the page is there. */
export function useShortcuts(...held: Shortcut[]): void {
  onMounted(() => shortcuts.push(...held));
  onUnmounted(() => {
    const keep = shortcuts.filter((each) => !held.some(({ keys, run }) => keys === each.keys && run === each.run));
    shortcuts.splice(0, shortcuts.length, ...keep);
  });
}
