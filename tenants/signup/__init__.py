"""The platform's public pages, and how an agency joins: e-mail, code, name and address, plan, live portal."""
