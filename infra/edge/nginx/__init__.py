"""nginx's configuration for production, from the template beside this file and the installation's variables."""

from __future__ import annotations

import os
import re
import shutil
from collections.abc import Mapping
from pathlib import Path

TEMPLATE = Path(__file__).with_name("nginx.conf.in")
SCRIPT = Path(__file__).with_name("handshake.js")
MODULES = Path("/usr/lib/nginx/modules")
# As tenants.certificates.edge.names has it.
LABEL = "[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?"
NAME = rf"(?:{LABEL}\.)*[a-z](?:[a-z0-9-]{{0,61}}[a-z0-9])?"


def configuration(variables: Mapping[str, str]) -> str:
    """The whole nginx.conf. Raises KeyError when the template names something unknown."""
    platform = variables.get("PORTICO_HOST", "localhost")
    addresses = variables.get("EDGE_ADDRESSES", "0.0.0.0,[::]").split(",")
    https, http = variables.get("EDGE_HTTPS_PORT", "443"), variables.get("EDGE_HTTP_PORT", "80")
    values = {
        "APPS": "\n".join(
            f"        server {app};" for app in variables.get("EDGE_APPS", "127.0.0.1:8000").split(",")
        ),
        "FOLDER": variables.get("EDGE_FOLDER", "/run/portico-edge"),
        "HTTP": "\n".join(f"        listen {at}:{http} default_server;" for at in addresses),
        "MODULES": variables.get("EDGE_NGINX_MODULES") or str(_modules()),
        "NAME": NAME,
        "PLATFORM": _platform(platform) if variables.get("EDGE_WILDCARD_CERT") else "",
        "REFUSED": "\n".join(f"        listen {at}:{https} ssl http2 default_server;" for at in addresses),
        "SCRIPT": variables.get("EDGE_NGINX_SCRIPT") or str(SCRIPT),
        "SUFFIX": "" if https == "443" else f":{https}",
        "TEMPORARY": variables.get("EDGE_TEMPORARY", "/var/lib/nginx"),
        "TLS": "\n".join(f"        listen {at}:{https} ssl http2;" for at in addresses),
        # A little above the application's own limit, which tells the visitor in words.
        "UPLOAD": f"{int(variables.get('UPLOAD_LIMIT_MB', '500')) + 10}m",
        "USER": variables.get("EDGE_USER", "www-data"),
    }
    return re.sub(r"@([A-Z]+)@", lambda found: values[found[1]], TEMPLATE.read_text())


def _platform(host: str) -> str:
    return rf'        "~^(?:{LABEL}\.)?{re.escape(host)}$" "*.{host}";'


def program() -> str | None:
    """The path of this machine's nginx; most people's PATH lacks the folder of system programs that it is in."""
    return shutil.which("nginx", path=os.environ.get("PATH", os.defpath) + ":/usr/sbin")


def _modules() -> Path:
    """An nginx that was unpacked somewhere (`bin/programs`) has its modules beside itself."""
    beside = Path(program() or "").parent.parent / "root" / MODULES.relative_to("/")
    return beside if beside.is_dir() else MODULES
