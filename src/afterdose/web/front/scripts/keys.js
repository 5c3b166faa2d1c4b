// A list worked through by keys. `data-list` holds rows, `data-row` is one; in a row, what
// `data-key` names is pressed by that key. Everything can be reached by Tab as well.
const OFF = "afterdose-keys-off";

const isTyping = (target) =>
  target.closest("input, select, textarea, [contenteditable], dialog[open]") !== null;

const rows = () => [...document.querySelectorAll("[data-list] [data-row]")];

function current() {
  return document.activeElement?.closest("[data-row]") ?? null;
}

function move(step) {
  const all = rows();
  if (all.length === 0) return;
  const here = all.indexOf(current());
  const next = here < 0 ? (step > 0 ? 0 : all.length - 1) : here + step;
  const row = all[Math.max(0, Math.min(all.length - 1, next))];
  row.focus();
  row.scrollIntoView({ block: "nearest" });
}

function press(key) {
  const row = current();
  const target = row?.querySelector(`[data-key="${key}"]`) ?? document.querySelector(`[data-key-page="${key}"]`);
  if (!target) return false;
  if (target.matches("input, select, textarea")) target.focus();
  else target.click();
  return true;
}

// One key alone can be in the way of dictation, so it can be switched off.
const areOff = () => localStorage.getItem(OFF) === "1";

export function answerKeys() {
  const box = document.getElementById("keys-off");
  if (box) {
    box.checked = areOff();
    box.addEventListener("change", () => {
      if (box.checked) localStorage.setItem(OFF, "1");
      else localStorage.removeItem(OFF);
    });
  }
  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || isTyping(event.target) || areOff()) return;
    const { key } = event;
    if (key === "j") move(1);
    else if (key === "k") move(-1);
    else if (key === "Enter") {
      // On a link or button Enter is its own.
      if (!event.target.matches("[data-row]") || !press("Enter")) return;
    } else if (!press(key)) return;
    event.preventDefault();
  });
}
