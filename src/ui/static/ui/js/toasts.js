// Messages that only say "done" float and leave after six seconds; the others stay until they are closed.
const STAY = 6000;

function float(list) {
  const lasting = list.querySelector(".message--error, .message--warning");
  if (!lasting) list.classList.add("messages--float");
  for (const message of list.querySelectorAll(".message")) {
    const button = message.querySelector("[data-dismiss]");
    if (button) button.hidden = false;
    if (lasting) continue;
    let timer = setTimeout(() => message.remove(), STAY);
    message.addEventListener("pointerenter", () => clearTimeout(timer));
    message.addEventListener("focusin", () => clearTimeout(timer));
    message.addEventListener("pointerleave", () => (timer = setTimeout(() => message.remove(), STAY)));
  }
}

document.addEventListener("click", (event) => event.target.closest("[data-dismiss]")?.closest(".message, .banner")?.remove());
const begin = () => document.querySelectorAll("[data-toasts]").forEach(float);
begin();
document.addEventListener("page:drawn", begin);
document.addEventListener("htmx:load", (event) => {
  if (event.target.matches?.("[data-toasts]")) float(event.target);
  event.target.querySelectorAll?.("[data-toasts]").forEach(float);
});
