// Buttons that copy the text beside them.

const SHOWN_MS = 2000;

export function startCopying() {
  for (const button of document.querySelectorAll("[data-copy]")) {
    const text = button.parentElement.querySelector("code");
    button.addEventListener("click", async () => {
      const label = button.textContent;
      button.textContent = (await copy(text)) ? "Copied" : "Press Ctrl-C";
      setTimeout(() => {
        button.textContent = label;
      }, SHOWN_MS);
    });
  }
}

// Browsers keep the clipboard from pages over plain http; there the text is selected instead.
async function copy(element) {
  try {
    await navigator.clipboard.writeText(element.textContent);
    return true;
  } catch {
    getSelection().selectAllChildren(element);
    return false;
  }
}
