"""Mails that the platform itself sends: codes, resets, trial ends. An agency's mails are portal.mail's."""
