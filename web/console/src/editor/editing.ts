/**
 * A definition that is edited: what is in force, the draft, the text over it. Checked by the node's own reader, kept as a
 * draft, published by somebody else. Nothing that was typed is lost: the tab keeps it, every step can be undone, and what
 * somebody else saved meanwhile is shown before anything is put in its place.
 */

import { computed, onMounted, onUnmounted, ref, shallowRef, watch } from "vue";

import { at } from "../../../shared/client.ts";
import { Problem } from "../../../shared/exchange.ts";
import { useDoing } from "../../../shared/staff/doing.ts";
import { told, type Failure } from "../../../shared/staff/failures.ts";
import { act, operator, read } from "../../../shared/staff/session.ts";
import { pick } from "../words.ts";
import { useHistory } from "./history.ts";
import { differences, isHeld, parsed, withValue, written, type Change, type Held, type Json, type Place } from "./json.ts";
import { keep, kept } from "./keeping.ts";
import { after, drafts, type Draft, type Kind, type Version } from "./kinds.ts";
import { wrongOf, type Wrong } from "./wrong.ts";

/** What was saved or published by somebody else while this was edited. */
export interface Meanwhile {
  /** Who saved it; nobody where it was published or given up. */
  readonly by: string;
  readonly text: string;
  readonly draft: Draft | null;
  /** From theirs to what is here. */
  readonly changes: readonly Change[];
}

const between = (before: string, now: string): readonly Change[] => differences(parsed(before) ?? {}, parsed(now) ?? {});

/** Fields that this version adds say so; another number of it is theirs too. */
function dated(held: Held, before: Json | undefined): Held {
  const [fields, version] = [held["fields"], held["version"]];
  if (!Array.isArray(fields) || version === undefined || version === before) return held;
  return { ...held, fields: (fields as readonly Json[]).map((each) => (isHeld(each) && each["since"] !== undefined && each["since"] === before ? { ...each, since: version } : each)) };
}

export function useEditing(kind: Kind, code: string) {
  const path = `/v1/${kind.folder}/${encodeURIComponent(code)}`;
  const published = shallowRef<Held | null>(null);
  const versions = shallowRef<readonly Version[]>([]);
  const draft = shallowRef<Draft | null>(null);
  const loading = shallowRef<Failure | null>(null);
  const changes = shallowRef<readonly Change[] | null>(null);
  const wrong = shallowRef<Wrong | null>(null);
  const meanwhile = shallowRef<Meanwhile | null>(null);
  /** What changed of a draft since it was looked at, before it is published. */
  const again = shallowRef<readonly Change[] | null>(null);
  const isRestored = ref(false);
  const isLoaded = ref(false);
  const { text, put, back, forth, canBack, canForth } = useHistory();
  const { failure, run, busy, said } = useDoing();

  const isNew = computed(() => published.value !== null && versions.value.length === 0);
  const inForce = (): string => (published.value ? written(published.value) : "");
  const base = computed(() => draft.value?.text ?? inForce());
  const over = computed(() => draft.value?.sha256 ?? String(published.value?.["version"] ?? ""));
  const held = computed(() => parsed(text.value));
  const isTyped = computed(() => isLoaded.value && text.value !== base.value);
  const isMine = computed(() => draft.value?.edited_by === operator.value);

  /** What stands now at the node. */
  async function look(): Promise<Draft | null> {
    const found = (await drafts(kind.kind)).find((each) => each.code === code) ?? null;
    try {
      published.value = await read<Held>(`${path}/definition`);
      versions.value = (await kind.versions(code)).versions;
    } catch (error) {
      if (!kind.blank || !(error instanceof Problem) || error.code !== "unknown-material-type") throw error;
      [published.value, versions.value] = [kind.blank(code), []]; // one that is added
    }
    return found;
  }
  async function load(): Promise<void> {
    try {
      draft.value = await look();
      const typed = kept(kind.kind, code);
      put(typed?.text ?? base.value, "");
      isLoaded.value = true;
      isRestored.value = typed !== null;
      if (typed && typed.over !== over.value) meet(draft.value, typed.text);
      changes.value = typed ? null : (draft.value?.changes ?? null);
      loading.value = null;
    } catch (error) {
      loading.value = told(error);
    }
  }
  function meet(theirs: Draft | null, mine: string): void {
    const other = theirs?.text ?? inForce();
    meanwhile.value = { by: theirs?.edited_by ?? "", text: other, draft: theirs, changes: between(other, mine) };
  }
  watch([text, base], () => {
    if (isLoaded.value) keep(kind.kind, code, isTyped.value ? { text: text.value, over: kept(kind.kind, code)?.over ?? over.value } : null);
  });
  const leaving = (event: BeforeUnloadEvent): void => {
    if (isTyped.value) event.preventDefault();
  };
  onMounted(() => {
    addEventListener("beforeunload", leaving);
    void load();
  });
  onUnmounted(() => removeEventListener("beforeunload", leaving));

  function type(next: string, at: string): void {
    put(next, at);
    [changes.value, wrong.value, isRestored.value, failure.value, said.value] = [null, null, false, null, ""];
  }
  /** Another value at a place. The first change of what is in force gives it the next version. */
  function set(place: Place, value: Json | undefined): void {
    if (!held.value) return;
    const now = published.value?.["version"];
    const isFirst = !isNew.value && typeof now === "string" && held.value["version"] === now && place[0] !== "version";
    const raised = isFirst ? { ...held.value, version: after(now) } : held.value;
    type(written(dated(withValue(raised, place, value) as Held, held.value["version"])), JSON.stringify(place));
  }
  const step = (which: () => void): void => {
    which();
    [changes.value, wrong.value, failure.value, said.value] = [null, null, null, ""];
  };

  async function noted(error: unknown): Promise<never> {
    wrong.value = wrongOf(error, text.value);
    throw error;
  }
  const check = (): Promise<boolean> =>
    run("check", async () => {
      [changes.value, wrong.value] = [null, null];
      changes.value = (await act("POST", at("/v1/definition-checks"), { kind: kind.kind, text: text.value }).catch(noted)).changes;
    }, pick("检查通过", "It is right"));

  /** Keep the draft; where somebody else saved one meanwhile, theirs is shown first. */
  async function save(): Promise<void> {
    const isDone = await run("save", async () => {
      [changes.value, wrong.value] = [null, null];
      const was = over.value;
      const found = await look();
      if ((found?.sha256 ?? String(published.value?.["version"] ?? "")) !== was) {
        meet(found, text.value);
        return;
      }
      const body = { kind: kind.kind, operator: operator.value, text: text.value };
      const saved = await act("POST", at("/v1/definition-drafts"), body).catch(noted);
      [draft.value, meanwhile.value, isRestored.value] = [saved, null, false];
      changes.value = saved.changes;
      put(saved.text, "");
    });
    if (isDone && !meanwhile.value) said.value = pick("草稿已保存，请另一名登记人员发布", "The draft is kept; another registrar publishes it");
  }
  /** Go on with what was typed here, over what was saved meanwhile; or take that instead. */
  function settle(isMineKept: boolean): void {
    const met = meanwhile.value;
    if (!met) return;
    const mine = text.value;
    [draft.value, meanwhile.value, isRestored.value] = [met.draft, null, false];
    keep(kind.kind, code, isMineKept ? { text: mine, over: over.value } : null);
    if (!isMineKept) put(met.text, "");
    changes.value = isMineKept ? null : (met.draft?.changes ?? null);
  }
  const forget = (): void => {
    put(base.value, "");
    [changes.value, wrong.value, isRestored.value] = [draft.value?.changes ?? null, null, false];
  };

  const publish = (): Promise<boolean> =>
    run("publish", async () => {
      if (!draft.value) return;
      const { draft_id: id, sha256, text: seen } = draft.value;
      again.value = null;
      try {
        await act("POST", at("/v1/definition-drafts/{draft_id}/publication", { draft_id: id }), { operator: operator.value, sha256 });
      } catch (error) {
        if (error instanceof Problem && ["definition-draft-changed", "unknown-definition-draft"].includes(error.code)) {
          draft.value = await look();
          put(base.value, "");
          changes.value = draft.value?.changes ?? null;
          again.value = draft.value ? between(seen, base.value) : null;
        }
        throw error;
      }
      await load();
    }, pick("已发布，并已记入日志、锚定上链", "Published, in the log and on the chain"));
  const drop = (): Promise<boolean> =>
    run("drop", async () => {
      if (!draft.value) return;
      await act("POST", at("/v1/definition-drafts/{draft_id}/removal", { draft_id: draft.value.draft_id }), { operator: operator.value });
      draft.value = await look();
      put(base.value, "");
      [changes.value, again.value] = [null, null];
    }, pick("草稿已放弃；撤销一步可找回内容", "The draft is given up; undo brings its text back"));

  return {
    path, published, versions, isNew, draft, loading, changes, wrong, meanwhile, again, isRestored, text, held, isTyped, isMine, canBack, canForth,
    failure, busy, said, load, type, set, check, save, settle, forget, publish, drop, back: () => step(back), forth: () => step(forth),
  };
}
export type Editing = ReturnType<typeof useEditing>;
