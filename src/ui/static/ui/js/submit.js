// Asks before a form with data-confirm="Question?" is sent, and sends every POST form once.
// data-busy="Working…" on the form or the button replaces the button's words meanwhile; data-many leaves a form alone.

function ask(form, question) {
  const dialog = document.createElement("dialog");
  dialog.className = "dialog";
  const words = document.createElement("p");
  words.className = "strong";
  words.id = "confirm-words";
  words.textContent = question;
  dialog.setAttribute("aria-labelledby", words.id);
  const note = document.createElement("p");
  note.className = "soft";
  note.textContent = form.dataset.confirmNote ?? "";
  const row = document.createElement("div");
  row.className = "buttons buttons--end";
  const [no, yes] = ["button", "button"].map((kind) => document.createElement(kind));
  no.type = yes.type = "button";
  no.className = "button";
  no.textContent = form.dataset.confirmNo ?? "Cancel";
  yes.className = `button button--${form.dataset.confirmTone ?? "danger"}`;
  yes.textContent = form.dataset.confirmYes ?? "Continue";
  row.append(no, yes);
  dialog.append(words, note, row);
  if (!note.textContent) note.remove();
  document.body.append(dialog);
  return new Promise((resolve) => {
    no.onclick = () => dialog.close();
    yes.onclick = () => dialog.close("yes");
    dialog.onclose = () => {
      dialog.remove();
      resolve(dialog.returnValue === "yes");
    };
    dialog.showModal();
  });
}

function once(form, button) {
  form.dataset.sent = "";
  if (!button) return;
  button.setAttribute("aria-busy", "true");
  const words = button.dataset.busy ?? form.dataset.busy;
  if (words) {
    button.dataset.words = button.textContent;
    button.textContent = words;
  }
}

document.addEventListener("submit", async (event) => {
  const form = event.target;
  const button = event.submitter;
  const question = button?.dataset.confirm ?? form.dataset.confirm;
  if (question && !("confirmed" in form.dataset)) {
    event.preventDefault();
    event.stopImmediatePropagation();
    if (await ask(form, question)) {
      form.dataset.confirmed = "";
      form.requestSubmit(button);
    }
    return;
  }
  delete form.dataset.confirmed;
  if (form.method !== "post" || "many" in form.dataset || event.defaultPrevented) return;
  if ("sent" in form.dataset) return event.preventDefault();
  once(form, button);
}, true);

// Coming back with the browser's Back button shows the page as it was left: make its forms usable again.
window.addEventListener("pageshow", (event) => {
  if (!event.persisted) return;
  for (const form of document.querySelectorAll("form[data-sent]")) delete form.dataset.sent;
  for (const button of document.querySelectorAll("button[aria-busy]")) {
    button.removeAttribute("aria-busy");
    if (button.dataset.words) button.textContent = button.dataset.words;
  }
});
// htmx sends the form itself and stays on the page.
document.addEventListener("htmx:afterRequest", (event) => {
  const form = event.target.closest?.("form");
  if (!form) return;
  delete form.dataset.sent;
  for (const button of form.querySelectorAll("button[aria-busy]")) {
    button.removeAttribute("aria-busy");
    if (button.dataset.words) button.textContent = button.dataset.words;
  }
});
