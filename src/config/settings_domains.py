"""Settings of custom domains and certificates (docs/operations.md)."""

from environs import Env

env = Env()
_platform = env.str("PORTICO_HOST", "localhost")

# Agencies' CNAMEs point to <their key>.EDGE_ZONE, which must lead to these addresses.
EDGE_ZONE = env.str("EDGE_ZONE", f"to.{_platform}")
EDGE_IPV4: list[str] = env.list("EDGE_IPV4", [])
EDGE_IPV6: list[str] = env.list("EDGE_IPV6", [])
# The port of portals on their own domain; only an edge on another one than 443 shows it.
EDGE_HTTPS_PORT = env.int("EDGE_HTTPS_PORT", 443)
EDGE_PORT_SUFFIX = "" if EDGE_HTTPS_PORT == 443 else f":{EDGE_HTTPS_PORT}"
# host:port where every edge is asked which certificate it serves; empty: the first EDGE_IPV4, EDGE_HTTPS_PORT.
EDGE_PROBES: list[str] = env.list("EDGE_PROBES", [])
# The platform's own hosts: "wildcard" (from these files), "per-host" (one certificate for each, from the CA) or "off".
EDGE_WILDCARD_CERT = env.str("EDGE_WILDCARD_CERT", "")
EDGE_WILDCARD_KEY = env.str("EDGE_WILDCARD_KEY", "")
PLATFORM_TLS = env.str("PLATFORM_TLS", "wildcard" if EDGE_WILDCARD_CERT else "off")
# Public resolvers, each an address or address:port; the port of name servers (another one only in tests).
DNS_RESOLVERS: list[str] = env.list("DNS_RESOLVERS", ["1.1.1.1", "8.8.8.8", "9.9.9.9"])
DNS_PORT = env.int("DNS_PORT", 53)
# Domain Connect: the ids under which infra/domain_connect's template is published; empty: not offered.
DOMAIN_CONNECT_PROVIDER = env.str("DOMAIN_CONNECT_PROVIDER", "")
DOMAIN_CONNECT_SERVICE = env.str("DOMAIN_CONNECT_SERVICE", "portal")
# Empty: this installation gets no certificates, so it offers no custom domains.
ACME_DIRECTORY = env.str("ACME_DIRECTORY", "")
ACME_CA_FILE = env.str("ACME_CA_FILE", "")  # trust for the directory's own TLS; empty: the system's
ACME_EMAIL = env.str("ACME_EMAIL", "")
ACME_PROFILE = env.str("ACME_PROFILE", "")
ACME_EAB_KID = env.str("ACME_EAB_KID", "")
ACME_EAB_KEY = env.str("ACME_EAB_KEY", "")
ACME_CAA: list[str] = env.list("ACME_CAA", ["letsencrypt.org"])  # CAA identities of the CAs we use
ACME_FALLBACK_DIRECTORY = env.str("ACME_FALLBACK_DIRECTORY", "")
ACME_FALLBACK_CA_FILE = env.str("ACME_FALLBACK_CA_FILE", "")
ACME_FALLBACK_EAB_KID = env.str("ACME_FALLBACK_EAB_KID", "")
ACME_FALLBACK_EAB_KEY = env.str("ACME_FALLBACK_EAB_KEY", "")
# Keys that seal private keys in the database: name:base64 of 32 bytes, the newest first.
CERTIFICATE_KEYS: list[str] = env.list("CERTIFICATE_KEYS", [])
