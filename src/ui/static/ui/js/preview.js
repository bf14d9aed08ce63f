// Live preview while branding is chosen.
// data-preview-theme="/address" on a colour input: its sheet, for ?accent=…, replaces <link id="preview-theme">.
// data-preview-text="#id": the words typed appear there. data-preview-image="#id": the picture chosen appears there.
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
  const target = document.querySelector(input.dataset.previewImage);
  if (!file || !target) return;
  const reader = new FileReader();
  reader.onload = () => {
    target.src = reader.result;
    target.hidden = false;
    document.querySelector(target.dataset.previewInstead ?? null)?.setAttribute("hidden", "");
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
