#!/usr/bin/python3
"""Our check_host() (RFC 7208) against pyspf's, over random worlds.

  check_host.py --program build/dev/tests/differential/check_host_table [--seed 1] [--worlds 2000]
  check_host.py … --world 17            one world, told in full

A difference that no known one (spf_known.py) explains is a failure.
"""

import argparse
import os
import subprocess
import sys
from collections import Counter

sys.dont_write_bytecode = True  # the sources stay as they are

SKIPPED = 77

try:
    import spf
except ImportError as error:
    print(f"python3-spf is not installed ({error})", file=sys.stderr)
    sys.exit(1 if os.environ.get("MAILCENSUS_NO_SKIP") == "1" else SKIPPED)

from spf_known import KNOWN, with_corrections
from spf_worlds import make_world, settle


class Pyspf:
    """pyspf over a world: answers come with CNAMEs already followed, as they do from our resolver."""

    def __init__(self):
        self.world = None
        self.asked = set()
        spf.DNSLookup = self.lookup

    def lookup(self, name, kind, *_):
        name = name.lower()
        self.asked.add((name, kind))
        answer = self.world.answers.get((name, kind))
        if answer is None:
            return []
        if answer.failure:
            raise spf.TempError("DNS " + answer.failure)
        return [((name, kind), self.value(kind, value)) for value in answer.values]

    @staticmethod
    def value(kind, value):
        return (value.encode("latin-1"),) if kind == "TXT" else value

    def result(self, query, corrections=()):
        return self.verdict(query, corrections)[0]

    def verdict(self, query, corrections=()):
        """The result and why."""
        checker = with_corrections(corrections)(i=query.ip, s=query.mail_from, h=query.helo)
        try:
            result, _, text = checker.check()
            return result, f"{text}; {checker.lookups} lookups, {checker.void_lookups} void"
        except Exception as error:  # pylint: disable=broad-except
            return "crash", f"{type(error).__name__}: {error}"


def spell(name):
    """As our resolver spells names: lower case, a backslash and what is not visible escaped."""
    out = ""
    for c in name.lower():
        out += "\\" + c if c == "\\" else c if "!" <= c <= "~" else "\\%03d" % ord(c)
    return out


def lines_of(world):
    yield "world"
    for (name, kind), answer in world.answers.items():
        values = ["%d %s" % value if kind == "MX" else value for value in answer.values]
        yield "\t".join(["rr", spell(name), kind, answer.failure or "ok"] + values)
    for query in world.queries:
        yield "\t".join(["query", query.ip, query.helo, query.mail_from])


def our_results(program, worlds):
    text = "".join(line + "\n" for world in worlds for line in lines_of(world))
    text = text.encode("latin-1")
    done = subprocess.run([program], input=text, stdout=subprocess.PIPE, check=True)
    verdicts = [line.split(" ", 1) for line in done.stdout.decode().splitlines()]
    if len(verdicts) != sum(len(world.queries) for world in worlds):
        sys.exit("check_host_table gave another number of results than there are queries")
    return verdicts


def explain(pyspf, query, ours):
    """The least set of known differences that makes pyspf agree; None where there is none."""
    needed = list(KNOWN)
    if pyspf.result(query, needed) != ours:
        return None
    for correction in KNOWN:
        fewer = [other for other in needed if other is not correction]
        if pyspf.result(query, fewer) == ours:
            needed = fewer
    return needed


def tell(pyspf, index, query, ours):
    world = pyspf.world
    print(f"world {index}: {query}\n  ours: {ours}")
    print(f"  pyspf: {pyspf.verdict(query)}\n  corrected: {pyspf.verdict(query, KNOWN)}")
    for (name, kind), answer in sorted(world.answers.items()):
        if kind == "TXT":
            print(f"    {name} TXT {answer.values or answer.failure}")


def parse_arguments():
    shape = argparse.RawTextHelpFormatter
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=shape)
    parser.add_argument("--program", required=True, help="check_host_table")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--worlds", type=int, default=2000)
    parser.add_argument("--world", type=int, help="this one alone, told in full")
    parser.add_argument("--plant-error", action="store_true", help="spoil one result of ours")
    return parser.parse_args()


def make_worlds(pyspf, arguments):
    indexes = range(arguments.worlds) if arguments.world is None else [arguments.world]
    for index in indexes:
        pyspf.world = world = make_world(arguments.seed, index)
        pyspf.asked = set()
        for query in world.queries:
            pyspf.result(query, KNOWN)
        settle(world, pyspf.asked)
        yield index, world


def compare(pyspf, worlds, ours):
    """Counts of results and of known differences, and how many differences nothing explains."""
    results, known, bad = Counter(), Counter(), 0
    each = ((index, world, query) for index, world in worlds for query in world.queries)
    for (index, world, query), (our_result, reason) in zip(each, ours):
        pyspf.world = world
        results[our_result] += 1
        if pyspf.result(query) == our_result:
            continue
        needed = explain(pyspf, query, our_result)
        if needed is None:
            bad += 1
            tell(pyspf, index, query, (our_result, reason))
        else:
            known.update(needed)
            known["any"] += 1
    return results, known, bad


def main():
    arguments = parse_arguments()
    pyspf = Pyspf()
    worlds = list(make_worlds(pyspf, arguments))
    ours = our_results(arguments.program, [world for _, world in worlds])
    if arguments.plant_error:
        next(verdict for verdict in ours if verdict[0] == "pass")[0] = "softfail"
    results, known, bad = compare(pyspf, worlds, ours)
    print(f"{len(worlds)} worlds of seed {arguments.seed}, {len(ours)} queries:", dict(results))
    print(f"pyspf differs in {known.pop('any', 0)} for known reasons:")
    for correction in KNOWN:
        name = f"{correction.__name__} (RFC 7208 {correction.section})"
        print(f"  {known[correction]:6} {name}: {correction.why}")
    print(f"and in {bad} for none")
    if arguments.plant_error:
        print("the planted error was", "found" if bad == 1 else "not found")
        return 0 if bad == 1 else 1
    return 0 if bad == 0 else 1


if __name__ == "__main__":
    sys.exit(main())
