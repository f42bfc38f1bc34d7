// The page of review: a queue of examples, one shown at a time, those beside it fetched ahead; every decision an event.

import { ask, element, notice, say, typing } from "./desk.js";
import { Outbox } from "./outbox.js";
import { Editor, NEW, draft, keepDraft } from "./edit.js";
import { draw } from "./diff.js";
import { watch } from "./checks.js";
import { uuid } from "./uuid.js";

const $ = (id) => document.getElementById(id);
const article = $("example");
const REASONS = ["wrong", "not complete in itself", "not in one voice", "too thin", "too long", "a poor prompt", "much like another", "unsafe or private", "badly formed"];
const AHEAD = 3;

let queue = JSON.parse(article.dataset.queue);
let content = article.dataset.first;
let place = Math.max(queue.contents.indexOf(content), 0);
let standing = null;
const pages = new Map(); // fragments fetched ahead, by content
const trail = []; // what was decided here, for undo and for going back
const decided = new Set();
if (content) pages.set(content, Promise.resolve(article.innerHTML));
if (content && !queue.contents.includes(content)) queue.contents.unshift(content);

const outbox = new Outbox(answered, refused);
const editor = new Editor(article, { save: saved, closed: () => focusPlace() });

// what is shown

function fetchPage(wanted) {
  if (!pages.has(wanted)) {
    const page = ask(`/review/items/${wanted}`, { as: "text" });
    pages.set(wanted, page);
    page.catch(() => pages.delete(wanted));
    if (pages.size > 60) pages.delete(pages.keys().next().value);
  }
  return pages.get(wanted);
}

function ahead() {
  const near = [place + 1, place + 2, place + 3, place - 1].slice(0, AHEAD + 1);
  for (const at of near) if (queue.contents[at]) fetchPage(queue.contents[at]).catch(() => {});
}

async function show(at, { since = null, focus = true } = {}) {
  if (!(at >= 0)) return;
  if (at >= queue.contents.length && !(await more())) return end(since);
  place = at;
  content = queue.contents[at];
  let html;
  try { html = await fetchPage(content); } catch (error) { notice(error.message, { warn: true }); return; }
  if (content !== queue.contents[place]) return; // another key was quicker
  editor.forget();
  article.innerHTML = html; // made by the server of escaped and sanitised text; the policy of the page runs no script in it
  dress();
  if (focus) focusPlace();
  window.scrollTo(0, 0);
  measured(since);
  setTimeout(ahead, 0);
}

/** From a key press to the next example on the screen, for whoever wants to know: performance.getEntriesByName("shown"). */
function measured(since) {
  if (since === null) return;
  requestAnimationFrame(() => { const painted = new MessageChannel(); painted.port1.onmessage = () => performance.measure("shown", { start: since, end: performance.now() }); painted.port2.postMessage(0); });
}

function dress() {
  const item = article.querySelector(".item");
  if (!item) return;
  $("place").textContent = `Example ${(queue.start + place + 1).toLocaleString("en")} of ${Math.max(queue.total, queue.contents.length).toLocaleString("en")}`;
  for (const field of item.querySelectorAll(".changes")) field.addEventListener("toggle", () => compare(field), { once: true });
  document.title = `${$("place").textContent} · Review`;
  for (const button of document.querySelectorAll(".actions button")) button.disabled = false;
  editor.open(item);
  if ("waiting" in item.dataset) setTimeout(() => compared(item), 2000);
}

/** The examples were still being compared when this one was fetched: look again, and leave alone what is being typed. */
async function compared(item) {
  if (!item.isConnected) return;
  pages.clear();
  const html = await fetchPage(item.dataset.content).catch(() => null);
  if (!html || !item.isConnected) return;
  const fresh = element("div");
  fresh.innerHTML = html;
  item.querySelector(".about").replaceWith(fresh.querySelector(".about"));
  if ("waiting" in fresh.querySelector(".item").dataset) setTimeout(() => compared(item), 4000);
  else delete item.dataset.waiting;
}

function compare(details) {
  const at = [...article.querySelectorAll(".turn")].indexOf(details.closest(".turn"));
  const field = article.querySelectorAll(".editor .field")[at];
  draw(details.querySelector(".diff"), field.querySelector(".original").defaultValue, field.querySelector("textarea").defaultValue);
}

function end(since) {
  content = "";
  place = queue.contents.length;
  article.replaceChildren(element("p", { class: "lead", id: "nothing" }, queue.show === "open" ? "Everything here is decided. " : "That was the last. ", element("a", { href: "/review?show=all" }, "Look at all of them")));
  $("place").textContent = "Done";
  for (const name of ["accept", "reject", "edit", "skip", "more", "none"]) document.querySelector(`[data-do="${name}"]`).disabled = true;
  focusPlace();
  say("Nothing is left here.");
  measured(since);
}

/** The next part of the queue; whether there was one. */
async function more() {
  const start = queue.show === "open" ? 0 : queue.start + queue.contents.length;
  const query = new URLSearchParams({ show: queue.show, order: queue.order, like: queue.like, start });
  const next = await ask(`/api/queue?${query}`).catch(() => null);
  const known = new Set(queue.contents);
  const fresh = (next?.contents ?? []).filter((each) => !known.has(each) && !decided.has(each));
  queue.contents.push(...fresh);
  if (next) queue.total = Math.max(queue.total, queue.contents.length);
  return fresh.length > 0;
}

function focusPlace() { $("place").focus({ preventScroll: true }); }

// decisions

const seen = () => Number(article.querySelector(".item")?.dataset.seq ?? 0);

function decide(kind, extra = {}, since = null) {
  if (!content) return;
  outbox.post("/api/decisions", { kind, subject: content, seen: seen(), ...extra });
  trail.push(content);
  decided.add(content);
  pages.delete(content); // it is shown otherwise from now on
  if (standing && kind !== "skip") tell({ ...standing, progress: { ...standing.progress, decided: Math.min(standing.progress.decided + 1, standing.progress.offered) } });
  say({ accept: "Accepted.", reject: "Rejected.", edit: "Edit saved.", skip: "Put off." }[kind]);
  show(place + 1, { since });
}

function undo(since) {
  const subject = trail.pop() ?? standing?.last;
  if (!subject) return say("There is nothing to undo.");
  decided.delete(subject);
  if (standing) standing.last = null;
  outbox.post("/api/decisions", { kind: "undo", subject }, () => { // it is shown as it is after that
    pages.clear();
    if (!queue.contents.includes(subject)) queue.contents.splice(place, 0, subject);
    say("Taken back.");
    show(queue.contents.indexOf(subject), { since });
  });
}

function answered(letter, answer) {
  if (answer.progress) tell(answer);
  const { body } = letter;
  if (body.kind === "reject" && answer.replacement) say(`Rejected. Its place goes to: ${answer.replacement.asks}`);
  if (answer.told?.length || answer.conflict) {
    const did = { accept: "accepted it", reject: "rejected it", edit: "edited it", settle: "settled it", undo: "took a decision back" };
    const first = answer.told.length ? "While you were looking at an example, somebody else decided about it." : "Somebody else has decided otherwise about this example.";
    const lines = answer.told.map((each) => `${each.who} ${did[each.did]}${each.reason ? `: ${each.reason}` : ""}.`);
    const last = answer.conflict ? `You do not agree, so nothing applies until an owner settles it: ${answer.conflict}.` : "You agree, or the edit stands.";
    notice([`${first} Both decisions are kept.`, ...lines, last], { warn: Boolean(answer.conflict) });
  }
  if (body.kind === "write") queue.total += 1;
}

/** What was typed is a draft again. */
function refused({ body }) {
  if (body.messages) keepDraft(body.subject ?? NEW, body.messages.map((turn) => turn.content));
}

function tell(now) {
  if (standing && now.selection !== standing.selection) notice(["The run has chosen anew: the selection is another one.", "Load the page again to review it. What you decided stays."], { warn: true, key: "selection" });
  standing = now;
  const { progress } = now, n = (value) => value.toLocaleString("en");
  $("bar").max = progress.offered;
  $("bar").value = progress.decided;
  $("decided").textContent = `${n(progress.decided)} of ${n(progress.offered)} decided`;
  const parts = [`Budget ${n(progress.budget)}`, `${n(progress.accepted)} accepted`, `${n(progress.edited)} edited`, `${n(progress.rejected)} rejected`, `${n(progress.written)} written`];
  if (progress.disputed) parts.push(`${n(progress.disputed)} not agreed`);
  $("progress").textContent = `${parts.join(", ")}.`;
  const rows = progress.parts.map((each) => element("tr", {}, element("th", { scope: "row" }, each.label), ...[each.wanted ?? "", n(each.held), n(each.accepted), n(each.edited), n(each.rejected)].map((value) => element("td", {}, value))));
  $("parts").tBodies[0].replaceChildren(...rows);
  $("parts").hidden = !rows.length;
  $("taste").textContent = now.taste.sentence;
  const option = document.querySelector('#order option[value="taste"]');
  option.disabled = !now.taste.usable;
}

// rejecting

REASONS.forEach((words, at) => {
  const button = element("button", { type: "button" }, element("kbd", {}, String(at + 1)), words);
  button.addEventListener("click", (event) => reject(words, event.timeStamp));
  $("reason-list").append(element("li", {}, button));
});

function reject(reason, since) {
  $("reasons").close();
  decide("reject", { reason: reason || null }, since);
}

$("reasons").querySelector("form").addEventListener("submit", (event) => { event.preventDefault(); reject($("reason").value.trim(), event.timeStamp); });
$("reasons").addEventListener("keydown", (event) => {
  if (event.target.id === "reason") return; // there a digit is a word
  if (!event.ctrlKey && !event.metaKey && !event.altKey && REASONS[Number(event.key) - 1]) { event.preventDefault(); reject(REASONS[Number(event.key) - 1], event.timeStamp); }
});

// editing and writing

function saved(messages) { decide("edit", { messages }); }

function write() {
  const fields = [$("write-prompt"), $("write-response")];
  draft(NEW)?.forEach((text, at) => { if (fields[at]) fields[at].value = text; });
  for (const field of fields) field.oninput = () => keepDraft(NEW, fields.map((each) => each.value));
  watch($("write-response"), $("write-checks"), $("write-response").dataset);
  $("writing").showModal();
  fields[0].focus();
  const add = (event) => {
    event.preventDefault();
    if (fields.some((field) => !field.value.trim())) return;
    outbox.post("/api/decisions", { kind: "write", messages: [{ role: "user", content: fields[0].value }, { role: "assistant", content: fields[1].value }] });
    keepDraft(NEW, null);
    for (const field of fields) field.value = "";
    $("writing").close();
    say("The new example is in the set.");
  };
  $("writing").querySelector("form").onsubmit = add;
  $("writing").onkeydown = (event) => { if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) add(event); };
}

function like(kind) {
  if (!content) return;
  const subject = content;
  outbox.post("/api/likes", { subject, like: kind }, () => location.assign(`/review?${new URLSearchParams({ order: kind, like: subject, show: "open" })}`));
}

// the guide

$("guide-edit")?.addEventListener("click", () => { $("guide-form").hidden = false; $("guide-text").hidden = true; $("guide-source").focus(); });
$("guide-form")?.querySelector(".cancel").addEventListener("click", closeGuide);
$("guide-form")?.addEventListener("submit", async (event) => {
  event.preventDefault();
  try {
    const answer = await ask("/api/guide", { method: "POST", body: { id: uuid(), text: $("guide-source").value } });
    $("guide-text").innerHTML = answer.html;
    closeGuide();
    say("The guide is changed.");
  } catch (error) { notice(error.message, { warn: true }); }
});

function closeGuide() { $("guide-form").hidden = true; $("guide-text").hidden = false; $("guide-edit").focus(); }

// keys and buttons

const acts = {
  accept: (since) => editor.active ? editor.finish() : decide("accept", {}, since), // as it stands there
  reject: () => { if (!content) return; $("reason").value = ""; $("reasons").showModal(); $("reason-list").querySelector("button").focus(); },
  edit: () => editor.start("assistant"),
  prompt: () => editor.start("user"),
  skip: (since) => decide("skip", {}, since),
  undo,
  next: (since) => show(place + 1, { since }),
  previous: (since) => show(place - 1, { since }),
  more: () => like("more"),
  none: () => like("none"),
  write,
  guide: () => { $("guide").open = !$("guide").open; $("guide").scrollIntoView({ block: "nearest" }); $("guide").querySelector("summary").focus(); },
  search: () => location.assign("/search"),
  help: () => $("keys").showModal(),
};
const KEYS = { a: "accept", r: "reject", e: "edit", p: "prompt", s: "skip", u: "undo", j: "next", ArrowRight: "next", k: "previous", ArrowLeft: "previous", m: "more", n: "none", w: "write", g: "guide", "/": "search", "?": "help" };

document.addEventListener("keydown", (event) => {
  if (typing(event) || document.querySelector("dialog[open]") || editor.active || event.repeat && !event.key.startsWith("Arrow")) return;
  const act = KEYS[event.key];
  if (!act || !$("keys-on").checked) return;
  event.preventDefault();
  acts[act](event.timeStamp);
});
for (const button of document.querySelectorAll("[data-do]")) button.addEventListener("click", (event) => acts[button.dataset.do](event.timeStamp));
$("help").addEventListener("click", () => acts.help());
for (const button of document.querySelectorAll("dialog .cancel")) button.addEventListener("click", () => button.closest("dialog").close());
$("keys-on").checked = localStorage.getItem("single keys") !== "off";
$("keys-on").addEventListener("change", () => localStorage.setItem("single keys", $("keys-on").checked ? "on" : "off"));
for (const name of ["show", "order"]) $(name).addEventListener("change", () => {
  const query = { show: $("show").value, order: $("order").value };
  if (queue.like && ["more", "none"].includes(query.order)) query.like = queue.like;
  location.assign(`/review?${new URLSearchParams(query)}`);
});
article.addEventListener("click", (event) => {
  const link = event.target.closest("a[data-open]");
  if (!link || event.ctrlKey || event.metaKey || event.shiftKey) return;
  event.preventDefault();
  const wanted = link.dataset.open;
  let at = queue.contents.indexOf(wanted);
  if (at < 0) queue.contents.splice(at = place + 1, 0, wanted);
  show(at);
});

// begin

if (content) dress(); else end(null);
ask("/api/progress").then(tell).catch(() => {});
setTimeout(ahead, 0);
setInterval(() => { if (!document.hidden) ask("/api/progress").then(tell).catch(() => {}); }, 30000);
