#!/usr/bin/env python3
"""The script an administrator would write instead: reads an export in the canonical form, drops duplicates, decides method and ring, writes plan.csv.

usage: peer.py INVENTORY.csv PLAN.csv
"""
import csv
import hashlib
import sys


def main(source, target):
    seen, plan, pilots = set(), [], 0
    with open(source, newline="", encoding="utf-8-sig") as file:
        for line, row in enumerate(csv.DictReader(file), 2):
            key = row["entra_device_id"] or row["name"].lower()
            if key in seen:
                continue
            seen.add(key)
            build = row["os_build"].split(".")
            eligible = row["os_edition"] in ("Pro", "Enterprise", "Business", "Education") and len(build) == 4 and int(build[2]) >= 19041
            method = "group-policy" if row["join_type"] in ("hybrid", "ad") else "none"
            share = int.from_bytes(hashlib.sha256(("early\nentra:" + key).encode()).digest()[:8], "big") / 2**64
            if "Pilot" in row["tags"] and pilots < 100:
                ring, pilots = "pilot", pilots + 1
            else:
                ring = "early" if share < 0.1 else "broad"
            plan.append((row["name"], row["fqdn"], row["os"], row["os_build"], "eligible" if eligible else "ineligible", method, ring, f"{source}:{line}"))
    plan.sort(key=lambda device: device[0])
    with open(target, "w", newline="", encoding="utf-8-sig") as file:
        out = csv.writer(file)
        out.writerow(("name", "fqdn", "os", "build", "eligibility", "method", "ring", "sources"))
        out.writerows(plan)


main(*sys.argv[1:3])
