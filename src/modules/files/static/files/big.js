// <form data-big="/files/big/" data-big-from="33554432">: files of that many bytes and more go to the store in parts,
// straight from here, and go on where they stopped; the form then carries their ids instead of the files.
const TRIES = 4;
const CUT_OFF = "The connection broke off.";
const wait = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

async function ask(form, url, fields, method = "POST") {
  const token = form.querySelector("[name=csrfmiddlewaretoken]").value;
  const body = method === "POST" ? new URLSearchParams(fields) : undefined;
  const answer = await fetch(url, { method, body, headers: { "X-CSRFToken": token } }).catch(() => {
    throw new Error(CUT_OFF);
  });
  const read = await answer.json().catch(() => ({}));
  if (!answer.ok) throw new Error(read.words ?? "The file could not be sent. Please try again.");
  return read;
}

function put(url, blob, tell) {
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest();
    request.upload.addEventListener("progress", (event) => tell(event.loaded));
    request.addEventListener("load", () => (request.status === 200 ? resolve() : reject(new Error(CUT_OFF))));
    request.addEventListener("error", () => reject(new Error(CUT_OFF)));
    request.open("PUT", url);
    request.send(blob);
  });
}

const keyOf = (form, file) => `big:${form.dataset.big}:${file.name}:${file.size}:${file.lastModified}`;

async function begun(form, file) {
  const known = localStorage.getItem(keyOf(form, file));
  if (known) {
    try {
      return await ask(form, known, null, "GET");
    } catch {
      localStorage.removeItem(keyOf(form, file));
    }
  }
  const state = await ask(form, form.dataset.big, { name: file.name, size: file.size });
  localStorage.setItem(keyOf(form, file), state.url);
  return state;
}

async function sendPart(form, state, file, number, tell) {
  const blob = file.slice((number - 1) * state.part_size, number * state.part_size);
  for (let attempt = 1; ; attempt += 1) {
    try {
      const { url } = await ask(form, `${state.url}parts/${number}/`, {});
      return await put(url, blob, tell);
    } catch (error) {
      if (attempt === TRIES) throw error;
      await wait(1000 * 2 ** attempt);
    }
  }
}

async function send(form, file, tell) {
  const state = await begun(form, file);
  const arrived = new Set(state.arrived);
  for (let number = 1; number <= state.parts; number += 1) {
    const before = (number - 1) * state.part_size;
    if (!arrived.has(number)) await sendPart(form, state, file, number, (loaded) => tell(before + loaded));
  }
  const whole = await ask(form, `${state.url}whole/`, {});
  localStorage.removeItem(keyOf(form, file));
  return whole.id;
}

function show(form, words, share) {
  const bar = form.querySelector("[data-upload-bar]");
  if (!bar) return;
  bar.hidden = false;
  if (share !== undefined) bar.querySelector("progress").value = share;
  bar.querySelector("[data-upload-words]").textContent = words;
}

function carry(form, input, id, file) {
  const field = document.createElement("input");
  Object.assign(field, { type: "hidden", name: "big", value: id });
  form.append(field);
  const left = new DataTransfer();
  for (const other of input.files) if (other !== file) left.items.add(other);
  input.files = left.files;
}

async function sendBig(form, input, large, button) {
  try {
    for (const file of large) {
      const tell = (loaded) => show(form, `${file.name}: ${Math.floor((100 * loaded) / file.size)} %`, (100 * loaded) / file.size);
      carry(form, input, await send(form, file, tell), file);
    }
    input.required = false;
    delete form.dataset.sent;
    form.requestSubmit(button);
  } catch (error) {
    show(form, `${error.message} Press the button again to go on where it stopped.`);
    delete form.dataset.sent;
    if (button) {
      button.removeAttribute("aria-busy");
      if (button.dataset.words) button.textContent = button.dataset.words;
    }
  }
}

for (const form of document.querySelectorAll("form[data-big]")) {
  form.addEventListener("submit", (event) => {
    const input = form.querySelector('input[type="file"]');
    const large = Array.from(input?.files ?? []).filter((file) => file.size >= Number(form.dataset.bigFrom));
    if (!large.length || event.defaultPrevented) return;
    event.preventDefault();
    event.stopPropagation();
    sendBig(form, input, large, event.submitter);
  });
}
