"""Reads that join several things for one page."""
