"""Who runs a zone, told from the names of its name servers; whose addresses a proxy answers with."""

import ipaddress
from collections.abc import Iterable

# The ending of the name servers' names → what the provider calls itself.
BY_NAME_SERVER = {
    "ns.cloudflare.com": "Cloudflare",
    "foundationdns.com": "Cloudflare",
    "foundationdns.net": "Cloudflare",
    "foundationdns.org": "Cloudflare",
    "domaincontrol.com": "GoDaddy",
    "registrar-servers.com": "Namecheap",
    "namecheaphosting.com": "Namecheap",
    "ui-dns.com": "IONOS",
    "ui-dns.org": "IONOS",
    "ui-dns.de": "IONOS",
    "ui-dns.biz": "IONOS",
    "squarespacedns.com": "Squarespace",
    "googledomains.com": "Squarespace",
    "hover.com": "Hover",
    "gandi.net": "Gandi",
    "ovh.net": "OVH",
    "ovh.ca": "OVH",
    "anycast.me": "OVH",
    "porkbun.com": "Porkbun",
    "wixdns.net": "Wix",
    "digitalocean.com": "DigitalOcean",
    "vercel-dns.com": "Vercel",
    "nsone.net": "NS1",
    "azure-dns.com": "Azure DNS",
    "azure-dns.net": "Azure DNS",
    "azure-dns.org": "Azure DNS",
    "azure-dns.info": "Azure DNS",
    "hetzner.com": "Hetzner",
    "first-ns.de": "Hetzner",
    "second-ns.de": "Hetzner",
    "strato.de": "Strato",
    "rzone.de": "Strato",
    "name.com": "Name.com",
    "dnsimple.com": "DNSimple",
    "dreamhost.com": "DreamHost",
    "bluehost.com": "Bluehost",
    "hostgator.com": "HostGator",
    "dns-parking.com": "Hostinger",
    "inwx.de": "INWX",
    "infomaniak.ch": "Infomaniak",
}
# https://www.cloudflare.com/ips/
CLOUDFLARE = [
    ipaddress.ip_network(network)
    for network in (
        "173.245.48.0/20", "103.21.244.0/22", "103.22.200.0/22", "103.31.4.0/22", "141.101.64.0/18",
        "108.162.192.0/18", "190.93.240.0/20", "188.114.96.0/20", "197.234.240.0/22", "198.41.128.0/17",
        "162.158.0.0/15", "104.16.0.0/13", "104.24.0.0/14", "172.64.0.0/13", "131.0.72.0/22", "2400:cb00::/32",
        "2606:4700::/32", "2803:f800::/32", "2405:b500::/32", "2405:8100::/32", "2a06:98c0::/29", "2c0f:f248::/32",
    )
]  # fmt: skip


def of(name_servers: Iterable[str]) -> str:
    """The provider of a zone with these name servers, "" if unknown."""
    for server in name_servers:
        if ".awsdns-" in server:
            return "AWS Route 53"
        for ending, provider in BY_NAME_SERVER.items():
            if server == ending or server.endswith(f".{ending}"):
                return provider
    return ""


def is_cloudflare(address: str) -> bool:
    """Whether an address is one of Cloudflare's proxies."""
    found = ipaddress.ip_address(address)
    return any(found.version == network.version and found in network for network in CLOUDFLARE)
