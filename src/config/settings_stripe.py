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
# What plans cost, in the currency's smallest unit; operators may set others on their pages.
PLAN_CURRENCY = env.str("PLAN_CURRENCY", "EUR")
PLAN_PRICES = {
    "starter_month": env.int("PLAN_STARTER_MONTH", 2900),
    "starter_year": env.int("PLAN_STARTER_YEAR", 29000),
    "growth_month": env.int("PLAN_GROWTH_MONTH", 7900),
    "growth_year": env.int("PLAN_GROWTH_YEAR", 79000),
    "scale_month": env.int("PLAN_SCALE_MONTH", 19900),
    "scale_year": env.int("PLAN_SCALE_YEAR", 199000),
}
# dj-stripe, which mirrors what agencies pay us. Its objects point to each other by Stripe's ids.
DJSTRIPE_FOREIGN_KEY_TO_FIELD = "id"
DJSTRIPE_SUBSCRIBER_MODEL = "accounts.Account"
# Its own webhook view is not in our urls; this value keeps its start-up check off the database.
DJSTRIPE_WEBHOOK_VALIDATION = "retrieve_event"
