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

// A form with `data-send` goes when one of its choices changes; without scripts it has a button.
export function sendOnChange() {
  document.addEventListener("change", (event) => {
    const form = event.target.closest("form[data-send]");
    if (form && event.target.matches("select, input[type=checkbox], input[type=date]")) form.requestSubmit();
  });
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
