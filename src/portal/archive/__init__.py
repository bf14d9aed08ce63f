"""All that an agency has here, to take along: its records as tables and its files, in zip files.

Nouns: an archive, asked for by an owner and kept for three days; its parts, one zip each. A read-only agency
may ask for one too: that is what its export window is for. Sign-in keys, sessions and passwords stay out.
"""
