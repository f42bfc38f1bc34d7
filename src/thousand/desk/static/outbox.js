// What was decided and is not acknowledged yet: kept in the browser, sent in order, again and again under the same id until it is.

import { Refused, ask, notice, who } from "./desk.js";
import { uuid } from "./uuid.js";

const desk = document.querySelector('meta[name="desk"]').content;
const PREFIX = `outbox ${desk} ${encodeURIComponent(who)} `;
const LATER = [401, 403, 408, 425, 429]; // and 5xx: what is refused so now may be taken then

export class Outbox {
  /** answered(letter, answer) is called for each letter that was acknowledged, refused(letter) for each that never will be. */
  constructor(answered, refused) {
    this.answered = answered;
    this.refused = refused;
    this.sending = false;
    this.wait = 1000;
    this.last = 0;
    this.held = new Map(); // letters for which the browser has no room
    this.waiting = new Map();
    addEventListener("online", () => this.send());
    addEventListener("storage", (event) => { if (event.key?.startsWith(PREFIX)) this.show(); });
    addEventListener("beforeunload", (event) => { if (this.held.size || this.keys().length && this.wait > 1000) event.preventDefault(); });
    this.send();
  }

  /** Of what is unsent, in order: every letter has a key of its own, for two pages that share one would undo each other's writing. */
  keys() { return [...Object.keys(localStorage).filter((key) => key.startsWith(PREFIX)), ...this.held.keys()].sort(); }

  read(key) { return JSON.parse(this.held.get(key) ?? localStorage.getItem(key)); }

  drop(key) {
    this.held.delete(key);
    localStorage.removeItem(key);
  }

  /** Send a body, now or later; then(answer) is called if it is acknowledged while this page is open. */
  post(path, body, then = null) {
    const id = uuid(), letter = JSON.stringify({ path, body: { id, ...body } });
    this.last = Math.max(Date.now(), this.last + 1);
    const key = `${PREFIX}${String(this.last).padStart(15, "0")} ${id}`;
    if (then) this.waiting.set(id, then);
    try { localStorage.setItem(key, letter); } catch { this.held.set(key, letter); }
    this.send();
  }

  show() {
    const count = this.keys().length, sign = document.getElementById("unsent");
    const words = count && this.wait > 1000 ? `${count} unsent` : "";
    if (sign.textContent !== words) sign.textContent = words;
  }

  async send() {
    if (this.sending) return;
    this.sending = true;
    clearTimeout(this.timer);
    let key;
    try {
      while ((key = this.keys()[0]) !== undefined) {
        const letter = this.read(key);
        if (!letter) continue; // another page has just sent it
        const answer = await ask(letter.path, { method: "POST", body: letter.body });
        this.drop(key);
        this.wait = 1000;
        this.answered(letter, answer);
        this.waiting.get(letter.body.id)?.(answer);
        this.waiting.delete(letter.body.id);
      }
      document.querySelector('#notices [data-key="away"]')?.remove();
    } catch (error) {
      this.failed(error, key);
    } finally {
      this.sending = false;
      this.show();
    }
  }

  failed(error, key) {
    const status = error instanceof Refused ? error.status : 0, letter = this.read(key);
    if (letter && status && status < 500 && !LATER.includes(status)) { // it will not be taken, however often it is sent
      this.drop(key);
      this.refused(letter);
      notice(["A decision was not taken by the server:", `${letter.body.kind ?? "note"}: ${error.message}`], { warn: true });
      this.timer = setTimeout(() => this.send(), 0);
      return;
    }
    this.wait = Math.min(this.wait * 2, 15000);
    this.timer = setTimeout(() => this.send(), this.wait);
    if (this.wait < 4000) return;
    const why = status === 401 || status === 403 ? "Your session has ended. Open your link again in this browser; what is unsent is kept here and goes then."
      : this.held.size ? "The server cannot be reached, and this browser has no room to keep what you decide: leave this page open until it is back."
      : "The server cannot be reached. What you decide is kept in this browser and sent when it is back.";
    notice(why, { warn: true, key: "away" });
  }
}
