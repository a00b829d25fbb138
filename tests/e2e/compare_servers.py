"""Do nsd and unbound, and lab-answer beside them on another port, say the same?

    compare_servers.py LAB_DIR PORT ZONES

Asks for every owner name in the lab's shared and faulty zones and in ZONES of its other ones, and for
names near them that are not there: at root, registry, hosting server and resolver.
"""
import collections
import random
import re
import socket
import struct
import sys

directory, port, zone_max = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
ROOT, REGISTRIES, HOSTING, RESOLVER = "198.18.0.1", "198.18.1.3", "198.18.2.5", "198.18.0.53"
TYPES = {"A": 1, "NS": 2, "CNAME": 5, "SOA": 6, "HINFO": 13, "MX": 15, "TXT": 16, "AAAA": 28, "DS": 43}
OPT = 41
TRUNCATED = 0x0200
RCODES = {0: "NOERROR", 2: "SERVFAIL", 3: "NXDOMAIN", 5: "REFUSED"}
UNUSUAL = ["com.", "co.jp.", "or.jp.", "_dmarc.or.jp.", "jp.", ".", "systems.", "no-such-tld.", "nobody.com.",
           "a.dns.co.jp.", "dns.co.jp.", "a.root-servers.net.", "_dmarc.nobody.se."]


# ---- what is asked ----

def organizational_domains():
    """every domain of the population and what is above it"""
    found = set()
    for line in open(directory + "/expected.ndjson", encoding="utf-8"):
        match = re.search(r'"domain":"([^"]*)"', line)
        labels = match.group(1).split(".") if match else []
        found |= {".".join(labels[i:]) + "." for i in range(len(labels))}
    return found


def read_zones():
    """name -> its owner names, from the file that lab-answer reads"""
    found, origin, zone = {}, "", ""
    for line in open(directory + "/zones-host", encoding="ascii"):
        words = line.split()
        if words[0] == "$ORIGIN":
            origin = words[1].rstrip(".") + "."
        elif words[1] == "SOA":
            zone = origin
            found[zone] = {zone}
        elif not words[0].startswith("$"):
            owner = words[0]
            found[zone].add(origin if owner == "@" else owner if owner.endswith(".") else owner + "." + origin)
    return found


def names():
    zones, people = read_zones(), organizational_domains()
    # lab-answer knows no DNAME and follows eleven CNAMEs: it passes these zones on
    beyond = ("fault-dname", "fault-cname-17")
    chosen = [zone for zone in zones if zone not in people and not zone.startswith(beyond)]
    chosen += random.sample([zone for zone in zones if zone in people], zone_max)
    wanted = set(UNUSUAL)
    for zone in chosen:
        for name in zones[zone]:
            plain = name.replace("*.", "anything.")
            wanted |= {name, plain, "no-such-name." + plain, "a.b." + plain}
        wanted |= {prefix + zone for prefix in ("_dmarc.", "_mta-sts.", "_tls.", "_smtp._tls.", "NS1.", "mta-sts.")}
    return sorted(name for name in wanted if len(name) < 250 and "\\" not in name)


def make_question(name, rdtype, is_recursive, payload):
    labels = [label.encode() for label in name.split(".") if label]
    wire = struct.pack("!HHHHHH", random.getrandbits(16), 0x0100 if is_recursive else 0, 1, 0, 0, payload > 0)
    wire += b"".join(bytes([len(label)]) + label for label in labels) + b"\0" + struct.pack("!HH", rdtype, 1)
    return wire + (struct.pack("!BHHIH", 0, OPT, payload, 0, 0) if payload > 0 else b"")


# ---- what is answered ----

def read_name(wire, at):
    """the name there in lower case, and where it ends"""
    labels, end = [], None
    while wire[at] != 0:
        if wire[at] >= 0xc0:
            end = end or at + 2
            at = struct.unpack_from("!H", wire, at)[0] & 0x3fff
        else:
            labels.append(wire[at + 1:at + 1 + wire[at]].lower())
            at += 1 + wire[at]
    return b".".join(labels).decode("latin-1") + ".", end or at + 1


def read_data(wire, at, length, rdtype):
    names_before = {2: 1, 5: 1, 6: 2, 15: 1}.get(rdtype, 0)
    start, data = at, []
    if rdtype == 15:
        data.append(wire[at:at + 2].hex())
        at += 2
    for _ in range(names_before):
        name, at = read_name(wire, at)
        data.append(name)
    return tuple(data) + (wire[at:start + length].hex(),)


def read_answer(wire, is_resolver):
    """What must agree. A resolver's TTLs run down."""
    _, flags, questions, *counts = struct.unpack_from("!HHHHHH", wire)
    found = {"rcode": RCODES.get(flags & 15, flags & 15), "flags": hex(flags & 0xff80), "edns": None}
    at = 12
    found["question"] = []
    for _ in range(questions):
        name, at = read_name(wire, at)
        found["question"].append((name, wire[at:at + 4].hex()))
        at += 4
    for section, count in zip(("answer", "authority", "additional"), counts):
        sets = collections.defaultdict(list)
        for _ in range(count):
            name, at = read_name(wire, at)
            rdtype, rdclass, ttl, length = struct.unpack_from("!HHIH", wire, at)
            at += 10
            if rdtype == OPT:
                found["edns"] = (rdclass, ttl)
            else:
                sets[name, rdtype, 0 if is_resolver else ttl].append(read_data(wire, at, length, rdtype))
            at += length
        found[section] = [(owner, sorted(data)) for owner, data in sets.items()]
        if section != "answer":
            found[section].sort()
    if flags & TRUNCATED:  # what is in it is no concern of anybody's (RFC 2181, 9)
        found["answer"] = found["authority"] = found["additional"] = None
    found["bytes behind"] = len(wire) - at
    return found


# ---- the comparison ----

sockets = {}


def ask_udp(address, wire):
    if address not in sockets:
        sockets[address] = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        sockets[address].settimeout(10)
        sockets[address].connect(address)
    sockets[address].send(wire)
    answer = sockets[address].recv(65535)
    assert answer[:2] == wire[:2]
    return answer


def ask_tcp(address, wire):
    with socket.create_connection(address, timeout=10) as stream:
        stream.sendall(struct.pack("!H", len(wire)) + wire)
        with stream.makefile("rb") as reader:
            return reader.read(struct.unpack("!H", reader.read(2))[0])


def throw_garbage(count):
    """Broken questions, which lab-answer must survive; the comparison finds out."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as out:
        for _ in range(count):
            wire = bytearray(make_question("a.b.mailfarm.net.", random.choice(list(TYPES.values())), True, 1232))
            for _ in range(random.randrange(5)):
                wire[random.randrange(2, len(wire))] = random.choice((0, 1, 63, 64, 0xc0, 0xff, random.getrandbits(8)))
            out.sendto(wire[:random.choice((len(wire), random.randrange(len(wire) + 1)))], (RESOLVER, port))
    for wire in (b"", b"\0", b"\0\0", b"\0\5hello", b"\xff\xff" + bytes(5000), b"\0\x0c" + bytes(12) + b"\2\0"):
        with socket.create_connection((RESOLVER, port), timeout=10) as stream:
            stream.sendall(wire)


class Comparison:
    def __init__(self):
        self.count = self.differ = 0
        self.kinds = collections.Counter()

    def tell(self, title, real, ours):
        self.differ += 1
        if self.differ > 20:
            return
        print(*title)
        for key in real:
            if real[key] != ours[key]:
                print(f"    {key}\n        real {real[key]}\n        ours {ours[key]}")

    def compare(self, server, name, kind, payload):
        wire = make_question(name, TYPES[kind], server == RESOLVER, payload)
        for ask in (ask_udp, ask_tcp):
            real, ours = (read_answer(ask((server, at), wire), server == RESOLVER) for at in (53, port))
            self.count += 1
            if real != ours:
                self.tell((server, name, kind, payload, ask.__name__), real, ours)
            sections = (real[section] for section in ("answer", "authority", "additional"))
            self.kinds[" ".join([ask.__name__, real["rcode"], *(str(len(sets or [])) for sets in sections)])] += 1
            if real["answer"] is not None and random.random() > 0.01:
                return

    def run(self):
        for name in names():
            for server in (ROOT, REGISTRIES, HOSTING, RESOLVER):
                if server == RESOLVER and ("fault-" in name or name == "."):
                    continue  # there unbound speaks itself; here from its root hints
                kinds = random.sample(list(TYPES), 5 if server in (HOSTING, RESOLVER) else 2)
                for kind in kinds:
                    self.compare(server, name, kind, random.choice((0, 512, 4096)) if random.random() < 0.1 else 1232)
        for kind, count in sorted(self.kinds.items()):
            print(f"{count:7d} {kind}")
        print(f"{self.count} answers compared, {self.differ} differ")
        return self.differ > 0 or self.count < 5000


random.seed(1)
throw_garbage(5000)
sys.exit(Comparison().run())
