// <svg data-pin-layer="form-id">: a click puts a pin there and its place, in per cent, into the form's x and y.
const SVG = "http://www.w3.org/2000/svg";

function place(layer, form, x, y) {
  let pin = layer.querySelector(".pin--new");
  if (!pin) {
    pin = document.createElementNS(SVG, "svg");
    pin.setAttribute("class", "pin pin--new");
    pin.setAttribute("overflow", "visible");
    const dot = document.createElementNS(SVG, "circle");
    dot.setAttribute("r", "13");
    pin.append(dot);
    layer.append(pin);
  }
  pin.setAttribute("x", `${x}%`);
  pin.setAttribute("y", `${y}%`);
  form.elements.x.value = x;
  form.elements.y.value = y;
  const note = form.querySelector("[data-pin-note]");
  if (note) note.hidden = false;
}

function lift(form) {
  form.elements.x.value = form.elements.y.value = "";
  document.querySelector(`[data-pin-layer="${form.id}"] .pin--new`)?.remove();
  const note = form.querySelector("[data-pin-note]");
  if (note) note.hidden = true;
}

document.addEventListener("click", (event) => {
  const layer = event.target.closest("[data-pin-layer]");
  if (layer && !event.target.closest("a")) {
    const form = document.getElementById(layer.dataset.pinLayer);
    const box = layer.getBoundingClientRect();
    const per = (value, whole) => Math.min(100, Math.max(0, (100 * value) / whole)).toFixed(2);
    place(layer, form, per(event.clientX - box.left, box.width), per(event.clientY - box.top, box.height));
    form.querySelector("textarea")?.focus();
  }
  const remover = event.target.closest("[data-pin-remove]");
  if (remover) lift(remover.form ?? remover.closest("form"));
});
