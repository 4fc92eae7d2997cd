#!/usr/bin/env python3
"""Sends OPTIONS to a node every 20 ms; prints the microseconds since 1970 of the first answer, and ends.

    first_answer.py OWN-ADDRESS NODE-ADDRESS LIMIT-SECONDS
"""
import select
import socket
import sys
import time


def main(own, node, limit):
    line = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    line.bind((own, 0))
    port = line.getsockname()[1]
    end = time.monotonic() + float(limit)
    number = 0
    while time.monotonic() < end:
        number += 1
        text = (
            f"OPTIONS sip:{node} SIP/2.0\r\nVia: SIP/2.0/UDP {own}:{port};branch=z9hG4bK{number};rport\r\n"
            f"Max-Forwards: 70\r\nFrom: <sip:bench@{own}>;tag={number}\r\nTo: <sip:{node}>\r\n"
            f"Call-ID: {number}@{own}\r\nCSeq: 1 OPTIONS\r\nContent-Length: 0\r\n\r\n"
        )
        try:
            line.sendto(text.encode(), (node, 5060))
            if select.select([line], [], [], 0.02)[0] and line.recv(65535).startswith(b"SIP/2.0 "):
                print(time.time_ns() // 1000, flush=True)
                return 0
        except OSError:
            time.sleep(0.02)
    return 1


sys.exit(main(*sys.argv[1:]))
