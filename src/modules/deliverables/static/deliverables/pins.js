// A version may have several pictures and one comment form: a click on a picture also says which one it is, and
// a pin that was put on another picture before goes.
document.addEventListener("click", (event) => {
  const layer = event.target.closest("[data-pin-layer][data-pin-file]");
  if (layer && !event.target.closest("a")) {
    const form = document.getElementById(layer.dataset.pinLayer);
    form.elements.file.value = layer.dataset.pinFile;
    for (const pin of document.querySelectorAll("[data-pin-layer] .pin--new")) {
      if (!layer.contains(pin)) pin.remove();
    }
  }
  const form = event.target.closest("[data-pin-remove]")?.form;
  if (form?.elements.file) form.elements.file.value = "";
});
