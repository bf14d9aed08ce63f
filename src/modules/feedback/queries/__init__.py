"""Reads of feedback that join several things."""
