"""Random small internets with SPF records in them, from a seed.

A world is a dictionary {(name, type): Answer} and a list of queries. Names are few, so that records
meet each other; addresses are few, so that mechanisms match. All text is ASCII and free of tabs.
"""

import ipaddress
import random
from dataclasses import dataclass, field

IP4 = ["192.0.2.1", "192.0.2.2", "192.0.2.9", "198.51.100.7"]
IP6 = ["2001:db8::1", "2001:db8::2:9", "2001:db8:ffff::7"]
DOMAINS = ["a.test", "b.test", "c.test", "sub.a.test", "x-y.sub.a.test"]
HOSTS = ["mail.a.test", "mail.b.test", "mx1.c.test", "mx2.c.test", "six.test"]
LISTS = ["spf1.test", "spf2.test", "spf3.test", "deep.spf1.test"]
GONE = ["gone1.test", "gone2.test", "gone3.test", "gone4.test"]
OTHER = ["text.test", "two.test", "slow.test", "many-mx.test"]
LONG = ".".join(["long-label-number-%d" % i + "x" * 30 for i in range(5)])


@dataclass
class Answer:
    """Of a name and a type; `failure` names a lookup that ends without an answer."""

    values: list = field(default_factory=list)
    failure: str = ""


@dataclass(frozen=True)
class Query:
    ip: str
    helo: str
    mail_from: str


class World:
    def __init__(self, seed, index):
        self.random = random.Random(seed * 1_000_003 + index)
        self.answers = {}
        self.queries = []
        self.is_costly = self.chance(20)

    def pick(self, *choices):
        return self.random.choice(choices)

    def chance(self, percent):
        return self.random.randrange(100) < percent

    def add(self, name, kind, *values):
        self.answers[name, kind] = Answer(list(dict.fromkeys(values)))


# ---- the grammar of records ------------------------------------------------------------------

MACRO_NAMES = [
    "%{d}", "%{D}", "%{o}", "%{h}", "%{d2}", "%{d1}", "%{d1}.test", "%{dr}.test", "%{d2r}.a.test",
    "%{i}.list.test", "%{ir}.list.test", "%{ir}.%{v}.list.test", "%{v}.list.test",
    "%{l}.list.test", "%{l-}.list.test", "%{lr-}.list.test", "%{l1r-}.list.test",
    "%{L}.list.test", "%{s}.list.test", "%{S}.list.test", "%{d.-}.list.test",
    "%{d-}.list.test", "%{h-}.list.test", "%{o1}.test", "mail.%{d}", "%{p}", "%{p}.list.test",
    "%{p2}", "spf1.%{o1}", "%{l+}.list.test", "%{IR}.list.test", "%{d0004}", "%%.list.test",
    "%_.list.test", "%-.list.test", "a%_b.%{d}", "%{i}.%{d1}", "%{d}." + LONG,
    "%{i}.%{h}." + LONG, "%{s1R}.list.test",
]  # fmt: skip
BAD_NAMES = [
    "%{x}.test", "%{d", "%d.test", "%{d0}.test", "%{d!}.test", "%{dx}.test", "a.test%", "%{}",
    "%{c}.test", "%{r}.test", "%{t}.test", "test", "a.test.123", "a.test:25", "a..test",
    ".a.test", "a.test..", "-.test", "a.-test", "a.test-", "1.2.3.4", "a.test/x", "%%", "%{d}x",
    "%(d).test", "%%{d}.test%", "x" * 64 + ".test", "%{d}.a..test", "%{d}.-", "_a._b",
]  # fmt: skip
BAD_TERMS = [
    "foo", "foo:a.test", "all:a.test", "all/8", "all.", "ip4", "ip4:", "ip4:1.2.3", "ip4:192.0.2.1/33",
    "ip4:192.0.2.1/", "ip4:192.0.2.1/032", "ip4:192.0.2.01", "ip4:192.0.2.1//24", "ip4=192.0.2.1",
    "ip6:192.0.2.1", "ip6:2001:db8::/129", "ip6:2001:db8:::1", "ip6:::1%eth0", "ip6", "include",
    "include:", "exists", "exists:", "exists:a.test/24", "a:", "a/", "a/33", "a//129", "a/24/64",
    "a///64", "a//24/64", "a/024", "mx:", "mx/x", "ptr:", "ptr/24", "redirect=", "exp=", "redirect",
    "redirect:a.test", "=a", "+", "-", "--all", "+?all", "v=spf1", "x=%{x}", "x=%", "1a=b", "a:b.test,",
    "-redirect=a.test", "~exp=text.test", "include:a.test/24", "prt", "ipv4:192.0.2.1", "all;", "\x01",
    "ip4:192.0.2.1\x7f", "x=\x02", "a_b:c", "a.b", "mx-all", "v=spf2",
]  # fmt: skip
MODIFIERS = ["x=y", "x=", "match.x_1-2=%{d}", "op=auth", "default=pass", "x=%{c}%{r}%{t}", "x=%{p}"]


def plain_name(world):
    pools = [DOMAINS, HOSTS, HOSTS, LISTS, LISTS, GONE, OTHER]
    name = world.pick(*world.pick(*pools))
    if world.chance(5):
        name = name.upper()
    return name + "." if world.chance(3) else name


def target(world):
    roll = world.random.randrange(100)
    if roll < 2:
        return world.pick(*BAD_NAMES)
    return world.pick(*MACRO_NAMES) if roll < 22 else plain_name(world)


def cidr(world):
    if not world.chance(30):
        return ""
    four = "/%d" % world.pick(0, 8, 24, 30, 31, 32)
    six = "//%d" % world.pick(0, 32, 64, 112, 127, 128)
    return world.pick(four, six, four + six)


def ip_term(world):
    if world.chance(50):
        prefix = world.pick("", "", "/32", "/31", "/29", "/24", "/16", "/0")
        return "ip4:" + world.pick(*IP4) + prefix
    prefix = world.pick("", "", "/128", "/127", "/112", "/64", "/32", "/0")
    return "ip6:" + world.pick(*IP6, "2001:DB8::2:9", "::ffff:192.0.2.1") + prefix


def mechanism(world):
    kind = world.pick("ip", "ip", "ip", "a", "a", "mx", "mx", "ptr", "include", "include", "exists")
    if kind == "ip":
        return ip_term(world)
    if kind == "include":
        pool = LISTS * 3 + DOMAINS + GONE[:1] + OTHER
        return "include:" + (world.pick(*pool) if world.chance(90) else target(world))
    if kind == "exists":
        return "exists:" + target(world)
    name = kind if world.chance(95) else kind.upper()
    argument = ":" + target(world) if world.chance(70) else ""
    return name + argument + (cidr(world) if kind != "ptr" else "")


def modifier(world):
    kind = world.pick("redirect", "redirect", "exp", "other", "other")
    if kind == "redirect":
        name = world.pick("redirect", "redirect", "redirect", "Redirect")
        return name + "=" + (world.pick(*LISTS, *DOMAINS) if world.chance(85) else target(world))
    if kind == "exp":
        return "exp=" + (world.pick("text.test", "two.test") if world.chance(60) else target(world))
    return world.pick(*MODIFIERS)


def costly_terms(world):
    """For the limit of ten lookups: hosts that exist and hardly ever match."""
    costly = ["-a:mail.b.test", "a:mx1.c.test", "-mx:b.test", "exists:mail.a.test", "ptr:text.test"]
    return [world.pick(*costly) for _ in range(world.pick(2, 3, 4, 5, 9, 10, 11))]


def terms(world):
    out = costly_terms(world) if world.is_costly and world.chance(60) else []
    for _ in range(world.pick(0, 1, 1, 2, 2, 3, 3, 4, 5, 6)):
        out.append(world.pick("", "", "", "+", "-", "~", "?") + mechanism(world))
    if world.chance(75):
        out.append(world.pick("-", "-", "~", "~", "?", "+", "") + world.pick("all", "all", "ALL"))
    while world.chance(22):
        out.insert(world.random.randrange(len(out) + 1), modifier(world))
    if world.chance(4):
        out.insert(world.random.randrange(len(out) + 1), world.pick(*BAD_TERMS))
    return out


def record(world):
    version = "v=spf1" if world.chance(97) else "V=SPF1"
    text = " ".join([version] + terms(world))
    if world.chance(5):
        text = text.replace(" ", "  ")
    return text + " " if world.chance(5) else text


# ---- the DNS ---------------------------------------------------------------------------------


def reverse_name(ip):
    if ":" not in ip:
        return ".".join(reversed(ip.split("."))) + ".in-addr.arpa"
    digits = ipaddress.ip_address(ip).exploded.replace(":", "")
    return ".".join(reversed(digits)) + ".ip6.arpa"


def add_addresses(world, name, percent):
    if world.chance(percent):
        world.add(name, "A", *[world.pick(*IP4) for _ in range(world.pick(1, 1, 2))])
    if world.chance(percent):
        world.add(name, "AAAA", *[world.pick(*IP6) for _ in range(world.pick(1, 1, 2))])


def add_mx(world, name):
    hosts = [world.pick(*HOSTS, *HOSTS, *GONE, "six.test") for _ in range(world.pick(1, 1, 2, 3))]
    world.add(name, "MX", *[(world.pick(0, 10, 20), host) for host in hosts])
    if world.chance(5):
        world.add(name, "MX", (0, "."))


def add_txt(world, name):
    texts = [record(world)] if world.chance(93) else []
    if world.chance(10):
        texts.append(world.pick("hello", "v=spf10 -all", "v=spf1; -all", "v=spf2.0/pra -all", ""))
    if world.chance(2):
        texts.append(record(world))
    if texts:
        world.add(name, "TXT", *texts)


def add_reverse(world, ip):
    count = world.pick(0, 1, 1, 2, 3, 12)
    names = [world.pick(*DOMAINS, *HOSTS, "gone1.test", "slow.test") for _ in range(count)]
    if count == 12:
        names = ["n%d.test" % i for i in range(world.pick(8, 9, 10, 11))] + names[:2]
    if names:
        world.add(reverse_name(ip), "PTR", *names)


def add_failures(world):
    for kind in ("TXT", "A", "AAAA", "MX"):
        world.answers["slow.test", kind] = Answer(failure=world.pick("timeout", "servfail"))
    for key in list(world.answers):
        if world.chance(1):
            world.answers[key] = Answer(failure="servfail")


def sender(world):
    domain = world.pick(*DOMAINS[:3], *DOMAINS[:3], *DOMAINS, "gone1.test", "slow.test", "test")
    local = world.pick("user", "user", "strong-bad", "a+b", "A/b", "")
    mail_from = world.pick(local + "@" + domain, local + "@" + domain, domain, "")
    return Query(world.pick(*IP4, *IP6), world.pick(*HOSTS, *DOMAINS), mail_from)


def make_world(seed, index):
    world = World(seed, index)
    for name in DOMAINS + HOSTS:
        add_addresses(world, name, 70)
    for name in DOMAINS + LISTS + (["test"] if world.chance(20) else []):
        add_txt(world, name)
    for name in DOMAINS:
        add_mx(world, name)
    for ip in IP4 + IP6:
        add_reverse(world, ip)
    world.add("text.test", "TXT", "see %{i} of %{d} at %{r}")
    world.add("two.test", "TXT", "v=spf1 -all", "v=spf1 ~all")
    many = [(i, "n%d.test" % i) for i in range(world.pick(9, 10, 11))]
    world.add("many-mx.test", "MX", *many)
    world.add("six.test", "AAAA", world.pick(*IP6))
    add_failures(world)
    world.queries = [sender(world) for _ in range(4)]
    return world


def settle(world, asked):
    """Gives some of the names that were asked for, and are not there, what was asked for: without
    this, hardly a macro would ever match."""
    for name, kind in sorted(asked):
        if (name, kind) in world.answers or name in GONE or not world.chance(40):
            continue
        if kind in ("A", "AAAA"):
            world.add(name, kind, world.pick(*(IP4 if kind == "A" else IP6)))
        elif kind == "TXT":
            add_txt(world, name)
        elif kind == "MX":
            add_mx(world, name)
