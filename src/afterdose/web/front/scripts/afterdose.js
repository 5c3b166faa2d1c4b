// What every page has: the kit's behaviours, htmx, and the keyboard.
import htmx from "htmx.org";
import { Button, CharacterCount, Checkboxes, ErrorSummary, Radios, SkipLink, createAll } from "nhsuk-frontend";

import { answerKeys } from "./keys.js";
import { copyOnClick, foldOnPhones, openDialogs } from "./small.js";

document.body.classList.add("js-enabled", "nhsuk-frontend-supported");
for (const component of [Button, CharacterCount, Checkboxes, ErrorSummary, Radios, SkipLink]) {
  createAll(component);
}

Object.assign(htmx.config, {
  allowEval: false,
  allowScriptTags: false,
  includeIndicatorStyles: false,
  selfRequestsOnly: true,
  // Pages about people are not kept in the browser.
  historyCacheSize: 0,
  refreshOnHistoryMiss: true,
});
// A form sent back with its errors is shown, not thrown away.
document.body.addEventListener("htmx:beforeSwap", (event) => {
  if (event.detail.xhr.status === 422) {
    event.detail.shouldSwap = true;
    event.detail.isError = false;
  }
});
document.body.addEventListener("htmx:afterSettle", (event) => {
  // The button that was pressed is gone: the row takes the keyboard over.
  if (document.activeElement === document.body && event.detail.elt.matches("[data-row]")) {
    event.detail.elt.focus({ preventScroll: true });
  }
  createAll(ErrorSummary, undefined, event.detail.elt);
});
document.body.addEventListener("htmx:sendError", () => say("No connection. Nothing was changed: try again."));
document.body.addEventListener("htmx:responseError", () => say("That did not work. Nothing was changed: load the page again."));

function say(text) {
  const line = document.getElementById("said");
  if (line) line.textContent = text;
}

answerKeys();
openDialogs();
copyOnClick();
foldOnPhones();
