"""One portal on two hosts in a real browser: the default address over plain http, an own domain over TLS."""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from threading import Thread

from cheroot.ssl.builtin import BuiltinSSLAdapter
from cheroot.wsgi import Server

from infra.embedded import minting
from infra.embedded.processes import free_port


@dataclass(frozen=True)
class Ports:
    """Where the two servers listen."""

    http: int
    https: int


@contextmanager
def serving(folder: Path, host: str) -> Iterator[Ports]:
    """Django in this process behind both; the certificate is of the tests' own CA."""
    from config.wsgi import application

    leaf = minting.leaf(minting.authority("of this test"), host)
    chain, key = folder / "chain.pem", folder / "key.pem"
    chain.write_bytes(leaf.pem)
    key.write_bytes(leaf.key_pem)
    ports = Ports(free_port(), free_port())
    with ExitStack() as stack:
        for port in (ports.http, ports.https):
            server = Server(("127.0.0.1", port), application, numthreads=4)
            if port == ports.https:
                server.ssl_adapter = BuiltinSSLAdapter(str(chain), str(key))
            server.prepare()
            thread = Thread(target=server.serve)
            thread.start()
            stack.callback(thread.join)
            stack.callback(server.stop)
        yield ports
