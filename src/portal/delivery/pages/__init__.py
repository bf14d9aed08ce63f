"""Pages: the log in the console, unsubscribing on the portal."""
