#!/usr/bin/env python3
"""The milliseconds from the start of a program until its /readyz answers 200; then ends it.

    scripts/bench.d/first_pass.py LOG ADDRESS:PORT PROGRAM ARGUMENT...
"""
import http.client
import signal
import subprocess
import sys
import time

LIMIT = 20


def is_ready(connection):
    """Over one connection, once there is one: a new one for each question would be work for the program."""
    try:
        connection.request("GET", "/readyz")
        answer = connection.getresponse()
        answer.read()
        return answer.status == 200
    except (OSError, http.client.HTTPException):
        connection.close()
        return False


def main(log, where, command):
    host, port = where.split(":")
    connection = http.client.HTTPConnection(host, int(port), timeout=1)
    with open(log, "ab") as output:
        began = time.monotonic()
        program = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=output)
        try:
            while not is_ready(connection):
                if program.poll() is not None or time.monotonic() - began > LIMIT:
                    sys.exit("first_pass: it did not become ready: " + log)
                time.sleep(0.002)
            print(f"{(time.monotonic() - began) * 1000:.1f}")
        finally:
            program.send_signal(signal.SIGTERM)
            program.wait()


main(sys.argv[1], sys.argv[2], sys.argv[3:])
