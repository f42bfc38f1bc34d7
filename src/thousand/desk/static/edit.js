// Editing an example in its place: drafts that outlive a reload, gentle checks, and the changes against the original as they are made.

import { DRAFTS, notice, say } from "./desk.js";
import { watch } from "./checks.js";
import { draw } from "./diff.js";

export const NEW = "new"; // whose draft it is that belongs to no example yet

/** The texts of the turns as they were left, or null. */
export function draft(content) {
  const kept = JSON.parse(localStorage.getItem(DRAFTS + content) ?? "null");
  return Array.isArray(kept) ? kept : null;
}

/** Keep them; null forgets them. Where the browser has no room they are there as long as the page is. */
export function keepDraft(content, texts) {
  if (texts === null) return localStorage.removeItem(DRAFTS + content);
  try { localStorage.setItem(DRAFTS + content, JSON.stringify(texts)); } catch { say("This browser has no room to keep a draft."); }
}

export class Editor {
  constructor(article, { save, closed }) {
    this.article = article;
    this.save = save;
    this.closed = closed;
    this.active = false;
    this.pause = 0; // milliseconds
  }

  get content() { return this.item.dataset.content; }

  /** An example was put on the page: its form is made ready, and a draft taken up where it was left. */
  open(item) {
    this.item = item;
    this.form = item.querySelector(".editor");
    this.fields = [...this.form.querySelectorAll(".field textarea:not(.original)")];
    this.originals = [...this.form.querySelectorAll(".original")];
    const answer = [...this.form.querySelectorAll('[data-role="assistant"] textarea:not(.original)')].at(-1);
    if (answer) watch(answer, this.form.querySelector(".checks"), item.dataset);
    this.form.addEventListener("submit", (event) => { event.preventDefault(); this.finish(); });
    this.form.addEventListener("input", () => { keepDraft(this.content, this.fields.map((field) => field.value)); this.compare(); });
    this.form.addEventListener("keydown", (event) => {
      if (event.key === "Escape") { event.preventDefault(); event.stopPropagation(); this.close(); }
      if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) { event.preventDefault(); this.finish(); }
    });
    this.form.querySelector(".cancel").addEventListener("click", () => this.close());
    this.form.querySelector(".revert").addEventListener("click", () => {
      this.fields.forEach((field, at) => { field.value = this.originals[at].defaultValue; field.dispatchEvent(new Event("input", { bubbles: true })); });
    });
    const kept = draft(this.content);
    if (kept?.length === this.fields.length) {
      this.fields.forEach((field, at) => { field.value = kept[at]; });
      this.start("assistant");
      say("Your unsaved edit of this example is here again.");
    }
  }

  start(role) {
    if (!this.item?.isConnected) return;
    if ("further" in this.item.dataset) return say("So long an example cannot be edited here.");
    this.active = true;
    this.form.hidden = false;
    const guide = document.getElementById("guide");
    this.opened = !guide.open && matchMedia("(min-width: 901px)").matches; // beside the text there is room for it
    if (this.opened) guide.open = true;
    this.item.querySelector(".turns").hidden = true;
    this.compare();
    const field = [...this.form.querySelectorAll(`[data-role="${role}"] textarea:not(.original)`)].at(-1) ?? this.fields[0];
    field.focus();
    field.setSelectionRange(field.value.length, field.value.length);
  }

  /** Draw the changes: at once, or where that takes long (a long text, written anew) when the typing pauses. */
  compare() {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => {
      const began = performance.now(), place = this.form.querySelector(".diff.live");
      const before = this.originals.map((field) => field.defaultValue).join("\n\n"), after = this.fields.map((field) => field.value).join("\n\n");
      if (!draw(place, before, after)) place.textContent = "Nothing is changed yet.";
      this.pause = performance.now() - began > 10 ? 300 : 0;
    }, this.pause);
  }

  finish() {
    if (this.fields.some((field) => !field.value.trim())) return notice("A turn without words cannot be saved. Reject the example instead.", { warn: true });
    const roles = this.fields.map((field) => field.closest(".field").dataset.role);
    const messages = this.fields.map((field, at) => ({ role: roles[at], content: field.value }));
    keepDraft(this.content, null);
    this.hide();
    this.save(messages);
  }

  /** Leave without saving: what was typed stays as a draft until it is saved or put back. */
  close() {
    if (this.fields.every((field) => field.value === field.defaultValue)) keepDraft(this.content, null);
    this.hide();
    this.closed();
  }

  hide() {
    this.active = false;
    if (this.opened) document.getElementById("guide").open = this.opened = false;
    if (!this.item?.isConnected) return;
    this.form.hidden = true;
    this.item.querySelector(".turns").hidden = false;
  }

  /** Another example takes the place of this one. */
  forget() { if (this.active) this.hide(); }
}
