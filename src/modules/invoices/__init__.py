"""Invoices: what clients owe the agency, from the draft to the last cent.

Nouns: invoice, line, tax rate, series, instalment, credit note, transfer report ("I have paid"), repeating
invoice, quote. What was paid is the ledger's (portal.payments); an invoice's state is read from its entries.
"""
