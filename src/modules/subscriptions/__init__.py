"""Subscriptions: offers, and what clients bought of them: once, in instalments, recurring, or for nothing.

A Subscription mirrors Stripe's object on the agency's account; a Bill mirrors one of its invoices; a Step is what
somebody did to it. What an offer opens is kept by portal.entitlements. Invoices that an agency writes itself are not
here, nor what agencies pay for the platform.
"""
