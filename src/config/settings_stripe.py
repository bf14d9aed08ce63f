"""Settings of Stripe. Without a secret key nothing is paid by card: clients pay by transfer, plans are not sold."""

from environs import Env

env = Env()

# Empty: Stripe's own API. The demo and the tests name their simulator; nothing else may.
STRIPE_API_BASE = env.str("STRIPE_API_BASE", "")
STRIPE_JS_URL = env.str("STRIPE_JS_URL", "https://js.stripe.com/clover/stripe.js")
STRIPE_SECRET_KEY = env.str("STRIPE_SECRET_KEY", "")
STRIPE_PUBLISHABLE_KEY = env.str("STRIPE_PUBLISHABLE_KEY", "")
# Several while a secret is being rolled.
STRIPE_WEBHOOK_SECRETS: list[str] = env.list("STRIPE_WEBHOOK_SECRETS", [])
STRIPE_CONNECT_WEBHOOK_SECRETS: list[str] = env.list("STRIPE_CONNECT_WEBHOOK_SECRETS", [])
