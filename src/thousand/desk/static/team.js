// The team's page: links are made and taken away, conflicts settled. A link is shown once and kept nowhere.

import { ask, notice, say } from "./desk.js";
import { uuid } from "./uuid.js";

const link = document.getElementById("link");

async function told(work) {
  try { return await work(); }
  catch (error) { notice(error.message, { warn: true, key: "team" }); return undefined; }
}

async function show(name, role) {
  const made = await told(() => ask("/team/members", { method: "POST", body: { name, role } }));
  if (!made) return;
  document.getElementById("link-label").textContent = `The link of ${made.name}, ${role}`;
  document.getElementById("link-text").value = made.link;
  link.hidden = false;
  document.getElementById("link-text").focus();
  document.getElementById("link-text").select();
  say(`The link of ${made.name} is shown.`);
}

document.getElementById("invite")?.addEventListener("submit", (event) => {
  event.preventDefault();
  const given = new FormData(event.target);
  show(given.get("name"), given.get("role"));
});

document.getElementById("copy")?.addEventListener("click", async () => {
  const text = document.getElementById("link-text");
  text.select();
  try { await navigator.clipboard.writeText(text.value); say("Copied."); }
  catch { say("Copy it with the keyboard: it is selected."); }
});

document.addEventListener("click", async (event) => {
  const button = event.target.closest("button");
  if (!button) return;
  const { renew, role, dismiss, settle } = button.dataset;
  if (renew !== undefined) return show(renew, role);
  if (dismiss !== undefined) {
    if (!confirm(`Take the link of ${dismiss} away? What they decided stays.`)) return;
    if (await told(() => ask("/team/dismiss", { method: "POST", body: { name: dismiss } })) !== undefined) location.reload();
  }
  if (settle !== undefined) {
    const { subject, seen } = button.closest("[data-subject]").dataset;
    const body = { event: uuid(), subject, like: settle, seen: Number(seen) };
    if (await told(() => ask("/team/settle", { method: "POST", body })) !== undefined) location.reload();
  }
});
