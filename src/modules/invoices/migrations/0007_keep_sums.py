"""Sums of invoices are kept in the transaction that changes them; searching has its index.

What was there before is written down once: the movements of every issued invoice. A schema does not know its
zone, so old payments stand on their day of UTC.
"""

from django.db import migrations

INVOICES = (
    "SELECT p.what, w.whose, r.currency, p.day, p.minor, 1 FROM ROWS r"
    " CROSS JOIN LATERAL (VALUES"
    " ('open', COALESCE(r.next_due_on, r.due_on, DATE '9999-12-31'), r.due_minor,"
    " r.state IN ('issued', 'partly_paid') AND r.due_minor > 0),"
    " ('draft', DATE '1970-01-01', r.gross_minor, r.state IN ('draft', 'scheduled')))"
    " AS p (what, day, minor, holds)"
    " CROSS JOIN LATERAL (VALUES (''), (CASE WHEN r.company_id IS NULL THEN 'client-' || r.client_id"
    " ELSE 'company-' || r.company_id END)) AS w (whose)"
    " WHERE p.holds AND (w.whose = '' OR p.what = 'open')"
)
MOVEMENTS = "SELECT 'moved', r.whose, r.currency, r.day, r.minor, 1 FROM ROWS r"
TRIGGERS = "\n".join(
    f"CREATE TRIGGER {table}_{event}_summed AFTER {event} ON invoices_{table} REFERENCING {rows}"
    f" FOR EACH STATEMENT EXECUTE FUNCTION extensions.keep_sums('invoices_invoicesum', $${select}$$);"
    for table, event, rows, select in (
        ("invoice", "insert", "NEW TABLE AS new_rows", INVOICES),
        ("invoice", "update", "NEW TABLE AS new_rows OLD TABLE AS old_rows", INVOICES),
        ("invoice", "delete", "OLD TABLE AS old_rows", INVOICES),
        ("movement", "insert", "NEW TABLE AS new_rows", MOVEMENTS),
    )
)
OWNER = "CASE WHEN i.company_id IS NULL THEN 'client-' || i.client_id ELSE 'company-' || i.company_id END"
COLUMNS = "invoice_id, kind, entry_id, whose, currency, day, minor, created_at"
KEEP = f"""
{TRIGGERS}
CREATE TRIGGER movement_stays BEFORE UPDATE OR DELETE ON invoices_movement
FOR EACH ROW EXECUTE FUNCTION extensions.refuse_change();
CREATE INDEX invoice_number_words ON invoices_invoice USING gin (UPPER(number) extensions.gin_trgm_ops);
CREATE INDEX invoice_title_words ON invoices_invoice USING gin (UPPER(title) extensions.gin_trgm_ops);
INSERT INTO invoices_invoicesum (what, whose, currency, day, minor, count)
SELECT what, whose, currency, day, sum(minor), sum(count)
FROM ({INVOICES.replace("ROWS", "invoices_invoice")}) AS truth (what, whose, currency, day, minor, count)
GROUP BY 1, 2, 3, 4;
INSERT INTO invoices_movement ({COLUMNS})
SELECT i.id, 'billed', NULL, {OWNER}, i.currency, i.issued_on, i.gross_minor, now()
FROM invoices_invoice i WHERE i.number IS NOT NULL ORDER BY i.issued_on, i.id;
INSERT INTO invoices_movement ({COLUMNS})
SELECT i.id, 'entry', e.id, {OWNER}, i.currency, (e.happened_at AT TIME ZONE 'UTC')::date, -e.minor, now()
FROM payments_ledgerentry e JOIN invoices_invoice i ON e.payable = 'invoices.invoice:' || i.id
WHERE i.number IS NOT NULL AND e.currency = i.currency AND e.kind <> 'fee' ORDER BY e.happened_at, e.id;
INSERT INTO invoices_movement ({COLUMNS})
SELECT i.id, 'let_go', NULL, {OWNER}, i.currency,
  (COALESCE(i.voided_at, now()) AT TIME ZONE 'UTC')::date, i.due_minor - i.over_minor - sum(m.minor), now()
FROM invoices_invoice i JOIN invoices_movement m ON m.invoice_id = i.id
GROUP BY i.id HAVING sum(m.minor) <> i.due_minor - i.over_minor;
"""
FORGET = """
DROP TRIGGER invoice_insert_summed ON invoices_invoice;
DROP TRIGGER invoice_update_summed ON invoices_invoice;
DROP TRIGGER invoice_delete_summed ON invoices_invoice;
DROP TRIGGER movement_insert_summed ON invoices_movement;
DROP TRIGGER movement_stays ON invoices_movement;
DROP INDEX invoice_number_words, invoice_title_words;
DELETE FROM invoices_invoicesum;
DELETE FROM invoices_movement;
"""


class Migration(migrations.Migration):
    dependencies = [("invoices", "0006_sums"), ("payments", "0005_keep_sums")]
    operations = [migrations.RunSQL(KEEP, FORGET)]
