// Judging: one item at a time, keys, and the time for which it was to be seen. Nothing is kept in the browser.

import { Refused, ask, notice, say, typing } from "./desk.js";
import { uuid } from "./uuid.js";

const PAUSE_AFTER = 50;
const bench = document.getElementById("bench");
const task = bench.dataset.task;
const [item, done, form, note, undo, progress] = ["item", "done", "verdict", "note", "undo", "progress"].map((id) => document.getElementById(id));
const buttons = [...form.querySelectorAll("button[data-said]")];

let current = null;   // what is shown, or null
let sent = null;      // a verdict that the server has not acknowledged, to be sent again as it is
let undoing = null;   // the id of an undo that the server has not acknowledged
let busy = false;
let given = 0;
let seen = 0;         // milliseconds before `since`
let since = null;     // when it was last there to be seen, or null while the page is hidden

const now = () => performance.now();
const elapsed = () => (seen + (since === null ? 0 : now() - since)) / 1000;

document.addEventListener("visibilitychange", () => {
  if (document.hidden && since !== null) { seen += now() - since; since = null; }
  else if (!document.hidden && since === null) since = now();
});

function show(answer) {
  current = answer.item;
  sent = null;
  item.hidden = current === null;
  done.hidden = current !== null;
  form.hidden = current === null && answer.done === 0;
  for (const button of buttons) button.disabled = current === null;
  undo.disabled = answer.done === 0;
  note.disabled = current === null;
  note.value = answer.note ?? "";
  progress.textContent = `${answer.done} judged, ${answer.left} left`;
  if (current !== null) {
    document.getElementById("prompt").innerHTML = current.prompt;  // sanitised by the server
    current.answers.forEach((html, at) => { item.querySelector(`[data-answer="${at}"]`).innerHTML = html; });
  }
  window.scrollTo(0, 0);
  document.getElementById("main").focus({ preventScroll: true });
  seen = 0;
  since = document.hidden ? null : now();
  say(current === null ? "That is all there is." : `Next. ${answer.left} left.`);
}

async function during(work) {
  if (busy) return;
  busy = true;
  try { show(await work()); }
  catch (error) {
    if (error instanceof Refused && error.status === 404) { notice(error.message, { warn: true, key: "judging" }); busy = false; return during(following); }
    notice(error instanceof Refused ? error.message : "The desk cannot be reached. Nothing is lost: choose again when it is back.", { warn: true, key: "judging" });
  } finally { busy = false; }
}

const following = () => ask(`/judge/next?task=${task}`);

function choose(said) {
  if (current === null || busy) return;
  if (sent?.said !== said) sent = { event: uuid(), item: current.id, said, seconds: Math.min(86400, elapsed()) };
  sent.note = note.value;
  during(async () => {
    const answer = await ask("/judge/verdict", { method: "POST", body: sent });
    document.querySelector('[data-key="judging"]')?.remove();
    given += 1;
    undoing = null; // the next one takes back this verdict, whatever became of an undo before it
    if (given % PAUSE_AFTER === 0) notice(`${given} judged in one go. A short break keeps the eye fresh; nothing runs away.`, { key: "break" });
    return answer;
  });
}

const takeBack = () => during(async () => {
  undoing ??= uuid();
  const answer = await ask("/judge/undo", { method: "POST", body: { event: undoing, task } });
  undoing = null;
  return answer;
});

for (const button of buttons) button.addEventListener("click", () => choose(button.dataset.said));
undo.addEventListener("click", takeBack);
form.addEventListener("submit", (event) => event.preventDefault());
note.addEventListener("keydown", (event) => { if (event.key === "Escape" || event.key === "Enter") { event.preventDefault(); note.blur(); } });

document.addEventListener("keydown", (event) => {
  if (typing(event) || event.repeat || !document.getElementById("keys-on").checked) return;
  const key = event.key.toLowerCase();
  if (key === "z" && !undo.disabled) return takeBack();
  if (key === "c") { event.preventDefault(); return note.focus(); }
  const button = buttons.find((each) => each.dataset.key === key);
  if (button) choose(button.dataset.said);
});

during(following);
