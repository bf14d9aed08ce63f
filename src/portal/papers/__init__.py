"""Invoices, receipts, credit notes, quotes and statements as PDF, and the electronic invoice (EN 16931)."""
