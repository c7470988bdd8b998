// New feedback announces itself above the list, and waits there: rows that move under somebody's
// finger get the wrong one handled.

const ASK_EVERY_MS = 15_000;
const ASK_AT_MOST_EVERY_MS = 5 * 60_000;
let asking = 0;

export function startArrivals({ show }) {
  clearTimeout(asking);
  const place = document.querySelector("[data-arrivals]");
  if (place) later(place, show, ASK_EVERY_MS);
}

function later(place, show, wait) {
  asking = setTimeout(() => ask(place, show, wait), wait);
}

// Whoever looks elsewhere is told on return. A server that cannot be asked is asked less often.
async function ask(place, show, wait) {
  if (document.hidden) {
    document.addEventListener("visibilitychange", () => ask(place, show, wait), { once: true });
    return;
  }
  const count = await countArrivals(place.dataset.arrivals);
  if (!place.isConnected) return; // another list took its place meanwhile
  if (count) announce(place, show, count);
  later(place, show, count === null ? Math.min(wait * 2, ASK_AT_MOST_EVERY_MS) : ASK_EVERY_MS);
}

function announce(place, show, count) {
  const words = `${count.toLocaleString("en")} new — show`;
  if (place.textContent === words) return;
  const button = document.createElement("button");
  button.type = "button";
  button.className = "button";
  button.textContent = words;
  button.addEventListener("click", () => show(place.dataset.shownAt));
  place.replaceChildren(button);
  document.title = `(${count}) ${document.title.replace(/^\(\d+\) /, "")}`;
}

// null when the server cannot be asked just now.
async function countArrivals(address) {
  try {
    const answer = await fetch(address, { redirect: "error" });
    return answer.ok ? (await answer.json()).count : null;
  } catch {
    return null;
  }
}
