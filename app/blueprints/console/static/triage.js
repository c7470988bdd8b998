// The inbox and the page of one piece of feedback, without leaving them: a form is sent, and the
// <main> of the page that answers takes the place of ours. The server knows nothing of this: it is
// the same form, the same redirect and the same page as without scripts.

import { startArrivals } from "./arrivals.js";
import { currentRow, goTo, showHelp, startKeys } from "./keys.js";
import { showCurrentTabs } from "./menu.js";
import { recount, startSelection, selectedIds } from "./selection.js";
import { showTimes } from "./time.js";

const UNDO_SHOWN_MS = 10_000;
let isBusy = false;

export function startTriage() {
  if (!document.querySelector("[data-triage], [data-arrivals], [data-show-keys]")) return;
  document.addEventListener("submit", onSubmit);
  document.addEventListener("click", (event) => {
    if (event.target.closest("[data-show-keys]")) showHelp();
  });
  addEventListener("pageshow", recount);
  startKeys({ act });
  startParts();
}

// What belongs to a <main> and goes with it.
function startParts() {
  startSelection();
  startArrivals({ show });
  startUndo();
  rememberZone();
}

function onSubmit(event) {
  const form = event.target;
  if (!form.matches("[data-triage]")) return;
  event.preventDefault();
  const deed = event.submitter?.value ?? "";
  const ids = form.matches("[data-list]") ? selectedIds() : null;
  act(form, deed, ids);
}

// `ids` is null for a form that names its feedback itself.
export async function act(form, deed, ids) {
  if (isBusy) return;
  if (ids && !ids.length) return say("Select something first.");
  if (deed === "delete" && !(await isDeletionMeant(ids?.length ?? 1))) return;
  const fields = new FormData(form);
  if (deed) fields.set("do", deed);
  if (deed === "delete") fields.set("confirmed", "yes");
  if (ids) {
    fields.delete("feedback");
    for (const id of ids) fields.append("feedback", id);
  }
  const position = currentRow();
  const isShown = await show(form.action, { method: "POST", body: new URLSearchParams(fields) });
  if (isShown && position >= 0) goTo(position);
}

function isDeletionMeant(count) {
  const dialog = document.getElementById("ask-deletion");
  dialog.querySelector("[data-count]").textContent = count === 1 ? "One is selected." : `${count} are selected.`;
  dialog.returnValue = "";
  dialog.showModal();
  dialog.querySelector("[data-first]").focus();
  return new Promise((answer) => {
    dialog.addEventListener("close", () => answer(dialog.returnValue === "yes"), { once: true });
  });
}

// Whether another page is shown now.
async function show(address, options = {}) {
  isBusy = true;
  const list = document.querySelector("[data-list]");
  list?.setAttribute("aria-busy", "true");
  try {
    const answer = await fetch(address, options);
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    const main = page.querySelector("main");
    if (!answer.ok) {
      say(page.querySelector("main p:not(.error-status)")?.textContent ?? "The server failed.");
      return false;
    }
    if (!main?.matches(".main")) {
      location.assign(answer.url); // the login page
      return false;
    }
    document.querySelector("main").replaceWith(document.adoptNode(main));
    document.title = page.title;
    history.replaceState(null, "", answer.url);
    showTimes(main);
    showCurrentTabs(main);
    startParts();
    main.focus({ preventScroll: true });
    announce(main.querySelector(".undo [role=status], .notices")?.textContent.trim() ?? "");
    return true;
  } catch {
    say("The server did not answer. Look whether it was done before you do it again.");
    return false;
  } finally {
    isBusy = false;
    list?.removeAttribute("aria-busy");
  }
}

// A live region must be there before its text is, and outside of what is replaced.
function announce(text) {
  let region = document.getElementById("announcement");
  if (!region) {
    region = document.createElement("p");
    region.id = "announcement";
    region.className = "visually-hidden";
    region.setAttribute("role", "status");
    document.body.append(region);
  }
  region.textContent = text;
}

function say(text) {
  const notice = document.createElement("p");
  notice.className = "notice notice-plain";
  notice.textContent = text;
  document.querySelector("main .notices").replaceChildren(notice);
  notice.scrollIntoView({ block: "nearest" });
}

// Ten seconds, which do not pass while somebody is at the button.
function startUndo() {
  const offer = document.querySelector("[data-undo]");
  if (!offer) return;
  const hide = () => {
    if (offer.matches(":hover, :focus-within")) setTimeout(hide, UNDO_SHOWN_MS / 2);
    else offer.remove();
  };
  setTimeout(hide, UNDO_SHOWN_MS);
}

// The days of the filter are the visitor's.
function rememberZone() {
  const zone = document.querySelector("[data-zone] [name=zone]");
  if (zone) zone.value = Intl.DateTimeFormat().resolvedOptions().timeZone ?? "";
}
