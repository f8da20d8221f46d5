"""Readers on thin lines: many connections that take little, or nothing at all.

Python, because Node cannot make a socket's receive buffer small: on loopback the kernel would
take whole pages in, where a reader far away leaves them with the gateway. One argument, in JSON:
port, request (the whole head), count, mode, rate (bytes a second on each connection), seconds.
Says "begun N" when N connections have got their first bytes, goes on until its input ends or the
time is over, then says in JSON what each mode is about.

Modes: slow (takes `rate`), idle (takes the answer and keeps the connection), download (one
connection, everything, as fast as it comes), stalled (one connection, takes 1 MiB and sleeps).
"""

import json
import select
import socket
import sys
import time

options = json.loads(sys.argv[1])
MODE = options["mode"]
REQUEST = options["request"].encode("latin1")
STEP_SECONDS = 0.25
ENDS_AT = time.monotonic() + options["seconds"]


def say(text):
    print(text, flush=True)


def reader(is_thin):
    line = socket.socket()
    if is_thin:
        line.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 8192)
        line.setsockopt(socket.IPPROTO_TCP, socket.TCP_MAXSEG, 1400)
    line.connect(("127.0.0.1", options["port"]))
    line.sendall(REQUEST)
    return line


def is_over():
    return time.monotonic() > ENDS_AT or bool(select.select([sys.stdin], [], [], 0)[0])


def take_slowly():
    lines = []
    taken = []
    for number in range(options["count"]):
        line = reader(True)
        line.setblocking(False)
        lines.append(line)
        taken.append(0)
        if number % 25 == 24:
            time.sleep(0.02)
    most = 65536 if MODE == "idle" else max(256, int(options["rate"] * STEP_SECONDS))
    is_told = False
    refused = set()
    while not is_over():
        began_at = time.monotonic()
        for number, line in enumerate(lines):
            if number in refused:
                continue
            try:
                got = line.recv(most)
            except BlockingIOError:
                continue
            except OSError:
                got = b""
            if taken[number] == 0 and not got.startswith(b"HTTP/1.1 200"):
                got = b""
            if got == b"":
                refused.add(number)
            taken[number] += len(got)
        answered = sum(1 for each in taken if each > 0)
        if not is_told and answered + len(refused) >= len(lines):
            is_told = True
            say(f"begun {answered}")
        time.sleep(max(0.0, STEP_SECONDS - (time.monotonic() - began_at)))
    return {"answered": sum(1 for each in taken if each > 0), "lost": len(refused), "bytes": sum(taken)}


def take_all():
    line = reader(MODE == "stalled")
    began_at = time.monotonic()
    total = 0
    while True:
        got = line.recv(1 << 18)
        if total == 0:
            say("begun 1")
        total += len(got)
        if got == b"" or total >= options["bytes"]:
            break
        if MODE == "stalled" and total > 1 << 20:
            while not is_over():
                time.sleep(STEP_SECONDS)
            break
    return {"bytes": total, "seconds": time.monotonic() - began_at}


result = take_all() if MODE in ("download", "stalled") else take_slowly()
say(json.dumps(result))
