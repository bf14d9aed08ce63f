// <div data-drop> around a file input: files can be dropped on it, their names are listed, and a form with
// data-upload shows how much has been sent.
const size = (bytes) => (bytes < 1e6 ? `${Math.max(1, Math.round(bytes / 1e3))} KB` : `${(bytes / 1e6).toFixed(1)} MB`);

function list(zone) {
  const input = zone.querySelector('input[type="file"]');
  const names = zone.querySelector("[data-drop-list]");
  if (!input || !names) return;
  names.replaceChildren(
    ...Array.from(input.files, (file) => {
      const row = document.createElement("li");
      row.className = "drop__name small";
      row.textContent = `${file.name} · ${size(file.size)}`;
      return row;
    }),
  );
}

function wire(zone) {
  const area = zone.querySelector(".drop");
  const input = zone.querySelector('input[type="file"]');
  area.classList.add("drop--live");
  for (const kind of ["dragenter", "dragover"]) {
    area.addEventListener(kind, (event) => {
      event.preventDefault();
      area.classList.add("is-over");
    });
  }
  for (const kind of ["dragleave", "drop"]) area.addEventListener(kind, () => area.classList.remove("is-over"));
  area.addEventListener("drop", (event) => {
    event.preventDefault();
    const kept = new DataTransfer();
    for (const file of Array.from(event.dataTransfer.files).slice(0, input.multiple ? 50 : 1)) kept.items.add(file);
    input.files = kept.files;
    input.dispatchEvent(new Event("change", { bubbles: true }));
  });
  input.addEventListener("change", () => list(zone));
}

function draw(request) {
  const page = new DOMParser().parseFromString(request.responseText, "text/html");
  document.title = page.title;
  document.body.replaceWith(page.body);
  history.pushState({}, "", request.responseURL);
  scrollTo(0, 0);
  document.dispatchEvent(new Event("page:drawn"));
}

function send(form) {
  const request = new XMLHttpRequest();
  const bar = form.querySelector("[data-upload-bar]");
  request.upload.addEventListener("progress", (event) => {
    if (!bar || !event.lengthComputable) return;
    bar.hidden = false;
    bar.querySelector("progress").value = Math.round((100 * event.loaded) / event.total);
    const words = bar.querySelector("[data-upload-words]");
    if (words) words.textContent = `${Math.round((100 * event.loaded) / event.total)} %`;
  });
  // The browser has followed the redirect by itself and the answer holds the messages of that page, which are
  // shown once: draw the answer instead of asking for the page again.
  request.addEventListener("load", () => draw(request));
  request.addEventListener("error", () => form.submit());
  request.open("POST", form.action || location.href);
  request.send(new FormData(form));
}

const begin = () => document.querySelectorAll("[data-drop]").forEach(wire);
begin();
document.addEventListener("page:drawn", begin);
window.addEventListener("popstate", () => location.reload());
document.addEventListener("submit", (event) => {
  const form = event.target;
  if (!form.matches("form[data-upload]") || event.defaultPrevented) return;
  event.preventDefault();
  send(form);
});
