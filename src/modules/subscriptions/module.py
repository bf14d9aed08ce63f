"""The declaration of subscriptions."""

from portal.module import Module

module = Module(key="subscriptions", name="Subscriptions", icon="subscriptions", order=50)
