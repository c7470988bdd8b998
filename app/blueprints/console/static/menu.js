// A menu is a <details>; this closes it again, as menus do. And tabs: which one it is can be seen.

export function startMenus() {
  for (const menu of document.querySelectorAll("details[data-menu]")) {
    document.addEventListener("click", (event) => {
      if (!menu.contains(event.target)) menu.open = false;
    });
    menu.addEventListener("keydown", (event) => {
      if (event.key !== "Escape" || !menu.open) return;
      menu.open = false;
      menu.querySelector("summary").focus();
      event.stopPropagation();
    });
  }
}

// Where the tabs are wider than the screen, they scroll.
export function showCurrentTabs(root) {
  for (const tab of root.querySelectorAll(".tabs [aria-current]")) {
    const tabs = tab.parentElement;
    tabs.scrollLeft += Math.ceil(tab.getBoundingClientRect().right - tabs.getBoundingClientRect().right);
  }
}
