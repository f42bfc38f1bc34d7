// What every page of the desk shares: requests that carry the session's token, what is said aloud, notices, and the way out.

const meta = (name) => document.querySelector(`meta[name="${name}"]`)?.content ?? "";
export const who = meta("who");
/** What the names of this person's drafts begin with. */
export const DRAFTS = `draft ${meta("desk")} ${encodeURIComponent(who)} `;

export class Refused extends Error {
  constructor(status, detail) {
    super(typeof detail === "string" ? detail : (detail?.[0]?.why ?? `The server answered ${status}.`));
    this.status = status;
  }
}

/** Ask the server; JSON in and out, or text for a piece of a page. Throws Refused for what it refuses, TypeError when it is away. */
export async function ask(path, { method = "GET", body, as = "json", signal } = {}) {
  const headers = { accept: as === "json" ? "application/json" : "text/plain, application/json" };
  if (method !== "GET") headers["x-csrf-token"] = meta("csrf");
  if (body !== undefined) headers["content-type"] = "application/json";
  const response = await fetch(path, { method, headers, signal, body: body === undefined ? undefined : JSON.stringify(body), credentials: "same-origin", redirect: "error" });
  if (!response.ok) {
    const said = await response.json().catch(() => ({}));
    throw new Refused(response.status, said.detail);
  }
  if (response.status === 204) return null;
  return as === "json" ? response.json() : response.text();
}

/** Say it to those who listen instead of look. */
export function say(text) {
  const region = document.getElementById("said");
  region.textContent = "";
  requestAnimationFrame(() => { region.textContent = text; });
}

/** A notice that stays until it is closed. Lines are text, never HTML. */
export function notice(lines, { warn = false, key = null } = {}) {
  const region = document.getElementById("notices");
  if (key) region.querySelector(`[data-key="${CSS.escape(key)}"]`)?.remove();
  const box = element("div", { class: warn ? "notice warn" : "notice" });
  if (key) box.dataset.key = key;
  for (const line of [lines].flat()) box.append(element("p", {}, line));
  const close = element("button", { type: "button", class: "quiet" }, "Close");
  close.addEventListener("click", () => box.remove());
  box.append(close);
  region.append(box);
  return box;
}

/** An element with attributes and children; text is text. */
export function element(name, attributes = {}, ...children) {
  const made = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) if (value !== null && value !== false) made.setAttribute(key, value === true ? "" : value);
  made.append(...children);
  return made;
}

/** Whether a key press belongs to what has the focus: a field that is typed into, or a dialog. */
export function typing(event) {
  const at = event.target;
  return event.ctrlKey || event.metaKey || event.altKey || at.isContentEditable || /^(INPUT|TEXTAREA|SELECT)$/.test(at.tagName);
}

document.getElementById("leave")?.addEventListener("click", async () => { // and whoever leaves may not be alone at this machine
  for (const key of Object.keys(localStorage)) if (key.startsWith(DRAFTS)) localStorage.removeItem(key);
  try { await ask("/leave", { method: "POST" }); } finally { location.replace("/"); }
});
