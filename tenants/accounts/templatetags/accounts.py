"""`{% load accounts %}`"""

from django import template

from tenants.accounts.devices import device_words

register = template.Library()
register.filter("device", device_words)
