// The set-up page: asks whether the first feedback came, and opens the inbox when it did.
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
  if (!document.hidden && (await hasArrived(waiting.dataset.waiting))) {
    waiting.querySelector("[role=status]").textContent = "It is here. Opening the inbox…";
    location.assign(waiting.dataset.arrived);
    return;
  }
  setTimeout(() => ask(waiting), ASK_EVERY_MS);
}

// False also when the server cannot be asked just now.
async function hasArrived(address) {
  try {
    const answer = await fetch(address, { redirect: "error" });
    return answer.ok && (await answer.json()).has_arrived;
  } catch {
    return false;
  }
}
