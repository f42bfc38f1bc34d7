// Gentle checks while somebody types a response: they say what they see and stop nobody.

import { element } from "./desk.js";

const CODE = /```[\s\S]*?(?:```|$)|`[^`\n]*`/g;
const FIRST_PERSON = /(?<![\p{L}\p{N}'’])(?:I|I['’](?:m|ve|ll|d)|my|mine|myself)(?![\p{L}\p{N}'’])/u;
const LINK = /\bhttps?:\/\/|\bwww\.|\]\(|<a\s/i;
const END = /[.!?…:;)\]"'”’`*|。！？]\s*$/;

/** Lines [fine, words] for a response and bounds of its length. */
export function check(text, { unit, least, most, bounds }) {
  const prose = text.replace(CODE, " ");
  const length = unit === "words" ? (text.match(/[\p{L}\p{N}'’]+/gu) ?? []).length : [...text].length;
  const count = `${length.toLocaleString("en")} ${unit}`;
  const low = least !== undefined && length < Number(least), high = most !== undefined && length > Number(most);
  const range = [least, most].map((end) => end === undefined ? "" : Number(end).toLocaleString("en")).join(" to ").replace(/^ to /, "at most ").replace(/ to $/, " or more");
  return [
    [!low && !high, low || high ? `${count}; usual are ${range} (${bounds})` : count],
    [!FIRST_PERSON.test(prose), FIRST_PERSON.test(prose) ? "Speaks in the first person: one voice, not an author’s" : "No first person"],
    [!LINK.test(prose), LINK.test(prose) ? "Has a link: nothing outside can be seen" : "No links"],
    [END.test(text), END.test(text) ? "Ends as a sentence does" : "Does not end as a sentence does"],
  ];
}

/** Check a field as it is typed into and draw the lines in a list. */
export function watch(field, list, bounds) {
  let timer = 0;
  const look = () => list.replaceChildren(...check(field.value, bounds).map(([fine, words]) => element("li", { class: fine ? null : "off" }, words)));
  field.addEventListener("input", () => { clearTimeout(timer); timer = setTimeout(look, 150); });
  look();
}
