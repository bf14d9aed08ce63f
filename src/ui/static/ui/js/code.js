// A six-digit code: spaces and dashes of a pasted one are dropped, the form goes off by itself when it is full.
document.addEventListener("input", (event) => {
  const input = event.target;
  if (!input.matches?.("[data-code]")) return;
  const digits = input.value.replace(/\D/g, "").slice(0, 6);
  if (digits !== input.value) input.value = digits;
  if (digits.length === 6 && input.dataset.code !== "stay") input.form?.requestSubmit();
});
// maxlength would cut "123 456" before the spaces are gone.
for (const input of document.querySelectorAll("[data-code]")) input.removeAttribute("maxlength");
