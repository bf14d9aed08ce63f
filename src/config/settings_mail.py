"""Settings of mail: how it goes out, and where answers and bounces come in (docs/operations.md)."""

from environs import Env

env = Env()
_platform = env.str("PORTICO_HOST", "localhost")

# Its MX record leads to the intake (`manage.py intake`); addresses at it are signed.
INTAKE_HOST = env.str("INTAKE_HOST", f"in.{_platform}")
INTAKE_LIMIT_BYTES = env.int("INTAKE_LIMIT_MB", 20) * 1024 * 1024
INTAKE_TLS_CERT = env.str("INTAKE_TLS_CERT", "")  # STARTTLS, if given
INTAKE_TLS_KEY = env.str("INTAKE_TLS_KEY", "")
