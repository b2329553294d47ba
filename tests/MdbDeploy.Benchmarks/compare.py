#!/usr/bin/env python3
"""Measures whole processes against the floor, in turns, and prints ratios of the medians. Linux; see README.md.

usage: compare.py FOLDER-OF-THE-PUBLISHED-COMMAND FOLDER-OF-THE-PUBLISHED-BENCHMARKS [RUNS]
"""
import os
import pathlib
import shutil
import statistics
import subprocess
import sys
import tempfile
import time

HERE = pathlib.Path(__file__).parent
YAML = """organization: Benchmark
inventory: [{files}]
packages: packages/
out: out/
tenant: {{ usesIntune: true, onboarding: manual }}
rings:
  - {{ name: pilot, match: "tags contains 'Pilot'", max: 100 }}
  - {{ name: early, percent: 10 }}
  - {{ name: broad }}
policies: []
"""


def guid(kind, i):
    a = (i * 0x9E3779B97F4A7C15 + kind) & (2**64 - 1)
    b = (a * 0xBF58476D1CE4E5B9 ^ (a >> 29)) & (2**64 - 1)
    h = f"{a:016x}{b:016x}"
    return f"{h[:8]}-{h[8:12]}-{h[12:16]}-{h[16:20]}-{h[20:]}"


def canonical(i):
    return (f'PC-{i:07d},pc-{i:07d}.corp.contoso.example,CORP,Windows 11 Enterprise,Enterprise,10.0.22631.{4000 + i % 900},hybrid,{guid(11, i)},SN{i:08d},'
            f'"OU=Workstations,OU=S{i % 40},OU=Europe,DC=corp,DC=contoso,DC=example",S{i % 40},{"Pilot" if i % 50 == 0 else ""},firstname.lastname{i % 400000}@contoso.example,'
            f'2026-11-{1 + i % 20:02d}T06:{i % 60:02d}:00Z')


def intune(i):
    return (f'{guid(22, i)},PC-{i:07d},2026-11-{1 + i % 20:02d} 06:{i % 60:02d}:00.0000000,{guid(11, i)},10.0.22631.{4000 + i % 900},Windows,SN{i:08d},user{i % 400000}@contoso.example,Intune,'
            'Enterprise,Hybrid Azure AD joined')


def directory(i):
    return (f'"PC-{i:07d}","PC-{i:07d}.corp.contoso.example","Windows 11 Enterprise","10.0 (22631)","CN=PC-{i:07d},OU=S{i % 40},DC=corp,DC=contoso,DC=example","{guid(33, i)}","True",'
            f'"2026-11-{1 + i % 20:02d} 05:00:00"')


SOURCES = {
    "canonical": ("name,fqdn,domain,os,os_edition,os_build,join_type,entra_device_id,serial,ou,site,tags,owner_upn,last_seen", canonical, lambda i: True),
    "intune": ("Device ID,Device name,Last check-in,Azure AD Device ID,OS version,OS,Serial number,Primary user UPN,Managed by,SkuFamily,JoinType", intune, lambda i: i % 10 < 4),
    "directory": ('"Name","DNSHostName","OperatingSystem","OperatingSystemVersion","DistinguishedName","ObjectGUID","Enabled","LastLogonDate"', directory, lambda i: i % 10 >= 2),
    "assets": ("name,entra_device_id,serial,site", lambda i: f"PC-{i:07d},{guid(11, i)},SN{i:08d},S{i % 40}", lambda i: i % 10 < 7),
}


def write(path, source, devices):
    header, line, takes = SOURCES[source]
    with open(path, "w", newline="") as file:
        file.write(header + "\r\n")
        # A step that has no factor in common with the number visits every device once, in no order a sort would like.
        for k in range(devices):
            i = k * 7368787 % devices
            if takes(i):
                file.write(line(i) + "\r\n")


def project(folder, name, files):
    path = folder / name
    (path / "packages").mkdir(parents=True)
    (path / "mdbdeploy.yaml").write_text(YAML.format(files=", ".join(files)))
    return path


def run(command):
    start = time.perf_counter()
    child = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    _, status, usage = os.wait4(child.pid, 0)
    child.returncode = os.waitstatus_to_exitcode(status)
    if child.returncode:
        sys.exit(f"{command} ended with {child.returncode}")
    return time.perf_counter() - start, usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024


def main(command, benchmarks, runs=5):
    tool, floor = f"{command}/mdbdeploy", f"{benchmarks}/MdbDeploy.Benchmarks"
    with tempfile.TemporaryDirectory() as temp:
        folder = pathlib.Path(temp)
        million = 1_000_000
        write(folder / "one.csv", "canonical", million)
        write(folder / "two.csv", "canonical", 2 * million)
        write(folder / "ten.csv", "canonical", 10)
        for source in ("intune", "directory", "assets"):
            write(folder / f"{source}.csv", source, million)

        def plan(name, *files):
            return [tool, "plan", str(project(folder, name, [f"../{file}" for file in files])), "--as-of", "2026-11-23", "--csv-only"]

        jobs = {
            "floor: spans of 1,000,000 rows": [floor, "floor", str(folder / "one.csv")],
            "plan 1,000,000 rows": plan("p1", "one.csv"),
            "plan three overlapping sources": plan("p3", "intune.csv", "directory.csv", "assets.csv"),
            "plan 2,000,000 rows": plan("p2", "two.csv"),
            "peer.py 1,000,000 rows": [sys.executable, str(HERE / "peer.py"), str(folder / "one.csv"), str(folder / "peer.csv")],
            "a .NET program that does nothing": [floor, "nothing"],
            "plan 10 rows": plan("p10", "ten.csv"),
        }
        results = {job: [] for job in jobs}
        for _ in range(int(runs)):
            for job, arguments in jobs.items():
                # A file system writes a file to the disk before it replaces another, which is no part of planning.
                for out in folder.glob("*/out"):
                    shutil.rmtree(out)
                results[job].append(run(arguments))
        medians = {job: [statistics.median(column) for column in zip(*rows)] for job, rows in results.items()}
        base = medians["floor: spans of 1,000,000 rows"]
        print("| what | wall s | x floor | CPU s | x floor | resident MB |\n|---|---|---|---|---|---|")
        for job, (wall, cpu, resident) in medians.items():
            print(f"| {job} | {wall:.2f} | {wall / base[0]:.1f} | {cpu:.2f} | {cpu / base[1]:.1f} | {resident:.0f} |")
        two, one = medians["plan 2,000,000 rows"], medians["plan 1,000,000 rows"]
        ten, nothing = medians["plan 10 rows"], medians["a .NET program that does nothing"]
        print(f"\n2,000,000 rows take {two[0] / one[0]:.2f} times the wall time of 1,000,000; 10 rows take {ten[0] / nothing[0]:.1f} times a program that does nothing.")


main(*sys.argv[1:])
