// Sign-up without typing twice: the address follows the agency's name, the zone is the browser's own.
// Every page works without this file.

const address = document.querySelector("[data-slug]");
const name = document.querySelector("[data-slug-source]");
const zone = document.querySelector("[data-zone]");

function tidy(words) {
  const folded = words.replaceAll("ß", "ss").normalize("NFKD").replace(/[\u0300-\u036f]/g, "").toLowerCase();
  return folded.replace(/[^a-z0-9]+/g, "-").replace(/^-+|-+$/g, "").slice(0, 30).replace(/-+$/, "");
}

if (address && name) {
  let follows = address.value === "" || address.value === tidy(name.value);
  const check = () => address.dispatchEvent(new CustomEvent("check"));
  address.addEventListener("input", () => {
    follows = address.value === "";
  });
  let waiting = 0;
  name.addEventListener("input", () => {
    if (!follows) return;
    address.value = tidy(name.value);
    clearTimeout(waiting);
    waiting = setTimeout(check, 300);
  });
  document.addEventListener("click", (event) => {
    const button = event.target.closest?.("[data-pick]");
    if (!button) return;
    event.preventDefault();
    address.value = button.value;
    follows = false;
    check();
    address.focus();
  });
}

if (zone && zone.value === "UTC") {
  const mine = Intl.DateTimeFormat().resolvedOptions().timeZone;
  if ([...zone.options].some((option) => option.value === mine)) zone.value = mine;
}
