// <button data-copy="#id"> or data-copy-text="words": copies, and says so on the button for two seconds.
document.addEventListener("click", async (event) => {
  const button = event.target.closest("[data-copy], [data-copy-text]");
  if (!button) return;
  const source = button.dataset.copy && document.querySelector(button.dataset.copy);
  const text = button.dataset.copyText ?? source?.value ?? source?.textContent.trim() ?? "";
  try {
    await navigator.clipboard.writeText(text);
  } catch {
    // Plain http has no clipboard: select it, so that one key press copies.
    if (source) getSelection().selectAllChildren(source);
    return;
  }
  const label = button.querySelector("[data-copy-label]") ?? button;
  const before = label.textContent;
  label.textContent = button.dataset.copied ?? "Copied";
  setTimeout(() => (label.textContent = before), 2000);
});
