// Live preview while branding is chosen.
// data-preview-theme="/address" on a colour input: its sheet, for ?accent=…, replaces <link id="preview-theme">.
// data-preview-text="selector": the words typed appear there. data-preview-image="selector": the picture chosen
// appears there, and what its data-preview-instead names is hidden.
let waiting;

function retheme(input) {
  clearTimeout(waiting);
  waiting = setTimeout(() => {
    const link = document.getElementById("preview-theme");
    if (link) link.href = `${input.dataset.previewTheme}?accent=${encodeURIComponent(input.value)}`;
  }, 120);
}

function show(input) {
  const [file] = input.files ?? [];
  if (!file) return;
  const reader = new FileReader();
  reader.onload = () => {
    for (const target of document.querySelectorAll(input.dataset.previewImage)) {
      target.src = reader.result;
      target.hidden = false;
      for (const other of document.querySelectorAll(target.dataset.previewInstead ?? null)) other.hidden = true;
    }
  };
  reader.readAsDataURL(file);
}

document.addEventListener("input", (event) => {
  const input = event.target;
  if (input.dataset.previewTheme !== undefined) retheme(input);
  if (input.dataset.previewText !== undefined) {
    for (const target of document.querySelectorAll(input.dataset.previewText)) {
      target.textContent = input.value || target.dataset.empty || "";
    }
  }
  if (input.type === "color") {
    const twin = document.querySelector(`[data-color-of="${input.id}"]`);
    if (twin) twin.textContent = input.value;
  }
});
document.addEventListener("change", (event) => {
  if (event.target.dataset.previewImage !== undefined) show(event.target);
});
