"""The one door to Stripe: the client, the inbox of its events, and which agency has which connected account.

Knows nothing of invoices, plans or payments: those register with `inbox.hears` and are called in a job.
"""
