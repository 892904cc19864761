"""TLS for DICOM associations.

SPEC PS3.15 B.9, BCP 195 TLS Secure Transport Connection Profile: TLS 1.2 at least, also
the least that Python's default contexts accept.
"""

from __future__ import annotations

import logging
import socket
import ssl
from pathlib import Path
from socketserver import BaseServer
from typing import Any, cast

from pynetdicom.transport import ThreadedAssociationServer

from workers.errors import RejectedInput

logger = logging.getLogger(__name__)

# A peer that connects and says nothing is dropped then.
HANDSHAKE_S = 10.0


class CannotSecure(RejectedInput):
    """The certificates or keys for TLS cannot be used."""

    code = "cannot_secure"


def make_server_context(
    *,
    certificate: Path,
    key: Path,
    password: bytes = b"",
    client_authorities: Path | None = None,
) -> ssl.SSLContext:
    """Return the context of a listener. client_authorities: PEM; peers must then show a
    certificate of theirs. Raises CannotSecure, and OSError for files that are missing.
    """
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    _load_own(context, certificate, key, password)
    if client_authorities is not None:
        _load_authorities(context, client_authorities)
        context.verify_mode = ssl.CERT_REQUIRED
    return context


def make_client_context(
    *,
    authorities: Path,
    certificate: Path | None = None,
    key: Path | None = None,
    password: bytes = b"",
) -> ssl.SSLContext:
    """Return the context for a connection to a peer, whose certificate must be from the
    authorities (PEM) and name its host; with ours, if the peer asks for one. Raises as
    `make_server_context`."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    _load_authorities(context, authorities)
    if certificate is not None and key is not None:
        _load_own(context, certificate, key, password)
    return context


def _load_own(
    context: ssl.SSLContext, certificate: Path, key: Path, password: bytes
) -> None:
    try:
        # Given in any case: without one, an encrypted key would ask at the terminal.
        context.load_cert_chain(certificate, key, password=password)
    except (ssl.SSLError, ValueError):
        raise CannotSecure(
            "The certificate and key for TLS cannot be read, or differ."
        ) from None


def _load_authorities(context: ssl.SSLContext, authorities: Path) -> None:
    try:
        context.load_verify_locations(authorities)
    except ssl.SSLError:
        raise CannotSecure("The authorities for TLS cannot be read.") from None


class TlsAssociationServer(ThreadedAssociationServer):
    """A listener that shakes hands in the thread of the connection.

    The library's own way is to do so where it accepts connections, without a time
    limit: one peer that keeps silent would lock all others out.
    """

    def __init__(self, *args: Any, tls: ssl.SSLContext, **kwargs: Any) -> None:
        self._tls = tls
        super().__init__(*args, **kwargs)

    def process_request_thread(
        self, request: socket.socket | tuple[bytes, socket.socket], client_address: Any
    ) -> None:
        """Secure the connection, then serve it as any other."""
        plain = cast(socket.socket, request)
        try:
            plain.settimeout(HANDSHAKE_S)
            secured = self._tls.wrap_socket(plain, server_side=True)
            secured.settimeout(None)
        except OSError as error:
            # No address: it may name a person's machine.
            logger.warning("TLS handshake failed: %s", type(error).__name__)
            self.shutdown_request(plain)
            return
        super().process_request_thread(secured, client_address)

    def shutdown(self) -> None:
        """Stop listening. Not the parent's, which looks for itself among the listeners
        that its AE has started."""
        BaseServer.shutdown(self)
        self.server_close()
