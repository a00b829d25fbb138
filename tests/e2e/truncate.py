#!/usr/bin/env python3
"""A name server that answers everything over TCP alone: over UDP it says no more than that the answer
did not fit (RFC 7766, 5), over TCP it passes on what another one answers.

    truncate.py ADDRESS SERVER     listens on port 53 of ADDRESS; SERVER is IP[:PORT]
"""
import socket
import socketserver
import sys
import threading
import time

TC, QR = 0x02, 0x80


class Truncated(socketserver.BaseRequestHandler):
    def handle(self):
        question, sock = self.request
        if len(question) >= 12:
            flags = bytes([question[2] & 0x79 | QR | TC, 0x80])
            end = 12
            while end < len(question) and question[end]:
                end += question[end] + 1
            counts = b"\0\1\0\0\0\0\0\0"
            reply = question[:2] + flags + counts + question[12 : end + 5]
            sock.sendto(reply, self.client_address)


def message(sock):
    """With its length in front; empty at the end."""
    head = receive(sock, 2)
    return head + receive(sock, int.from_bytes(head, "big")) if head else b""


def receive(sock, size):
    data = b""
    while len(data) < size:
        some = sock.recv(size - len(data))
        if not some:
            return b""
        data += some
    return data


class Whole(socketserver.BaseRequestHandler):
    def handle(self):
        question = message(self.request)
        if question:
            self.request.sendall(ask(question))
            self.request.recv(1)  # who asked closes, so that the port it waits for is his


def ask(question):
    """One connection for all of them: what runs short here shall be the other's."""
    global server
    with lock:
        while True:
            try:
                if server is None:
                    server = socket.create_connection((host, int(port or 53)))
                server.sendall(question)
                reply = message(server)
                if reply:
                    return reply
            except OSError:
                time.sleep(0.05)
            server = None


class UdpServer(socketserver.UDPServer):
    max_packet_size = 4096


class TcpServer(socketserver.ThreadingTCPServer):
    allow_reuse_address = daemon_threads = True
    request_queue_size = 1024


address, (host, _, port) = sys.argv[1], sys.argv[2].partition(":")
server, lock = None, threading.Lock()
tcp = TcpServer((address, 53), Whole)
udp = UdpServer((address, 53), Truncated)
threading.Thread(target=tcp.serve_forever, daemon=True).start()
udp.serve_forever()
