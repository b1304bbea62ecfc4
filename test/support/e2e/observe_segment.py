"""Hears every ARP and Neighbour Discovery frame on an interface, and asks for addresses itself if told to. Until its stdin ends.

observe_segment.py <interface> [--from <v4>,<v6>] [--ask <address>,...] [--interval-ms <ms>]

Prints one JSON line a frame: at (Unix nanoseconds, the kernel's time of arrival), kind (arp-request, arp-reply, ns, na, other), source
and destination (MACs of the frame), address (the one asked for, or answered for), mac (the one that is said to have it).
Independent of the product on purpose: it judges it.
"""

import argparse
import ipaddress
import json
import select
import socket
import struct
import sys
import time

ETH_P_ALL = 0x0003
SO_TIMESTAMPNS = 35
PACKET_OUTGOING = 4


def mac_text(raw):
    return ":".join(f"{byte:02x}" for byte in raw)


def parse(frame):
    """What is said in one frame; None for what is not about addresses. Never fails, whatever the frame."""
    if len(frame) < 14:
        return None
    kind = struct.unpack("!H", frame[12:14])[0]
    said = {"source": mac_text(frame[6:12]), "destination": mac_text(frame[0:6])}
    body = frame[14:]
    if kind == 0x0806:
        return said | parse_arp(body)
    if kind == 0x86DD:
        found = parse_nd(body)
        return None if found is None else said | found
    if kind == 0x0800:
        return None
    return said | {"kind": "other", "etherType": kind}


def parse_arp(body):
    if len(body) < 28:
        return {"kind": "other", "etherType": 0x0806}
    operation = struct.unpack("!H", body[6:8])[0]
    sender_mac, sender, target = mac_text(body[8:14]), str(ipaddress.IPv4Address(body[14:18])), str(ipaddress.IPv4Address(body[24:28]))
    if operation == 1 and sender != target:
        return {"kind": "arp-request", "address": target, "mac": sender_mac, "sender": sender}
    return {"kind": "arp-request" if operation == 1 else "arp-reply", "address": sender, "mac": sender_mac, "sender": sender}


def parse_nd(body):
    if len(body) < 64 or body[6] != 58 or body[40] not in (135, 136):
        return None
    said = {"kind": "ns" if body[40] == 135 else "na", "address": str(ipaddress.IPv6Address(body[48:64]))}
    said["sender"] = str(ipaddress.IPv6Address(body[8:24]))
    if len(body) >= 72 and body[64] in (1, 2) and body[65] == 1:
        said["mac"] = mac_text(body[66:72])
    return said


def arp_request(mac, sender, target):
    header = b"\xff" * 6 + mac + struct.pack("!H", 0x0806)
    return header + struct.pack("!HHBBH", 1, 0x0800, 6, 4, 1) + mac + sender.packed + b"\0" * 6 + target.packed


def neighbor_solicitation(mac, sender, target):
    group = ipaddress.IPv6Address(ipaddress.IPv6Address("ff02::1:ff00:0").packed[:13] + target.packed[13:]).packed
    message = struct.pack("!BBHI", 135, 0, 0, 0) + target.packed + struct.pack("!BB", 1, 1) + mac
    checksum = icmp6_checksum(sender.packed, group, message)
    message = message[:2] + struct.pack("!H", checksum) + message[4:]
    header = struct.pack("!IHBB", 0x60000000, len(message), 58, 255) + sender.packed + group
    return b"\x33\x33" + group[12:] + mac + struct.pack("!H", 0x86DD) + header + message


def icmp6_checksum(source, destination, message):
    data = source + destination + struct.pack("!IBBBB", len(message), 0, 0, 0, 58) + message
    total = sum(struct.unpack(f"!{len(data) // 2}H", data))
    while total > 0xFFFF:
        total = (total & 0xFFFF) + (total >> 16)
    return ~total & 0xFFFF


def questions(options, mac):
    senders = {address.version: address for address in map(ipaddress.ip_address, options.sender.split(","))} if options.sender else {}
    frames = []
    for target in map(ipaddress.ip_address, options.ask.split(",") if options.ask else []):
        make = arp_request if target.version == 4 else neighbor_solicitation
        frames.append(make(mac, senders[target.version], target))
    return frames


def report(sock):
    frame, ancillary, _, address = sock.recvmsg(65536, 64)
    if address[2] == PACKET_OUTGOING:
        return
    said = parse(frame)
    if said is None:
        return
    seconds, nanoseconds = next((struct.unpack("qq", data) for _, kind, data in ancillary if kind == SO_TIMESTAMPNS), (0, 0))
    print(json.dumps({"at": seconds * 10**9 + nanoseconds} | said), flush=True)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("interface")
    parser.add_argument("--from", dest="sender", default="")
    parser.add_argument("--ask", default="")
    parser.add_argument("--interval-ms", type=float, default=2)
    options = parser.parse_args()
    sock = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(ETH_P_ALL))
    sock.setsockopt(socket.SOL_SOCKET, SO_TIMESTAMPNS, 1)
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 8 * 1024 * 1024)
    sock.bind((options.interface, ETH_P_ALL))
    frames = questions(options, sock.getsockname()[4])
    print(json.dumps({"kind": "ready"}), flush=True)
    interval = options.interval_ms / 1000
    due = time.monotonic()
    while True:
        wait = max(0, due - time.monotonic()) if frames else None
        readable, _, _ = select.select([sock, sys.stdin], [], [], wait)
        if sys.stdin in readable and not sys.stdin.read(1):
            return
        if sock in readable:
            report(sock)
        if frames and time.monotonic() >= due:
            for frame in frames:
                try:
                    sock.send(frame)
                except OSError:
                    pass  # the link is down
            due = max(due + interval, time.monotonic())


main()
