"""Prints nginx.conf: `python -m infra.edge.nginx > /etc/nginx/nginx.conf`."""

import os
import sys

from infra.edge.nginx import configuration

sys.stdout.write(configuration(os.environ))
