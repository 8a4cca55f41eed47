import os
import socket
import threading
import unittest

from pyrpc_worker.protocol import decode, encode, read_message, sender
from pyrpc_worker.sockets import listen, receive_order, send_order


class ProtocolTest(unittest.TestCase):
    def pipe(self):
        reader, writer = os.pipe()
        self.addCleanup(os.close, reader)
        return reader, writer

    def test_writes_ascii_lines(self):
        line = encode({"text": "ä\n"})
        self.assertTrue(line.isascii())
        self.assertEqual(line.count(b"\n"), 1)
        self.assertEqual(decode(line), {"text": "ä\n"})

    def test_ignores_lines_that_are_not_objects(self):
        for line in (b"", b"x", b"1", b"[]", b"null", b"\xff"):
            self.assertIsNone(decode(line))

    def test_sends_more_than_a_pipe_holds(self):
        reader, writer = self.pipe()
        text = "x" * 1_000_000

        def write():
            sender(writer)({"text": text})
            os.close(writer)

        thread = threading.Thread(target=write)
        thread.start()
        self.assertEqual(read_message(reader), {"text": text})
        thread.join()

    def test_reads_none_at_the_end(self):
        for data in (b"", b'{"do": "ask"'):
            reader, writer = self.pipe()
            os.write(writer, data)
            os.close(writer)
            self.assertIsNone(read_message(reader))


@unittest.skipUnless(hasattr(socket, "send_fds"), "sockets cannot be passed")
class SocketTest(unittest.TestCase):
    def test_passes_the_listening_socket(self):
        ours, theirs = socket.socketpair()
        with ours, theirs, listen("127.0.0.1", 0) as listening:
            send_order(ours, {"do": "serve"}, listening)
            order, received = receive_order(theirs)
            with received:
                self.assertEqual(order, {"do": "serve"})
                self.assertEqual(received.getsockname(), listening.getsockname())

    def test_receives_none_from_a_closed_socket(self):
        ours, theirs = socket.socketpair()
        ours.close()
        with theirs:
            self.assertEqual(receive_order(theirs), (None, None))

    def test_closes_a_socket_that_cannot_listen(self):
        with listen("127.0.0.1", 0) as listening:
            with self.assertRaises(OSError):
                listen("127.0.0.1", listening.getsockname()[1])


if __name__ == "__main__":
    unittest.main()
