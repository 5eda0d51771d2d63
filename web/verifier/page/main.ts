/**
 * The verification page: three files in, a report out, all on this device.
 *
 * The worker is started with the page, so that nothing is asked of the network once the page stands. Files are held
 * in memory; only a trust file that the reader asks to be remembered is kept, in this browser.
 */

import { type Language, LANGUAGES } from "../src/texts.ts";
import { byId, element, icon } from "./dom.ts";
import { fingerprint, type Held, hold, pin, pinned, type Slot, SLOTS, slotOf } from "./files.ts";
import type { Outcome, Request } from "./protocol.ts";
import { digestsAlone, preview, report } from "./result.ts";
import { words } from "./words.ts";

interface TrustedTypes {
  createPolicy(name: string, rules: { createScriptURL: (url: string) => string }): { createScriptURL(url: string): URL };
}

/**
 * The worker's program lies in the page as text, so that a page kept on a disk has all it needs. The browser takes its
 * address only from the one policy that the page's CSP names, and rules it by the page's CSP.
 */
function startWorker(): Worker {
  const program = byId("worker", HTMLScriptElement).textContent;
  const address = URL.createObjectURL(new Blob([program], { type: "text/javascript" }));
  const { trustedTypes } = globalThis as { trustedTypes?: TrustedTypes };
  const policy = trustedTypes?.createPolicy("cailian", { createScriptURL: () => address });
  return new Worker(policy?.createScriptURL(address) ?? address);
}

/** Whether this page was kept on a disk: then there is no exchange to lead to. */
const isKept = location.protocol === "file:";

class Page {
  private readonly worker = startWorker();
  private readonly held = new Map<Slot, Held>();
  private language: Language = "zh";
  private outcome: Outcome | null = null;
  private unreadable: Slot | null = null;
  /** Slots whose file looks like something else. */
  private readonly doubts = new Map<Slot, Slot>();
  private isPinned = false;
  private runs = 0;

  start(): void {
    const trust = pinned();
    if (trust !== null) this.held.set("trust", trust);
    this.isPinned = trust !== null;
    this.worker.addEventListener("message", (event: MessageEvent<Outcome>) => this.finish(event.data));
    this.worker.addEventListener("error", () => this.finish({ id: this.runs, crash: "worker" }));
    for (const language of LANGUAGES) {
      byId(language, HTMLButtonElement).addEventListener("click", () => {
        history.replaceState(null, "", language === "zh" ? location.pathname : "#en"); // so that a link can name the language
        this.speak(language);
      });
    }
    this.takeDrops();
    this.speak(location.hash === "#en" ? "en" : "zh");
  }

  private speak(language: Language): void {
    this.language = language;
    const text = words[language];
    document.documentElement.lang = language === "zh" ? "zh-CN" : "en";
    document.title = `${text.title} · 材链 Cailian`;
    for (const other of LANGUAGES) byId(other, HTMLButtonElement).setAttribute("aria-pressed", String(other === language));
    const said = { title: text.title, lead: text.lead, privacy: text.privacy, footer: text.footer };
    for (const [id, value] of Object.entries(said)) byId(id, HTMLElement).textContent = value;
    byId("files-title", HTMLElement).textContent = text.files;
    byId("keep", HTMLElement).replaceChildren(...this.around());
    byId("drop-hint", HTMLElement).textContent = text.dropHere;
    byId("lock", HTMLElement).replaceChildren(icon("lock"));
    this.show();
    document.documentElement.dataset["told"] = "";
  }

  /** Where else to go, and how to keep this page; of a kept one, that it is one. */
  private around(): Node[] {
    const text = words[this.language];
    if (isKept) return [element("span", "kept", text.kept)];
    const keep = element("a", "", text.keep);
    keep.href = "/verify/cailian-verify.html";
    keep.download = "cailian-verify.html";
    const log = element("a", "", text.log);
    log.href = "/auditor/#/log";
    return [keep, log];
  }

  private takeDrops(): void {
    const body = document.body;
    body.addEventListener("dragover", (event) => {
      event.preventDefault();
      body.classList.add("dragging");
    });
    body.addEventListener("dragleave", (event) => {
      if (event.relatedTarget === null) body.classList.remove("dragging");
    });
    body.addEventListener("drop", (event) => {
      event.preventDefault();
      body.classList.remove("dragging");
      const files = [...(event.dataTransfer?.files ?? [])];
      void this.takeAll(files);
    });
  }

  private async takeAll(files: readonly File[]): Promise<void> {
    for (const file of files) await this.take(await slotOf(file), file, false);
    if (files.length > 0) this.run();
  }

  private async take(slot: Slot, file: File, isLast = true): Promise<void> {
    this.unreadable = null;
    this.doubts.delete(slot);
    try {
      const looks = await slotOf(file);
      if (slot !== "document" && looks !== slot) this.doubts.set(slot, looks);
      this.held.set(slot, await hold(file));
    } catch {
      this.held.delete(slot);
      this.unreadable = slot;
    }
    if (slot === "trust") this.isPinned = false;
    if (isLast) this.run();
  }

  private drop(slot: Slot): void {
    this.held.delete(slot);
    this.doubts.delete(slot);
    if (slot === "trust" && this.isPinned) this.isPinned = !pin(null);
    this.run();
  }

  /** Verify what is held. Answers to earlier questions are dropped by their id. */
  private run(): void {
    this.outcome = null;
    this.runs++;
    const [bundle, document] = [this.held.get("bundle")?.bytes ?? null, this.held.get("document")?.bytes ?? null];
    if (bundle !== null || document !== null) {
      const request: Request = { id: this.runs, bundle, trust: this.held.get("trust")?.bytes ?? null, document };
      this.worker.postMessage(request);
    }
    this.show();
  }

  private finish(outcome: Outcome): void {
    if (outcome.id !== this.runs) return;
    this.outcome = outcome;
    this.show();
    const result = byId("result", HTMLElement);
    result.focus({ preventScroll: true });
    const isOutOfSight = result.getBoundingClientRect().top > innerHeight / 2;
    if (isOutOfSight) result.scrollIntoView({ block: "start", behavior: "smooth" });
  }

  private show(): void {
    const focused = document.activeElement?.closest<HTMLElement>("[data-row]")?.dataset["row"];
    byId("slots", HTMLUListElement).replaceChildren(...SLOTS.map((slot) => this.slotRow(slot)));
    // The rows are built anew: who came by keyboard must not be thrown back to the top.
    if (focused !== undefined) document.querySelector<HTMLElement>(`[data-row="${focused}"] input`)?.focus();
    byId("result", HTMLElement).replaceChildren(this.result());
  }

  private result(): HTMLElement {
    const text = words[this.language];
    const { outcome } = this;
    if (!this.held.has("bundle") && !this.held.has("document")) return preview(this.language);
    if (outcome === null) return element("p", "card working", text.working);
    if ("trustError" in outcome) return element("p", "card notice", text.badTrust);
    if ("crash" in outcome) return element("p", "card notice", text.crash);
    if ("digests" in outcome) return digestsAlone(outcome.digests, this.language);
    return report(outcome.view, outcome.milliseconds, this.language);
  }

  private slotRow(slot: Slot): HTMLLIElement {
    const text = words[this.language];
    const held = this.held.get(slot);
    const input = element("input", "");
    input.type = "file";
    input.id = `file-${slot}`;
    if (slot !== "document") input.accept = ".json,application/json";
    input.addEventListener("change", () => {
      const file = input.files?.[0];
      if (file !== undefined) void this.take(slot, file);
    });
    const need = { bundle: text.required, trust: text.advised, document: text.optional }[slot];
    const name = element("span", "slot-name", text.slots[slot].name, held === undefined ? element("span", "need", need) : null);
    const remove = element("button", "remove", icon("failed"));
    remove.type = "button";
    remove.setAttribute("aria-label", `${text.remove}: ${text.slots[slot].name}`);
    remove.addEventListener("click", () => this.drop(slot));
    const label = element(
      "label",
      "slot",
      input,
      element("span", "slot-icon", icon(held === undefined ? slot : "ok")),
      element("span", "slot-text", name, this.slotNote(slot, held)),
      element("span", "slot-action", held === undefined ? text.choose : text.change),
    );
    const isFilled = held !== undefined;
    const row = element("li", isFilled ? "filled" : "", label, isFilled ? remove : null, this.slotMore(slot, held));
    row.dataset["row"] = slot;
    return row;
  }

  private slotNote(slot: Slot, held: Held | undefined): HTMLElement {
    const text = words[this.language];
    if (this.unreadable === slot) return element("span", "slot-note bad", text.unreadable);
    if (held === undefined) return element("span", "slot-note", text.slots[slot].hint);
    const doubt = this.doubts.get(slot);
    if (doubt !== undefined) return element("span", "slot-note bad file-name", `${held.name} · ${text.doubts[doubt]}`);
    const size = `${held.bytes.length.toLocaleString(this.language)} ${text.bytes}`;
    return element("span", "slot-note file-name", `${held.name} · ${size}`);
  }

  /** A trust file's fingerprint, for comparing by eye, and whether this device remembers it. */
  private slotMore(slot: Slot, held: Held | undefined): HTMLElement | null {
    if (slot !== "trust" || held === undefined) return null;
    const text = words[this.language];
    const memory = element("button", "quiet", this.isPinned ? text.forget : text.remember);
    memory.type = "button";
    memory.addEventListener("click", () => {
      this.isPinned = pin(this.isPinned ? null : held) && !this.isPinned;
      this.show();
    });
    const print = element("p", "fingerprint", `${text.fingerprint} `, element("code", "", fingerprint(held)));
    return element("div", "slot-more", print, memory);
  }
}

new Page().start();
