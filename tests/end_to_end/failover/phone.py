#!/usr/bin/env python3
"""Sends OPTIONS to both nodes at once, again and again, as a phone would that tries both, until it is told to
stop by SIGTERM; prints for how long at most nobody answered, and how many asked nodes answered.

    phone.py OWN-ADDRESS NODE-ADDRESS...
"""
import select
import signal
import socket
import sys
import time

PERIOD = 0.05
ENDED = []


def request(own, port, node, number):
    return (
        f"OPTIONS sip:{node} SIP/2.0\r\nVia: SIP/2.0/UDP {own}:{port};branch=z9hG4bK{number};rport\r\n"
        f"Max-Forwards: 70\r\nFrom: <sip:phone@{own}>;tag={number}\r\nTo: <sip:{node}>\r\n"
        f"Call-ID: {number}@{own}\r\nCSeq: 1 OPTIONS\r\nContent-Length: 0\r\n\r\n"
    ).encode()


def main(own, *nodes):
    line = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    line.bind((own, 0))
    line.setblocking(False)
    port = line.getsockname()[1]
    signal.signal(signal.SIGTERM, lambda *_: ENDED.append(True))
    print("ready", flush=True)
    number, longest, answered = 0, 0.0, set()
    last = due = time.monotonic()
    while not ENDED:
        number += 1
        for node in nodes:
            try:
                line.sendto(request(own, port, node, number), (node, 5060))
            except OSError:
                pass
        due += PERIOD
        while (left := due - time.monotonic()) > 0 and not ENDED:
            if not select.select([line], [], [], left)[0]:
                continue
            try:
                text, sender = line.recvfrom(65535)
            except OSError:
                continue
            if text.startswith(b"SIP/2.0 "):
                now = time.monotonic()
                longest = max(longest, now - last)
                last = now
                answered.add(sender[0])
    longest = max(longest, time.monotonic() - last)
    print(f"gap {longest:.2f} answered {len(answered)}", flush=True)


main(*sys.argv[1:])
