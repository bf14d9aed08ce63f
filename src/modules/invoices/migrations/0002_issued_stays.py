"""What an issued invoice says never changes: the database refuses it, whoever asks.

The functions are in `extensions`: schemas are renamed at sign-up.
"""

from django.db import migrations

CONTENT = (
    "company_id", "client_id", "number", "title", "currency", "discount_percent", "discount_minor",
    "net_minor", "tax_minor", "gross_minor", "notes", "terms", "reference", "issued_on", "issued_at",
    "delivered_on", "due_on", "seller", "buyer",
)  # fmt: skip
OLD, NEW = (", ".join(f"{row}.{name}" for name in CONTENT) for row in ("OLD", "NEW"))
REFUSE = f"""
CREATE TRIGGER issued_invoice_stays BEFORE UPDATE ON invoices_invoice FOR EACH ROW
WHEN (OLD.number IS NOT NULL AND (({OLD}) IS DISTINCT FROM ({NEW}) OR NEW.state IN ('draft', 'scheduled')))
EXECUTE FUNCTION extensions.refuse_change();
CREATE TRIGGER issued_invoice_is_not_deleted BEFORE DELETE ON invoices_invoice FOR EACH ROW
WHEN (OLD.number IS NOT NULL) EXECUTE FUNCTION extensions.refuse_change();
CREATE TRIGGER issued_lines_stay BEFORE INSERT OR UPDATE OR DELETE ON invoices_line FOR EACH ROW
EXECUTE FUNCTION extensions.refuse_change_under('invoices_invoice', 'invoice_id', 'number IS NOT NULL');
CREATE TRIGGER credit_note_stays BEFORE UPDATE OR DELETE ON invoices_creditnote FOR EACH ROW
EXECUTE FUNCTION extensions.refuse_change();
"""
ALLOW = """
DROP TRIGGER issued_invoice_stays ON invoices_invoice;
DROP TRIGGER issued_invoice_is_not_deleted ON invoices_invoice;
DROP TRIGGER issued_lines_stay ON invoices_line;
DROP TRIGGER credit_note_stays ON invoices_creditnote;
"""


class Migration(migrations.Migration):
    dependencies = [("invoices", "0001_initial")]
    operations = [migrations.RunSQL(REFUSE, ALLOW)]
