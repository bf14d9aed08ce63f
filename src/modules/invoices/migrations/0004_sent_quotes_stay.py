"""What a sent quote says never changes, nor what was answered: the database refuses it, whoever asks.

The functions are in `extensions`: schemas are renamed at sign-up.
"""

from django.db import migrations

CONTENT = (
    "company_id", "client_id", "pattern_id", "number", "version", "replaces_id", "valid_until", "on_acceptance",
    "sent_on", "sent_at", "seller", "buyer",
)  # fmt: skip
OLD, NEW = (", ".join(f"{row}.{name}" for name in CONTENT) for row in ("OLD", "NEW"))
# An answer is final: accepted, declined and replaced lead nowhere.
FINAL = "('accepted', 'declined', 'replaced', 'withdrawn')"
REFUSE = f"""
CREATE TRIGGER sent_quote_stays BEFORE UPDATE ON invoices_quote FOR EACH ROW
WHEN (OLD.number IS NOT NULL AND (({OLD}) IS DISTINCT FROM ({NEW}) OR NEW.state = 'draft'
      OR (OLD.state IN {FINAL} AND NEW.state <> OLD.state)))
EXECUTE FUNCTION extensions.refuse_change();
CREATE TRIGGER sent_quote_is_not_deleted BEFORE DELETE ON invoices_quote FOR EACH ROW
WHEN (OLD.number IS NOT NULL) EXECUTE FUNCTION extensions.refuse_change();
CREATE TRIGGER frozen_pattern_stays BEFORE UPDATE OR DELETE ON invoices_pattern FOR EACH ROW
WHEN (OLD.frozen_at IS NOT NULL) EXECUTE FUNCTION extensions.refuse_change();
CREATE TRIGGER frozen_lines_stay BEFORE INSERT OR UPDATE OR DELETE ON invoices_patternline FOR EACH ROW
EXECUTE FUNCTION extensions.refuse_change_under('invoices_pattern', 'pattern_id', 'frozen_at IS NOT NULL');
CREATE TRIGGER quote_answer_stays BEFORE UPDATE OR DELETE ON invoices_quoteanswer FOR EACH ROW
EXECUTE FUNCTION extensions.refuse_change();
"""
ALLOW = """
DROP TRIGGER sent_quote_stays ON invoices_quote;
DROP TRIGGER sent_quote_is_not_deleted ON invoices_quote;
DROP TRIGGER frozen_pattern_stays ON invoices_pattern;
DROP TRIGGER frozen_lines_stay ON invoices_patternline;
DROP TRIGGER quote_answer_stays ON invoices_quoteanswer;
"""


class Migration(migrations.Migration):
    dependencies = [("invoices", "0003_quotes_and_repeating")]
    operations = [migrations.RunSQL(REFUSE, ALLOW)]
