// Every page works without this file; the modules only save a step. Hooks are data- attributes.
import "./menus.js";
import "./submit.js";
import "./copy.js";
import "./toasts.js";
import "./code.js";
import "./drop.js";
import "./preview.js";
import "./pins.js";

document.documentElement.classList.add("js");
