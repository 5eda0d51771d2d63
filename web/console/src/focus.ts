/** Where the next key goes. */

import { nextTick } from "vue";

/** Let the first place of a form that wants something have the focus; its last button where it wants nothing. */
export async function focusFirst(form: HTMLElement | null): Promise<void> {
  await nextTick();
  const field = form?.querySelector<HTMLElement>("input:not([type=file], [type=checkbox]), textarea, select");
  const found = field ?? form?.querySelector<HTMLElement>("[data-first], button[type=submit]");
  found?.focus();
}
