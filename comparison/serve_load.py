"""Many clients at once against `underpaint serve`, some of them rude; Linux, no packages needed.

    cargo build --release
    python serve_load.py ../target/release/underpaint

200 requests of 64 pixels from 16 clients; every tenth is cut off while it waits, every tenth is interrupted, every tenth has a bad body.
Every request that is sent whole must end in one answer: its own pictures, or a reason.
"""

import base64
import http.client
import json
import os
import random
import re
import socket
import subprocess
import sys
import tempfile
import threading
import time
import zlib

program = sys.argv[1]
requests, clients = 200, 16
home = tempfile.TemporaryDirectory()
variables = ["HOME", "XDG_DATA_HOME", "XDG_CONFIG_HOME", "XDG_CACHE_HOME", "HF_HOME"]
server = subprocess.Popen([program, "serve", "--listen", "127.0.0.1:0", "--queue", "8"], stdout=subprocess.PIPE, text=True,
                          env={**os.environ, **{name: home.name for name in variables}})
host, port = re.search(r"http://([\d.]+):(\d+)", server.stdout.readline()).groups()
port = int(port)


def memory():
    """What the server holds, in MB."""
    with open(f"/proc/{server.pid}/status") as status:
        return int(re.search(r"VmRSS:\s+(\d+)", status.read()).group(1)) / 1024


def body_of(seed):
    return json.dumps({"prompt": f"request {seed}", "width": 64, "height": 64, "steps": 4, "seed": seed, "batch_size": 2})


def ask(name, body, method="POST"):
    connection = http.client.HTTPConnection(host, port, timeout=300)
    connection.request(method, f"/sdapi/v1/{name}", body)
    response = connection.getresponse()
    answer = json.loads(response.read())
    connection.close()
    return response.status, answer


def text_of(png):
    """The settings text of a PNG."""
    at = 8
    while at < len(png):
        length = int.from_bytes(png[at:at + 4], "big")
        kind, data = png[at + 4:at + 8], png[at + 8:at + 8 + length]
        if kind in (b"tEXt", b"iTXt") and data.startswith(b"parameters\0"):
            return data.decode("utf-8", "replace")
        if kind == b"zTXt" and data.startswith(b"parameters\0"):
            return zlib.decompress(data[12:]).decode("latin-1")
        at += 12 + length
    return ""


def one(seed):
    kind = seed % 10
    if kind == 3:  # cut off
        body = body_of(seed).encode()
        stream = socket.create_connection((host, port))
        head = f"POST /sdapi/v1/txt2img HTTP/1.1\r\nHost: {host}:{port}\r\nContent-Length: {len(body)}\r\n\r\n"
        stream.sendall(head.encode() + body[: len(body) if seed % 20 == 3 else 20])
        time.sleep(random.random() / 2)
        stream.close()
        return "cut off"
    if kind == 5:  # bad
        status, answer = ask("txt2img", random.choice(['{"steps": ', '{"steps": "many"}', '{"width": 9}', "[]", "\0" * 1000]))
        assert status in (422, 503) and answer["errors"], (status, answer)
        return "bad body refused"
    if kind == 7:  # interrupt whatever runs
        assert ask("interrupt", "")[0] == 200
    for _ in range(1000):
        status, answer = ask("txt2img", body_of(seed))
        if status != 503:
            break
        refused.append(seed)
        time.sleep(0.1)
    assert status == 200, (status, answer)
    info = json.loads(answer["info"])
    for image, made in zip(answer["images"], info["all_seeds"]):
        text = text_of(base64.b64decode(image))
        assert f"request {seed}" in text and f"Seed: {made}," in text, text
        pictures.append((seed, made))
    if len(answer["images"]) == 2:
        return "both pictures"
    assert info["interrupted"], answer
    return "interrupted, with a reason"


pictures, refused, ends, failures, memories = [], [], [], [], []
seeds = list(range(0, requests * 100, 100))
seeds = [seed + number % 10 for number, seed in enumerate(seeds)]
lock = threading.Lock()


def client():
    while True:
        with lock:
            if not seeds:
                return
            seed = seeds.pop(0)
        try:
            ends.append(one(seed))
        except Exception as error:  # noqa: BLE001
            failures.append((seed, repr(error)))
        with lock:
            memories.append(memory())


ask("txt2img", body_of(1))
began, first = time.time(), memory()
threads = [threading.Thread(target=client) for _ in range(clients)]
[thread.start() for thread in threads]
[thread.join() for thread in threads]
took = time.time() - began
for _ in range(100):
    state = ask("progress", None, "GET")[1]["state"]
    if state["job_count"] == 0 and state["queue_length"] == 0:
        break
    time.sleep(0.1)
assert len(set(pictures)) == len(pictures), "a picture was made twice"
for end in sorted(set(ends)):
    print(f"{ends.count(end):4} {end}")
print(f"{len(refused):4} times the queue was full and the client asked again")
print(f"{len(failures):4} failures", failures[:3])
half = len(memories) // 2
print(f"{took:.1f} s, {len(pictures)} pictures; memory {first:.0f} MB after the first request, at most "
      f"{max(memories[:half]):.0f} MB in the first half and {max(memories[half:]):.0f} MB in the second, {memory():.0f} MB at the end")
print("idle at the end" if state["job_count"] == 0 and state["queue_length"] == 0 else f"NOT idle: {state}")
server.terminate()
print("ended with", server.wait(60))
sys.exit(bool(failures))
