// Editing an example in its place: drafts that outlive a reload, gentle checks, and the changes against the original as they are made.

import { notice, say, who } from "./desk.js";
import { watch } from "./checks.js";
import { draw } from "./diff.js";

const desk = document.querySelector('meta[name="desk"]').content;
const PREFIX = `draft ${desk} ${who} `;

/** Forget every draft of this person: whoever leaves may not be alone at this machine. */
export function closeDrafts() {
  for (const key of Object.keys(localStorage)) if (key.startsWith(PREFIX)) localStorage.removeItem(key);
}

export class Editor {
  constructor(article, { save, closed }) {
    this.article = article;
    this.save = save;
    this.closed = closed;
    this.active = false;
  }

  get key() { return PREFIX + this.item.dataset.content; }

  /** An example was put on the page: its form is made ready, and a draft taken up where it was left. */
  open(item) {
    this.item = item;
    this.form = item.querySelector(".editor");
    this.fields = [...this.form.querySelectorAll(".field textarea:not(.original)")];
    this.originals = [...this.form.querySelectorAll(".original")];
    const answer = [...this.form.querySelectorAll('[data-role="assistant"] textarea:not(.original)')].at(-1);
    if (answer) watch(answer, this.form.querySelector(".checks"), item.dataset);
    this.form.addEventListener("submit", (event) => { event.preventDefault(); this.finish(); });
    this.form.addEventListener("input", () => { localStorage.setItem(this.key, JSON.stringify(this.fields.map((field) => field.value))); this.compare(); });
    this.form.addEventListener("keydown", (event) => {
      if (event.key === "Escape") { event.preventDefault(); event.stopPropagation(); this.close(); }
      if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) { event.preventDefault(); this.finish(); }
    });
    this.form.querySelector(".cancel").addEventListener("click", () => this.close());
    this.form.querySelector(".revert").addEventListener("click", () => {
      this.fields.forEach((field, at) => { field.value = this.originals[at].defaultValue; field.dispatchEvent(new Event("input", { bubbles: true })); });
    });
    const kept = JSON.parse(localStorage.getItem(this.key) ?? "null");
    if (Array.isArray(kept) && kept.length === this.fields.length) {
      this.fields.forEach((field, at) => { field.value = kept[at]; });
      this.start("assistant");
      say("Your unsaved edit of this example is here again.");
    }
  }

  start(role) {
    if (!this.item?.isConnected) return;
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

  compare() {
    const before = this.originals.map((field) => field.defaultValue).join("\n\n"), after = this.fields.map((field) => field.value).join("\n\n");
    cancelAnimationFrame(this.frame);
    this.frame = requestAnimationFrame(() => { if (!draw(this.form.querySelector(".diff.live"), before, after)) this.form.querySelector(".diff.live").textContent = "Nothing is changed yet."; });
  }

  finish() {
    if (this.fields.some((field) => !field.value.trim())) return notice("A turn without words cannot be saved. Reject the example instead.", { warn: true });
    const roles = this.fields.map((field) => field.closest(".field").dataset.role);
    const messages = this.fields.map((field, at) => ({ role: roles[at], content: field.value }));
    localStorage.removeItem(this.key);
    this.hide();
    this.save(messages);
  }

  /** Leave without saving: what was typed stays as a draft until it is saved or put back. */
  close() {
    if (this.fields.every((field) => field.value === field.defaultValue)) localStorage.removeItem(this.key);
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
