// Stands in for js.stripe.com on this machine: only what embedded Checkout needs.
(function () {
  "use strict";
  const base = "SIMULATOR_BASE";
  const old = { initEmbeddedCheckout: "createEmbeddedCheckoutPage", redirectToCheckout: "the session's url" };

  function refuse(name) {
    return () => { throw new Error(`The Stripe simulator has no ${name}${old[name] ? `: use ${old[name]}` : ""}.`); };
  }

  async function createEmbeddedCheckoutPage(account, options) {
    const secret = options.clientSecret || (await options.fetchClientSecret());
    if (!/^cs_\w+_secret_\w+$/.test(secret)) throw new Error("This is not the client secret of a checkout session.");
    const frame = document.createElement("iframe");
    frame.src = `${base}/embed/${account}/${encodeURIComponent(secret)}`;
    frame.name = "embedded-checkout";
    frame.title = "Payment (test)";
    frame.width = "100%";
    frame.height = "560";
    frame.setAttribute("frameborder", "0");
    frame.setAttribute("allow", "payment");

    function hear(event) {
      if (event.origin !== base || event.source !== frame.contentWindow) return;
      if (event.data.height) frame.height = String(Math.ceil(event.data.height));
      if (event.data.simulator !== "complete") return;
      if (event.data.address) window.location.assign(event.data.address);
      else if (options.onComplete) options.onComplete();
    }

    function leave() {
      window.removeEventListener("message", hear);
      frame.remove();
    }

    return {
      mount(where) {
        window.addEventListener("message", hear);
        const place = typeof where === "string" ? document.querySelector(where) : where;
        if (!place) throw new Error(`There is no ${where} to mount the payment in.`);
        place.appendChild(frame);
      },
      unmount: leave,
      destroy: leave,
    };
  }

  window.Stripe = function (key, options) {
    if (!/^pk_test_/.test(key)) throw new Error("The Stripe simulator takes a publishable test key (pk_test_…) only.");
    const account = (options && options.stripeAccount) || "PLATFORM_ACCOUNT";
    const known = { createEmbeddedCheckoutPage: (asked) => createEmbeddedCheckoutPage(account, asked) };
    return new Proxy(known, {
      get: (target, name) => target[name] || (name === "then" || typeof name === "symbol" ? undefined : refuse(name)),
    });
  };
})();
