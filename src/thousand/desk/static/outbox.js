// What was decided and is not acknowledged yet: kept in the browser, sent in order, again and again under the same id until it is.

import { Refused, ask, notice, who } from "./desk.js";

const desk = document.querySelector('meta[name="desk"]').content;
const KEY = `outbox ${desk} ${who}`;
const read = () => JSON.parse(localStorage.getItem(KEY) ?? "[]");
const write = (letters) => letters.length ? localStorage.setItem(KEY, JSON.stringify(letters)) : localStorage.removeItem(KEY);

export class Outbox {
  /** answered(letter, answer) is called for each letter that was acknowledged. */
  constructor(answered) {
    this.answered = answered;
    this.sending = false;
    this.wait = 1000;
    this.waiting = new Map();
    addEventListener("online", () => this.send());
    addEventListener("storage", (event) => { if (event.key === KEY) this.show(); });
    addEventListener("beforeunload", (event) => { if (read().length && this.wait > 1000) event.preventDefault(); });
    this.send();
  }

  /** Subjects with something unsent. */
  get subjects() { return new Set(read().map((letter) => letter.body.subject)); }

  /** Send a body, now or later; then(answer) is called if it is acknowledged while this page is open. */
  post(path, body, then = null) {
    const id = crypto.randomUUID();
    if (then) this.waiting.set(id, then);
    write([...read(), { path, body: { id, ...body } }]);
    this.send();
  }

  show() {
    const count = read().length, sign = document.getElementById("unsent");
    const words = count && this.wait > 1000 ? `${count} unsent` : "";
    if (sign.textContent !== words) sign.textContent = words;
  }

  async send() {
    if (this.sending) return;
    this.sending = true;
    clearTimeout(this.timer);
    try {
      for (let letter = read()[0]; letter; letter = read()[0]) {
        const answer = await ask(letter.path, { method: "POST", body: letter.body });
        write(read().filter((each) => each.body.id !== letter.body.id));
        this.wait = 1000;
        this.answered(letter, answer);
        this.waiting.get(letter.body.id)?.(answer);
        this.waiting.delete(letter.body.id);
      }
      document.querySelector('#notices [data-key="away"]')?.remove();
    } catch (error) {
      this.failed(error);
    } finally {
      this.sending = false;
      this.show();
    }
  }

  failed(error) {
    const status = error instanceof Refused ? error.status : 0;
    if (status && status !== 401 && status !== 403 && status !== 429 && status < 500) { // it will not be taken, however often it is sent
      const [letter, ...rest] = read();
      write(rest);
      notice(["A decision was not taken by the server:", `${letter.body.kind ?? "note"}: ${error.message}`], { warn: true });
      this.timer = setTimeout(() => this.send(), 0);
      return;
    }
    this.wait = Math.min(this.wait * 2, 15000);
    this.timer = setTimeout(() => this.send(), this.wait);
    if (this.wait < 4000) return;
    const why = status === 401 || status === 403 ? "Your session has ended. Open your link again in this browser; what is unsent is kept here and goes then."
      : "The server cannot be reached. What you decide is kept in this browser and sent when it is back.";
    notice(why, { warn: true, key: "away" });
  }
}
