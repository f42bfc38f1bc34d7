// What was changed, word by word: the shortest edit script (Myers 1986, "An O(ND) difference algorithm and its variations").

import { element } from "./desk.js";

const words = (text) => text.match(/\s+|[\p{L}\p{N}_'’]+|[^\s\p{L}\p{N}_'’]/gu) ?? [];
const MOST = 1500; // edits: beyond that two texts have little in common, and one takes the place of the other

/** Pieces [sign, text]: "=" in both, "-" only before, "+" only after. */
export function changes(before, after) {
  const a = words(before), b = words(after);
  let head = 0, tail = 0;
  while (head < a.length && head < b.length && a[head] === b[head]) head++;
  while (tail < a.length - head && tail < b.length - head && a[a.length - 1 - tail] === b[b.length - 1 - tail]) tail++;
  const pieces = [["=", a.slice(0, head)], ...script(a.slice(head, a.length - tail), b.slice(head, b.length - tail)), ["=", a.slice(a.length - tail)]];
  const joined = [];
  for (const [sign, part] of pieces) {
    if (!part.length) continue;
    if (joined.at(-1)?.[0] === sign) joined.at(-1)[1] += part.join("");
    else joined.push([sign, part.join("")]);
  }
  return joined;
}

function script(a, b) {
  const most = Math.min(a.length + b.length, MOST), trace = [];
  let reach = new Map([[1, 0]]);
  for (let d = 0; d <= most; d++) {
    trace.push(new Map(reach));
    for (let k = -d; k <= d; k += 2) {
      let x = k === -d || (k !== d && (reach.get(k - 1) ?? -1) < (reach.get(k + 1) ?? -1)) ? reach.get(k + 1) ?? 0 : (reach.get(k - 1) ?? 0) + 1;
      while (x < a.length && x - k < b.length && a[x] === b[x - k]) x++;
      reach.set(k, x);
      if (x >= a.length && x - k >= b.length) return back(a, b, trace);
    }
  }
  return [["-", a], ["+", b]];
}

function back(a, b, trace) {
  const pieces = [];
  let x = a.length, y = b.length;
  for (let d = trace.length - 1; d >= 0; d--) {
    const reach = trace[d], k = x - y;
    const from = k === -d || (k !== d && (reach.get(k - 1) ?? -1) < (reach.get(k + 1) ?? -1)) ? k + 1 : k - 1;
    const px = d ? reach.get(from) ?? 0 : 0, py = d ? px - from : 0;
    while (x > px && y > py) pieces.push(["=", [a[--x], y--][0]]);
    if (d && x === px) pieces.push(["+", b[--y]]);
    else if (d) pieces.push(["-", a[--x]]);
  }
  return gather(pieces.reverse());
}

function gather(pieces) {
  const runs = [];
  for (const [sign, word] of pieces) {
    if (runs.at(-1)?.[0] === sign) runs.at(-1)[1].push(word);
    else runs.push([sign, [word]]);
  }
  return runs;
}

/** Draw the changes into a place, as text. Says how many there are. */
export function draw(place, before, after) {
  const pieces = changes(before, after);
  place.replaceChildren(...pieces.map(([sign, text]) => sign === "=" ? document.createTextNode(text) : element(sign === "+" ? "ins" : "del", {}, text)));
  return pieces.filter(([sign]) => sign !== "=").length;
}
