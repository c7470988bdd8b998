// Triage without a mouse. The row somebody is at is the one whose link has, or last had, the focus:
// so Enter opens it, and screen readers say it.

import { selectedIds, toggle } from "./selection.js";

const KEPT = "pionne-keys";
const DEEDS = { h: "handled", a: "archived", o: "open", "#": "delete" };
let current = null;

export function startKeys({ act }) {
  document.addEventListener("keydown", (event) => onKey(event, act));
  document.addEventListener("focusin", (event) => {
    const row = event.target.closest("[data-row]");
    if (row) mark(row);
  });
  document.addEventListener("change", (event) => {
    if (event.target.matches("[data-keys-on]")) keep(event.target.checked);
  });
  for (const box of document.querySelectorAll("[data-keys-on]")) box.checked = areOn();
}

// Its number in the list, -1 when there is none.
export function currentRow() {
  return rows().indexOf(current);
}

// The row at the number, or the last one, when the list got shorter.
export function goTo(number) {
  const list = rows();
  const row = list[Math.max(0, Math.min(number, list.length - 1))];
  if (!row) return;
  mark(row);
  row.querySelector(".row-link").focus({ preventScroll: true });
  row.scrollIntoView({ block: "nearest" });
}

function onKey(event, act) {
  const field = event.target.closest("input:not([type=checkbox]), select, textarea, [contenteditable]");
  if (field) {
    if (event.key === "Escape" && field.matches("[data-search]")) field.blur();
    return;
  }
  // AltGr, which types # on some keyboards, counts as Ctrl and Alt together.
  const hasModifier = (event.ctrlKey || event.altKey || event.metaKey) && !event.getModifierState("AltGraph");
  if (hasModifier || event.isComposing || document.querySelector("dialog[open]")) return;
  if (event.key === "?" && !event.repeat) {
    event.preventDefault();
    showHelp();
  } else if (areOn() && run(event, act)) {
    event.preventDefault();
  }
}

// Whether the key meant something here.
function run(event, act) {
  const { key } = event;
  if (rows().length && (key === "j" || key === "k")) return step(key === "j" ? 1 : -1);
  if (event.repeat) return false;
  if (key === "/") return focusOn(document.querySelector("[data-search]"));
  if (key === "x" && current?.isConnected) return toggle(current) ?? true;
  const form = document.querySelector("[data-list]");
  if (form && DEEDS[key]) {
    if (!form.querySelector("[name=do]")) return false; // who may only read
    const chosen = selectedIds();
    const here = current?.isConnected ? [current.querySelector("[name=feedback]").value] : [];
    act(form, DEEDS[key], chosen.length ? chosen : here);
    return true;
  }
  const button = [...document.querySelectorAll("[data-key]")].find((each) => each.dataset.key === key);
  button?.click();
  return Boolean(button);
}

function step(by) {
  const at = currentRow();
  goTo(at < 0 ? 0 : at + by);
  return true;
}

function focusOn(field) {
  field?.focus();
  field?.select();
  return Boolean(field);
}

export function showHelp() {
  const help = document.getElementById("keys");
  if (!help) return;
  help.querySelector("[data-keys-on]").checked = areOn();
  help.showModal();
  help.querySelector("[data-first]").focus();
}

function mark(row) {
  current?.classList.remove("mail-current");
  current = row;
  row.classList.add("mail-current");
}

function rows() {
  return [...document.querySelectorAll("[data-row]")];
}

// Some speak to their browser, and words would be keys: they turn them off (WCAG 2.1.4). A browser
// that keeps nothing has them on.
function areOn() {
  try {
    return localStorage.getItem(KEPT) !== "off";
  } catch {
    return true;
  }
}

function keep(isOn) {
  try {
    localStorage.setItem(KEPT, isOn ? "on" : "off");
  } catch {
    // on again with the next page
  }
}
