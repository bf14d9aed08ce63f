"""What became of mails: events of every message, marks on addresses that take none, unsubscribing."""
