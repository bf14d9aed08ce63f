"""How often something may happen, exactly, over all processes: GCRA in one UPSERT on an unlogged table."""
