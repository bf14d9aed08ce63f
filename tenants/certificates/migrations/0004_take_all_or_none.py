"""Spending several allowances at once, or none of them: one call, exact over all processes."""

from django.db import migrations

TAKE = """
CREATE FUNCTION public.certificates_take(
  keys text[], mosts int[], windows double precision[], at timestamptz
) RETURNS double precision LANGUAGE plpgsql AS $$
DECLARE
  wait double precision;
BEGIN
  INSERT INTO public.certificates_budget (key, full_at)
  SELECT k, at FROM unnest(keys) AS k ORDER BY k ON CONFLICT DO NOTHING;
  -- Always in the order of the keys: two takers never wait for each other crosswise.
  PERFORM 1 FROM public.certificates_budget WHERE key = ANY (keys) ORDER BY key FOR UPDATE;
  SELECT max(extract(epoch FROM greatest(b.full_at, at) - at) + t.span / t.most - t.span) INTO wait
  FROM unnest(keys, mosts, windows) AS t (key, most, span) JOIN public.certificates_budget b USING (key);
  IF wait > 0.000001 THEN
    RETURN wait;
  END IF;
  UPDATE public.certificates_budget b
  SET full_at = greatest(b.full_at, at) + make_interval(secs => t.span / t.most)
  FROM unnest(keys, mosts, windows) AS t (key, most, span) WHERE b.key = t.key;
  RETURN 0;
END $$;
"""


class Migration(migrations.Migration):
    dependencies = [("certificates", "0003_how_it_goes")]
    operations = [
        migrations.RunSQL(
            TAKE,
            "DROP FUNCTION public.certificates_take(text[], int[], double precision[], timestamptz)",
        )
    ]
