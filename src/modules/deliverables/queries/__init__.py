"""Reads that join several things: who reviews, what a list shows, what a page shows."""
