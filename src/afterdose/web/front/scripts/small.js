// Small behaviours that pages ask for by an attribute.

// `data-dialog="id"` opens the dialog of that id; `data-close` inside closes it.
export function openDialogs() {
  document.addEventListener("click", (event) => {
    const opener = event.target.closest("[data-dialog]");
    if (opener) document.getElementById(opener.dataset.dialog)?.showModal();
    if (event.target.closest("[data-close]")) event.target.closest("dialog")?.close();
    const printer = event.target.closest("[data-print]");
    if (printer) window.print();
  });
}

// `data-fold` on details: shut on a phone, unless the page says it matters now.
export function foldOnPhones() {
  if (!window.matchMedia("(max-width: 820px)").matches) return;
  for (const part of document.querySelectorAll('details[data-fold="shut"]')) part.open = false;
}

// `data-copy="id"` copies the text or value of that element.
export function copyOnClick() {
  document.addEventListener("click", async (event) => {
    const button = event.target.closest("[data-copy]");
    if (!button) return;
    const from = document.getElementById(button.dataset.copy);
    await navigator.clipboard.writeText(from.value ?? from.textContent.trim());
    button.textContent = "Copied";
  });
}
