"""dj-stripe, fenced in: its migration as one file, and the mirror that it keeps. Nothing is decided by it."""
