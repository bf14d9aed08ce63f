"""Subscriptions: offers, and what clients bought of them: once, in instalments, recurring, or for nothing.

A Subscription mirrors Stripe's object on the agency's account; a Bill mirrors one of its invoices; a Step is what
somebody did to it. A Coupon is a code that makes an offer cheaper; an OfferInvitation says to whom an offer was sent.
Stripe is asked for the amount with tax; which part of it is tax is kept and shown here.

What an offer opens is kept by portal.entitlements: other modules read it there and hear `entitlements.granted` and
`.lost`. The facts of this module (`subscriptions.started`, `.past_due`, `.canceled`, with `subscription_id`) are about
money, for workflows and notifications. Invoices that an agency writes itself are not here, nor what agencies pay for
the platform.
"""
