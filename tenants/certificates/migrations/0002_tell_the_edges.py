"""Every change of a bundle gets the next version and is told to the edges, whoever makes it."""

from django.db import migrations

TELL = """
CREATE SEQUENCE certificates_bundle_version;
CREATE FUNCTION certificates_number_bundle() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  NEW.version := nextval('public.certificates_bundle_version');
  RETURN NEW;
END $$;
CREATE FUNCTION certificates_tell_edges() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  PERFORM pg_notify('tls_bundle', COALESCE(NEW.host, OLD.host));
  RETURN NULL;
END $$;
CREATE TRIGGER certificates_number BEFORE INSERT OR UPDATE OF sealed ON certificates_bundle
FOR EACH ROW EXECUTE FUNCTION certificates_number_bundle();
CREATE TRIGGER certificates_tell AFTER INSERT OR DELETE OR UPDATE OF sealed ON certificates_bundle
FOR EACH ROW EXECUTE FUNCTION certificates_tell_edges();
"""
HUSH = """
DROP TRIGGER certificates_tell ON certificates_bundle;
DROP TRIGGER certificates_number ON certificates_bundle;
DROP FUNCTION certificates_tell_edges();
DROP FUNCTION certificates_number_bundle();
DROP SEQUENCE certificates_bundle_version;
"""


class Migration(migrations.Migration):
    dependencies = [("certificates", "0001_initial")]
    operations = [migrations.RunSQL(TELL, HUSH)]
