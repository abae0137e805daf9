# SPDX-License-Identifier: Apache-2.0
"""Hosts of the benchmark: TCP connections and streams of datagrams between two network namespaces, each end a process of its own.

What the receiving end had is judged by the kernel's clock, which all namespaces share."""
import ctypes
import os
import pickle
import socket
import struct
import time

CLONE_NEWNET, SO_TIMESTAMPNS, SO_RCVBUFFORCE, IPPROTO_MPTCP = 0x40000000, 35, 33, 262
PORT = 5200
listeners = []


def in_namespace(namespace, task, *arguments):
    """Runs the task in a process of its own there; returns what gives its result, which waits for it."""
    reading, writing = os.pipe()
    process = os.fork()
    if process == 0:
        os.close(reading)
        status = 1
        try:
            enter(namespace)
            result = task(*arguments)
            with os.fdopen(writing, "wb") as pipe:
                pickle.dump(result, pipe)
            status = 0
        except BaseException as error:  # The parent sees an empty pipe.
            print(f"{task.__name__} in {namespace}: {error!r}", flush=True)
        os._exit(status)
    os.close(writing)

    def result():
        with os.fdopen(reading, "rb") as pipe:
            octets = pipe.read()
        os.waitpid(process, 0)
        if not octets:
            raise RuntimeError(f"{task.__name__} in {namespace} failed")
        return pickle.loads(octets)

    return result


def enter(namespace):
    with open(f"/run/netns/{namespace}", "rb") as file:
        if ctypes.CDLL(None, use_errno=True).setns(file.fileno(), CLONE_NEWNET) != 0:
            raise OSError(ctypes.get_errno(), f"setns {namespace}")


def opened(isMultipath, congestion):
    end = socket.socket(socket.AF_INET, socket.SOCK_STREAM, IPPROTO_MPTCP if isMultipath else 0)
    end.setsockopt(socket.IPPROTO_TCP, socket.TCP_CONGESTION, congestion.encode())
    end.settimeout(10)
    return end


def connect(source, address, port, isMultipath, congestion):
    """One end of a connection to the address: the listener's if there is no source. Gives up after ten seconds."""
    if source is None:
        end = opened(isMultipath, congestion)
        end.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        end.bind((address, port))
        end.listen(1)
        connection, _ = end.accept()
        # Further subflows come to who listens.
        listeners.append(end)
        return connection
    until = time.monotonic() + 10
    while True:
        # A socket that was refused is not asked again.
        end = opened(isMultipath, congestion)
        end.bind((source, 0))
        try:
            end.connect((address, port))
            return end
        except ConnectionError:
            end.close()
            if time.monotonic() > until:
                raise
            time.sleep(0.02)


def push(begin, end, *ends):
    """Sends as much as goes from one moment to the other."""
    connection = connect(*ends)
    block = bytes(1 << 17)
    time.sleep(max(0, begin - time.monotonic()))
    connection.settimeout(0.5)
    while time.monotonic() < end:
        try:
            connection.send(block)
        except (TimeoutError, BlockingIOError):
            continue
        except ConnectionError:
            break
    # Whatever still waits is dropped, so that the next run has the lines for itself.
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    connection.close()
    return None


def pull(begin, end, *ends):
    """Octets received, as (seconds since the begin, all until then)."""
    connection = connect(*ends)
    connection.settimeout(0.2)
    buffer, total, progress = bytearray(1 << 18), 0, [(0.0, 0)]
    while (now := time.monotonic()) < end:
        try:
            count = connection.recv_into(buffer)
        except TimeoutError:
            continue
        except ConnectionResetError:
            break
        if count == 0:
            break
        total += count
        now = time.monotonic() - begin
        if now - progress[-1][0] < 0.0005:
            progress[-1] = (progress[-1][0], total)
        else:
            progress.append((now, total))
    return progress


def emit(begin, end, source, address, port, megabits, payload):
    """Datagrams, evenly spaced as far as sleep goes; returns when each was sent, in seconds since the begin."""
    sender = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    sender.bind((source, port))
    spacing = payload * 8 / megabits / 1e6
    rest, sent, number = bytes(payload - 16), [], 0
    offset = time.time() - time.monotonic()
    time.sleep(max(0, begin - time.monotonic()))
    while (now := time.monotonic()) < end:
        while begin + number * spacing <= now:
            stamp = time.time_ns()
            try:
                sender.sendto(struct.pack("!QQ", number, stamp) + rest, (address, port))
            except OSError:
                pass  # Counts as lost.
            sent.append(stamp / 1e9 - offset - begin)
            number += 1
        time.sleep(max(0.0005, begin + number * spacing - time.monotonic()))
    return sent


def collect(begin, end, address, port, source):
    """(number, seconds on its way) in the order of arrival. Speaks first: a gateway lets nothing in that nobody has asked for."""
    receiver = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    receiver.setsockopt(socket.SOL_SOCKET, SO_TIMESTAMPNS, 1)
    receiver.setsockopt(socket.SOL_SOCKET, SO_RCVBUFFORCE, 8 << 20)
    receiver.bind((address, port))
    receiver.settimeout(0.1)
    arrivals = []
    while (now := time.monotonic()) < end:
        if now < begin:
            receiver.sendto(b"", (source, port))
        try:
            octets, ancillary, _, _ = receiver.recvmsg(2048, 64)
        except TimeoutError:
            continue
        if len(octets) < 16:
            continue
        number, stamp = struct.unpack_from("!QQ", octets)
        for _, _, content in ancillary:
            seconds, nanoseconds = struct.unpack("qq", content)
            arrivals.append((number, (seconds * 10**9 + nanoseconds - stamp) / 1e9))
    return arrivals
