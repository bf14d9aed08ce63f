// Stripe's embedded Checkout, loaded from Stripe, on this page only.

const box = document.querySelector("[data-checkout]");

function loaded(url) {
  return new Promise((resolve, reject) => {
    const script = document.createElement("script");
    script.src = url;
    script.onload = resolve;
    script.onerror = reject;
    document.head.append(script);
  });
}

async function open() {
  const { stripe: url, key, account, secret } = box.dataset;
  await loaded(url);
  const stripe = window.Stripe(key, { stripeAccount: account });
  const page = await stripe.createEmbeddedCheckoutPage({ fetchClientSecret: async () => secret });
  box.querySelector("[data-waiting]").remove();
  page.mount("#checkout");
  box.removeAttribute("aria-busy");
}

open().catch(() => {
  box.hidden = true;
  document.querySelector("#checkout-failed").hidden = false;
});
