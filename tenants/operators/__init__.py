"""The pages of our own staff."""
