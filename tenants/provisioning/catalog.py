"""What a schema really holds, as one hash: two schemas with the same hash behave alike under the same code."""

import hashlib

from tenants.agencies.current import connection, leave_agency

# Each part prints lines; the path holds only the schema itself, so that names of its own are unqualified.
LINES = """
SELECT format('column %s %s %s %s notnull=%s identity=%s generated=%s default=%s', c.relname,
         row_number() OVER (PARTITION BY c.oid ORDER BY a.attnum), a.attname,
         format_type(a.atttypid, a.atttypmod), a.attnotnull, a.attidentity, a.attgenerated,
         pg_get_expr(d.adbin, d.adrelid))
  FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
  LEFT JOIN pg_attrdef d ON d.adrelid = c.oid AND d.adnum = a.attnum
 WHERE c.relnamespace = current_schema()::regnamespace AND c.relkind IN ('r', 'p', 'v', 'm')
UNION ALL
SELECT format('constraint %s %s %s validated=%s', conrelid::regclass, conname,
         pg_get_constraintdef(oid), convalidated)
  FROM pg_constraint WHERE connamespace = current_schema()::regnamespace AND contype <> 'n'
UNION ALL
SELECT format('index %s %s valid=%s', c.relname, pg_get_indexdef(c.oid), i.indisvalid)
  FROM pg_class c JOIN pg_index i ON i.indexrelid = c.oid
 WHERE c.relnamespace = current_schema()::regnamespace
UNION ALL
SELECT format('trigger %s enabled=%s', pg_get_triggerdef(t.oid), t.tgenabled)
  FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid
 WHERE c.relnamespace = current_schema()::regnamespace AND NOT t.tgisinternal
UNION ALL
SELECT format('sequence %s %s %s %s %s %s', sequencename, data_type, start_value, increment_by,
         cycle, cache_size)
  FROM pg_sequences WHERE schemaname = current_schema() AND sequencename <> 'django_migrations_id_seq'
UNION ALL
SELECT format('function %s %s', p.oid::regprocedure, p.prosrc)
  FROM pg_proc p WHERE p.pronamespace = current_schema()::regnamespace
UNION ALL
SELECT format('relation %s kind=%s persistence=%s rls=%s', relname, relkind, relpersistence, relrowsecurity)
  FROM pg_class WHERE relnamespace = current_schema()::regnamespace AND relkind NOT IN ('i', 't')
UNION ALL
SELECT format('migration %s %s', app, name) FROM django_migrations
"""


def catalog_of(schema_name: str) -> str:
    """A SHA-256 over columns, types, defaults, constraints, indexes, triggers, sequences and migrations.

    The schema's own name does not count, so that a spare can be compared with the template; nor does where
    its sequences stand, which a claim that was rolled back moves.
    """
    lines = (
        line.replace(f'"{schema_name}".', "").replace(f"{schema_name}.", "") for line in lines_of(schema_name)
    )
    return hashlib.sha256("\n".join(sorted(lines)).encode()).hexdigest()


def lines_of(schema_name: str) -> list[str]:
    """What the hash is made of, a line for each thing."""
    connection.set_schema(schema_name, include_public=False)
    try:
        with connection.cursor() as cursor:
            cursor.execute(LINES)
            return [line for (line,) in cursor.fetchall()]
    finally:
        leave_agency()
