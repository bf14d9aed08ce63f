"""The database backend: django-tenants' own, with fewer statements and a bounded memory of schemas."""
