#!/usr/bin/env python3
"""The milliseconds from the start of a program until its /readyz answers 200; then ends it.

    scripts/bench.d/first_pass.py LOG ADDRESS:PORT PROGRAM ARGUMENT...
"""
import signal
import socket
import subprocess
import sys
import time

LIMIT = 20
REQUEST = b"GET /readyz HTTP/1.1\r\nHost: bench\r\nConnection: close\r\n\r\n"


def is_ready(address):
    try:
        with socket.create_connection(address, timeout=1) as client:
            client.sendall(REQUEST)
            return client.recv(64).startswith(b"HTTP/1.1 200")
    except OSError:
        return False


def main(log, where, command):
    host, port = where.split(":")
    with open(log, "ab") as output:
        began = time.monotonic()
        program = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=output)
        try:
            while not is_ready((host, int(port))):
                if program.poll() is not None or time.monotonic() - began > LIMIT:
                    sys.exit("first_pass: it did not become ready: " + log)
                time.sleep(0.002)
            print(f"{(time.monotonic() - began) * 1000:.1f}")
        finally:
            program.send_signal(signal.SIGTERM)
            program.wait()


main(sys.argv[1], sys.argv[2], sys.argv[3:])
