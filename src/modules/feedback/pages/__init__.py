"""Pages of feedback, of the portal and of the console."""
