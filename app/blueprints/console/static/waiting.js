// The set-up page: asks what came, and shows the way to it. It leads nowhere by itself: this may be
// the only sight of the token.
// The page that shows a token is the answer to a form; loading it again would make another one, so
// it takes the address of the page without the token.

const ASK_EVERY_MS = 2000;

export function startWaiting() {
  const shown = document.querySelector("[data-address]");
  if (shown) history.replaceState(null, "", shown.dataset.address);
  const waiting = document.querySelector("[data-waiting]");
  if (waiting) ask(waiting);
}

async function ask(waiting) {
  if (!document.hidden) await showArrivals(waiting);
  if (waiting.querySelector(".waiting-dot")) setTimeout(() => ask(waiting), ASK_EVERY_MS);
}

async function showArrivals(waiting) {
  const arrivals = await fetchArrivals(waiting.dataset.waiting);
  for (const row of waiting.querySelectorAll("[data-kind]")) {
    const dot = row.querySelector(".waiting-dot");
    if (!dot || !arrivals[row.dataset.kind]) continue;
    dot.remove();
    row.querySelector("[role=status]").textContent = "It is here.";
    row.querySelector("a").hidden = false;
  }
}

// Nothing, when the server cannot be asked just now.
async function fetchArrivals(address) {
  try {
    const answer = await fetch(address, { redirect: "error" });
    return answer.ok ? await answer.json() : {};
  } catch {
    return {};
  }
}
