"""power_cut.py DIR DURABLE [SEED]: DIR as it may look after a power cut.

DURABLE is what hostile_system.so kept of it (durable.c). Each name is, by lot, what it was when
the directory was last synced or what it is now; of each file what was synced is there, and of
the rest a beginning, zeros or rubbish. Afterwards all of it counts as synced.
"""

import os
import random
import sys


def files(path):
    return {entry.name: entry.inode() for entry in os.scandir(path)}


def durable_bytes(durable, inode):
    try:
        with open(f"{durable}/sizes/{inode}") as file:
            return int(file.read().split()[0])
    except FileNotFoundError:
        return 0


def cut_name(directory, durable, name, now, synced):
    """By lot, where they differ: the name as it was synced."""
    if now.get(name) == synced.get(name) or random.random() < 0.5:
        return
    if name in now:
        os.unlink(f"{directory}/{name}")
    if name in synced:
        os.link(f"{durable}/names/{name}", f"{directory}/{name}")


def cut_file(path, kept):
    size = os.stat(path).st_size
    if size <= kept:
        return
    with open(path, "r+b") as file:
        way = random.choice(["cut", "zeros", "rubbish", "whole"])
        if way == "cut":
            file.truncate(random.randrange(kept, size))
        elif way != "whole":
            file.seek(kept)
            rest = size - kept
            file.write(bytes(rest) if way == "zeros" else random.randbytes(rest))


def settle(directory, durable):
    for folder in ("names", "sizes"):
        for name in os.listdir(f"{durable}/{folder}"):
            os.unlink(f"{durable}/{folder}/{name}")
    for name, inode in files(directory).items():
        os.link(f"{directory}/{name}", f"{durable}/names/{name}")
        with open(f"{durable}/sizes/{inode}", "w") as file:
            file.write(str(os.stat(f"{directory}/{name}").st_size))


def main(directory, durable, seed=None):
    random.seed(seed)
    now, synced = files(directory), files(f"{durable}/names")
    for name in sorted(now.keys() | synced.keys()):
        cut_name(directory, durable, name, now, synced)
    for name, inode in files(directory).items():
        cut_file(f"{directory}/{name}", durable_bytes(durable, inode))
    settle(directory, durable)


main(*sys.argv[1:])
