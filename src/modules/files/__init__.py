"""Files: what staff share with clients on purpose, and what clients send when they are asked.

Nouns: folder, file (a lasting address with versions behind it, or a link to another service), share, activity;
file request with its items and hand-ins. A file that is not shared is a draft that only staff see. It holds no
deliverables (work that clients decide about) and signs nothing.
"""
