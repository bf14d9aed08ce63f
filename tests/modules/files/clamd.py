"""A simulator: answers as clamd does to zINSTREAM, on loopback. It knows one harmful file, the EICAR test string."""

import socketserver
import struct
import threading
from typing import Self

# Split, so that no scanner takes this file for one.
EICAR = b"X5O!P%@AP[4\\PZX54(P^)7CC)7}$EICAR-" + b"STANDARD-ANTIVIRUS-TEST-FILE!$H+H*"


class _Talk(socketserver.StreamRequestHandler):
    server: "Clamd"

    def handle(self) -> None:
        if self.rfile.read(10) != b"zINSTREAM\0":
            self.wfile.write(b"UNKNOWN COMMAND\0")
            return
        body = b""
        while size := struct.unpack(">I", self.rfile.read(4))[0]:
            body += self.rfile.read(size)
            if len(body) > self.server.most:
                self.wfile.write(b"INSTREAM size limit exceeded. ERROR\0")
                return
        self.server.seen.append(body)
        if self.server.says is not None:
            self.wfile.write(self.server.says)
        else:
            found = EICAR in body
            self.wfile.write(b"stream: Win.Test.EICAR_HDB-1 FOUND\0" if found else b"stream: OK\0")


class Clamd(socketserver.ThreadingTCPServer):
    """Serves while inside."""

    allow_reuse_address = daemon_threads = True

    def __init__(self, most: int = 100_000) -> None:
        super().__init__(("127.0.0.1", 0), _Talk)
        self.most = most
        self.seen: list[bytes] = []
        self.says: bytes | None = None

    @property
    def address(self) -> str:
        return f"127.0.0.1:{self.server_address[1]}"

    def __enter__(self) -> Self:
        threading.Thread(target=self.serve_forever, args=(0.05,), daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self.shutdown()
        self.server_close()
