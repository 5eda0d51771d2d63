/** The stack of pages that is worked on: what can be done to it, each step undone and done again. */

import { computed, onUnmounted, ref, shallowRef, type ComputedRef, type Ref } from "vue";

import { forget, halves, pagesOf, turned, type Page } from "./pages.ts";

export interface Stack {
  readonly pages: ComputedRef<readonly Page[]>;
  /** The place of the page that is worked on. */
  readonly at: Ref<number>;
  readonly canUndo: ComputedRef<boolean>;
  readonly canRedo: ComputedRef<boolean>;
  /** Pages that were blank and taken out by the last adding. */
  readonly blank: Ref<number>;
  readonly add: (files: readonly File[], where?: number) => Promise<void>;
  readonly put: (page: Page) => void;
  readonly turn: (place: number, by: 90 | -90) => void;
  readonly split: (place: number) => Promise<void>;
  readonly move: (from: number, to: number) => void;
  readonly remove: (place: number) => void;
  readonly replace: (place: number, files: readonly File[]) => Promise<void>;
  readonly undo: () => void;
  readonly redo: () => void;
  readonly clear: () => void;
}

/** As `toSpliced`, which older browsers at counters lack. */
function spliced<T>(list: readonly T[], place: number, less: number, ...more: readonly T[]): T[] {
  const copy = [...list];
  copy.splice(place, less, ...more);
  return copy;
}

export function useStack(): Stack {
  const steps = shallowRef<readonly (readonly Page[])[]>([[]]);
  const step = ref(0);
  const at = ref(0);
  const blank = ref(0);
  const pages = computed(() => steps.value[step.value] ?? []);
  /** Everything there ever was: what was undone can come back. */
  const ever: Page[][] = [];

  function change(now: readonly Page[], place = at.value): void {
    ever.push([...now]);
    steps.value = [...steps.value.slice(0, step.value + 1), now];
    step.value += 1;
    at.value = Math.max(0, Math.min(place, now.length - 1));
  }
  /** Blank pages go by themselves, as a step of its own: undoing it brings them back and keeps the others. */
  function dropBlank(): void {
    const kept = pages.value.filter((page) => !page.picture?.quality.isBlank);
    blank.value = pages.value.length - kept.length;
    if (blank.value && kept.length) change(kept);
    else blank.value = 0;
  }
  const read = async (files: readonly File[]): Promise<Page[]> => (await Promise.all(files.map(pagesOf))).flat();
  async function add(files: readonly File[], where = pages.value.length): Promise<void> {
    const made = await read(files);
    if (!made.length) return;
    change(spliced(pages.value, where, 0, ...made), where);
    dropBlank();
  }
  async function split(place: number): Promise<void> {
    const page = pages.value[place];
    if (page?.picture) change(spliced(pages.value, place, 1, ...(await halves(page))), place);
  }
  async function replace(place: number, files: readonly File[]): Promise<void> {
    const made = await read(files);
    if (made.length) change(spliced(pages.value, place, 1, ...made), place);
  }
  function move(from: number, to: number): void {
    const page = pages.value[from];
    if (!page || to < 0 || to >= pages.value.length || from === to) return;
    change(spliced(spliced(pages.value, from, 1), to, 0, page), to);
  }
  function turn(place: number, by: 90 | -90): void {
    const page = pages.value[place];
    if (page) change(spliced(pages.value, place, 1, turned(page, by)), place);
  }
  function go(to: number): void {
    blank.value = 0;
    step.value = to;
    at.value = Math.max(0, Math.min(at.value, pages.value.length - 1));
  }
  function clear(): void {
    forget(ever.splice(0));
    [steps.value, step.value, at.value, blank.value] = [[[]], 0, 0, 0];
  }
  onUnmounted(clear);
  return {
    pages, at, blank, add, split, move, turn, replace, clear,
    canUndo: computed(() => step.value > 0),
    canRedo: computed(() => step.value < steps.value.length - 1),
    put: (page) => {
      change([...pages.value, page], pages.value.length);
      dropBlank();
    },
    remove: (place) => change(spliced(pages.value, place, 1), place),
    undo: () => step.value > 0 && go(step.value - 1),
    redo: () => step.value < steps.value.length - 1 && go(step.value + 1),
  };
}
