// The editor of mails: a word pressed goes to where one writes, and the preview follows what is typed.
// Without scripts the words are written by hand and the preview follows its button.
const form = document.getElementById("words-form");
const button = document.querySelector("[data-preview]");
const asText = document.querySelector("[data-preview-as-text]");
const withWhom = document.getElementById("preview-with");
let field = form.elements.body;
let shown = button;
let waiting;

function show() {
  // Not requestSubmit(): the page's own form must not say that it is saving, nor ask what is still missing.
  const data = new FormData(form, shown);
  const twin = document.createElement("form");
  Object.assign(twin, { method: "post", action: shown.formAction, target: "preview", hidden: true });
  for (const [name, value] of data) {
    const input = document.createElement("textarea");
    Object.assign(input, { name, value });
    twin.append(input);
  }
  document.body.append(twin);
  twin.submit();
  twin.remove();
}

function soon() {
  clearTimeout(waiting);
  waiting = setTimeout(show, 500);
}

form.addEventListener("focusin", (event) => {
  if (event.target.matches("textarea, input[type=text]")) field = event.target;
});
form.addEventListener("input", soon);
withWhom.addEventListener("change", show);
for (const one of [button, asText]) {
  one.addEventListener("click", (event) => {
    event.preventDefault();
    shown = one;
    show();
  });
}
form.addEventListener("click", (event) => {
  const word = event.target.closest("[data-insert]");
  if (!word) return;
  field.focus();
  field.setRangeText(word.dataset.insert, field.selectionStart, field.selectionEnd, "end");
  field.dispatchEvent(new Event("input", { bubbles: true }));
});
