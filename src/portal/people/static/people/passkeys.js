// Passkeys. A form with data-passkey="create" or "get" asks its data-challenge address for options, lets the
// browser ask the person, puts the answer into the hidden field `credential` and is sent as any other form.
// Without this file the forms stay hidden (js-only): a mail link does the same.

const bytes = (text) => Uint8Array.from(atob(text.replace(/-/g, "+").replace(/_/g, "/")), (c) => c.charCodeAt(0));
const text = (buffer) =>
  btoa(String.fromCharCode(...new Uint8Array(buffer))).replace(/\+/g, "-").replace(/\//g, "_").replace(/=+$/, "");
const named = (list) => (list ?? []).map((one) => ({ ...one, id: bytes(one.id) }));

function options(kind, raw) {
  const key = { ...raw.publicKey, challenge: bytes(raw.publicKey.challenge) };
  if (kind === "create") {
    key.user = { ...key.user, id: bytes(key.user.id) };
    key.excludeCredentials = named(key.excludeCredentials);
  } else {
    key.allowCredentials = named(key.allowCredentials);
  }
  return { publicKey: key };
}

// Written out: toJSON() of credentials is missing in browsers that are still in use.
function answer(made) {
  const response = {};
  for (const name of ["clientDataJSON", "attestationObject", "authenticatorData", "signature", "userHandle"]) {
    if (made.response[name]) response[name] = text(made.response[name]);
  }
  const id = text(made.rawId);
  return { id, rawId: id, type: made.type, clientExtensionResults: {}, response };
}

async function ask(form) {
  const body = new URLSearchParams({ csrfmiddlewaretoken: form.elements.csrfmiddlewaretoken.value });
  const reply = await fetch(form.dataset.challenge, { method: "POST", body });
  // Led to the page that asks for a fresh proof: go there for real.
  if (reply.redirected) location.reload();
  if (!reply.ok || reply.redirected) throw new Error(`${reply.status}`);
  const kind = form.dataset.passkey;
  return answer(await navigator.credentials[kind](options(kind, await reply.json())));
}

function release(form) {
  delete form.dataset.sent;
  for (const button of form.querySelectorAll("button[aria-busy]")) {
    button.removeAttribute("aria-busy");
    if (button.dataset.words) button.textContent = button.dataset.words;
  }
}

async function run(form) {
  const note = form.querySelector("[data-passkey-note]");
  note.hidden = true;
  try {
    form.elements.credential.value = JSON.stringify(await ask(form));
  } catch {
    // Cancelled, timed out, or no such passkey: browsers do not tell which, on purpose.
    release(form);
    note.hidden = false;
    return;
  }
  form.submit();
}

// In front of the shell's own listener on document, which would count the form as sent.
addEventListener("submit", (event) => {
  const form = event.target;
  if (!form.dataset.passkey) return;
  event.preventDefault();
  event.stopImmediatePropagation();
  run(form);
}, true);

for (const form of document.querySelectorAll("form[data-passkey]")) form.hidden = !window.PublicKeyCredential;
