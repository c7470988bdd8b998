// The checkboxes of a list: how many are checked, and all of them at once.
// They have autocomplete="off": a browser that goes back would check those at the same places again,
// although other feedback stands there by now.

export function startSelection() {
  const all = document.querySelector("[data-select-all]");
  if (!all) return;
  all.addEventListener("change", () => {
    for (const box of boxes()) box.checked = all.checked;
    showCount(all);
  });
  document.querySelector("[data-list]").addEventListener("change", () => showCount(all));
  showCount(all);
}

// What a browser restores by itself, it restores after the page's scripts have run.
export function recount() {
  const all = document.querySelector("[data-select-all]");
  if (all) showCount(all);
}

export function selectedIds() {
  return boxes().filter((box) => box.checked).map((box) => box.value);
}

export function toggle(row) {
  const box = row.querySelector("[name=feedback]");
  if (!box) return;
  box.checked = !box.checked;
  box.dispatchEvent(new Event("change", { bubbles: true }));
}

function boxes() {
  return [...document.querySelectorAll("[data-list] [name=feedback]")];
}

function showCount(all) {
  const count = selectedIds().length;
  all.checked = count > 0 && count === boxes().length;
  all.indeterminate = count > 0 && !all.checked;
  document.querySelector("[data-selected]").textContent = count ? `${count} selected` : "Select all";
}
