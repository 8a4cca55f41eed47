"""The listening socket: opened once by the process that forks, and passed to the process that serves."""

from __future__ import annotations

import socket

from .protocol import decode, encode, read_message

TYPE_CHECKING = False
if TYPE_CHECKING:
    from .protocol import Message

BACKLOG = 2048


def listen(host: str, port: int) -> socket.socket:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listening = socket.socket(family, socket.SOCK_STREAM)
    try:
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listening.bind((host, port))
        listening.listen(BACKLOG)
    except BaseException:
        listening.close()
        raise
    return listening


def send_order(control: socket.socket, order: Message, listening: socket.socket) -> None:
    socket.send_fds(control, [encode(order)], [listening.fileno()])


def receive_order(control: int | socket.socket) -> tuple[Message | None, socket.socket | None]:
    """Waits for an order, and the listening socket that a process that forks sends with it."""
    if isinstance(control, int):
        return read_message(control), None
    try:
        data, descriptors, _, _ = socket.recv_fds(control, 1 << 16, 1)
    except OSError:
        return None, None
    return decode(data), socket.socket(fileno=descriptors[0]) if descriptors else None
