"""What the queue declares of itself."""

from portal.module import Module
from portal.waiting.emails import EMAILS

module = Module(key="waiting", name="Waiting on you", icon="check", order=0, emails=EMAILS)
