"""Sums of the ledger are kept in the transaction that books. The function is in `extensions`."""

from django.db import migrations

LEDGER = (
    "SELECT r.kind, split_part(r.payable, ':', 1), r.currency, (r.happened_at AT TIME ZONE 'UTC')::date,"
    " r.minor, 1 FROM ROWS r"
)
KEEP = f"""
CREATE TRIGGER ledger_is_summed AFTER INSERT ON payments_ledgerentry REFERENCING NEW TABLE AS new_rows
FOR EACH STATEMENT EXECUTE FUNCTION extensions.keep_sums('payments_moneysum', $${LEDGER}$$);
INSERT INTO payments_moneysum (what, whose, currency, day, minor, count)
SELECT what, whose, currency, day, sum(minor), sum(count)
FROM ({LEDGER.replace("ROWS", "payments_ledgerentry")}) AS truth (what, whose, currency, day, minor, count)
GROUP BY 1, 2, 3, 4;
"""
FORGET = "DROP TRIGGER ledger_is_summed ON payments_ledgerentry; DELETE FROM payments_moneysum;"


class Migration(migrations.Migration):
    dependencies = [("payments", "0004_sums")]
    operations = [migrations.RunSQL(KEEP, FORGET)]
