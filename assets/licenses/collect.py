#!/usr/bin/env python3
"""Writes dependencies.txt: the licence notices of every library inside the program.

Run it after Cargo.lock has changed:

    python3 assets/licenses/collect.py

It asks cargo which packages the program is built from (default features, normal dependencies, on Linux, macOS
and Windows), reads the licence files that each package ships, and writes every text once. The test `licenses`
fails while a package has no entry.
"""

import json
import re
import subprocess
from collections import defaultdict
from pathlib import Path

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent.parent
TARGETS = ["x86_64-unknown-linux-gnu", "aarch64-unknown-linux-gnu", "aarch64-apple-darwin", "x86_64-pc-windows-msvc"]
LICENCE_FILE = re.compile(r"^(licen[sc]e|copying|unlicense|notice|copyright)", re.IGNORECASE)
GRANT = "Permission is hereby granted, free of charge"

# Phrases that say which licence a text is; the first that occurs counts.
MARKS = {
    "BSL-1.0": "Boost Software License",
    "Apache-2.0": r"Apache License\s+Version 2\.0",
    "MIT": GRANT,
    "Unlicense": "This is free and unencumbered software",
    "Zlib": "This software is provided .as-is., without any express or implied warranty",
    "CC0-1.0": "CC0 1.0 Universal",
    "MPL-2.0": "Mozilla Public License Version 2.0",
    "ISC": "Permission to use, copy, modify, and(/or)? distribute this software",
    "BSD": "Redistribution and use in source and binary forms",
    "GPL": "GNU GENERAL PUBLIC LICENSE",
}

# Texts that a package names and does not ship, in this folder; its own code is under MIT.
OF_THEIR_CONTENTS = {"lucide-icons": "lucide.txt"}


def cargo(*arguments: str) -> str:
    return subprocess.run(["cargo", *arguments], cwd=ROOT, check=True, stdout=subprocess.PIPE, text=True).stdout


def packages() -> list[dict]:
    """The packages inside the program, as cargo describes them, by name and version."""
    inside = set()
    for target in TARGETS:
        tree = cargo("tree", "--locked", "-e", "normal", "--target", target, "--prefix", "none", "-f", "{p}")
        inside |= {tuple(line.split()[:2]) for line in tree.splitlines() if line}
    metadata = json.loads(cargo("metadata", "--locked", "--format-version", "1"))
    found = [p for p in metadata["packages"] if (p["name"], "v" + p["version"]) in inside]
    return sorted((p for p in found if p["name"] != "underpaint"), key=lambda p: (p["name"], p["version"]))


def squeezed(text: str) -> str:
    """A text as it is compared: without layout, case, and kinds of quotation marks."""
    return re.sub(r"[^a-z0-9]+", " ", text.lower()).strip()


def licence_of(text: str) -> str:
    flat = re.sub(r"\s+", " ", text)
    return next((name for name, mark in MARKS.items() if re.search(mark, flat, re.IGNORECASE)), "other")


def shipped(package: dict) -> list[str]:
    """The licence texts that a package ships."""
    folder = Path(package["manifest_path"]).parent
    files = [f for f in folder.iterdir() if f.is_file() and LICENCE_FILE.match(f.name)]
    if package["name"] == "epaint_default_fonts":
        files += folder.glob("fonts/*.txt")
    return [f.read_text(encoding="utf-8", errors="replace").replace("\r\n", "\n").strip() for f in sorted(files)]


def needed(package: dict, texts: list[str]) -> list[str]:
    """Without the texts that a package offers as an alternative to MIT."""
    kinds = {licence_of(text) for text in texts}
    expression = package["license"] or ""
    if "MIT" in kinds and " OR " in expression.replace("/", " OR ") and " AND " not in expression:
        return [text for text in texts if licence_of(text) in ("MIT", "other")]
    return texts


def repository(package: dict) -> str:
    url = (package["repository"] or package["homepage"] or "").removesuffix("/").removesuffix(".git")
    return re.sub(r"/(tree|blob)/.*", "", url)


def main() -> None:
    inside = packages()
    all_texts = {p["id"]: shipped(p) for p in inside}
    texts = {p["id"]: needed(p, all_texts[p["id"]]) for p in inside}
    mit = next(t[t.index(GRANT):] for ts in texts.values() for t in ts if t.startswith("MIT License\n\nCopyright"))
    for package in inside:
        if texts[package["id"]]:
            continue
        # Packages of one repository often leave the texts to one of them.
        near = [t for p in inside if repository(p) == repository(package) for t in texts[p["id"]] if licence_of(t) == "MIT"]
        if near and "MIT" in package["license"]:
            texts[package["id"]] = near[:1]
        elif shared := next((kind for kind in ("Apache-2.0", "BSL-1.0") if kind in package["license"]), None):
            # These texts name no copyright holder, so that one package's serves another.
            texts[package["id"]] = [next(t for ts in all_texts.values() for t in ts if licence_of(t) == shared)]
        elif package["license"] == "MIT" or package["name"] in OF_THEIR_CONTENTS:
            authors = ", ".join(package["authors"]) or f"the authors of {package['name']}"
            texts[package["id"]] = [f"Copyright (c) {authors}\n\n{mit}"]
            if contents := OF_THEIR_CONTENTS.get(package["name"]):
                texts[package["id"]].append((HERE / contents).read_text(encoding="utf-8").strip())
        else:
            raise SystemExit(f"{package['name']} ships no licence text; give it one here")

    # MIT texts differ in their copyright lines alone: those are kept for each package, the terms once.
    terms: dict[str, str] = {}
    holders: dict[str, dict[str, list[str]]] = defaultdict(lambda: defaultdict(list))
    for package in inside:
        label = f"{package['name']} {package['version']}"
        for text in texts[package["id"]]:
            head, body = "", text
            if licence_of(text) == "MIT" and text.count(GRANT) == 1:
                at = text.index(GRANT)
                lines = [line.strip() for line in text[:at].splitlines()]
                named = [line for line in lines if line and not re.fullmatch(r"(the )?mit license( \(mit\))?:?", line, re.IGNORECASE)]
                head, body = "\n".join(named), text[at:]
            key = squeezed(body)
            terms.setdefault(key, body)
            holders[key][head].append(label)

    numbers = {key: n for n, key in enumerate(sorted(terms, key=lambda k: (-sum(map(len, holders[k].values())), k)), 1)}
    used = defaultdict(list)
    for key, heads in holders.items():
        for labels in heads.values():
            for label in labels:
                used[label].append(numbers[key])
    out = ["LIBRARIES", "", "Each with its licence and where it comes from; the numbers name the texts below.", ""]
    for package in inside:
        label = f"{package['name']} {package['version']}"
        where = repository(package) or f"https://crates.io/crates/{package['name']}"
        notes = " ".join(f"[{n}]" for n in sorted(set(used[label])))
        out.append(f"{label}: {package['license']}, {where} {notes}")
    for key, number in numbers.items():
        out += ["", "", f"[{number}] " + "-" * 70, ""]
        for head, labels in holders[key].items():
            names = ", ".join(dict.fromkeys(labels))
            out += [f"{names}:", *([head] if head else []), ""]
        out.append(terms[key])
    text = "\n".join(line.rstrip() for line in "\n".join(out).splitlines()) + "\n"
    (HERE / "dependencies.txt").write_text(text, encoding="utf-8")
    print(f"{len(inside)} packages, {len(terms)} texts, {len(text.encode()):,} bytes")


if __name__ == "__main__":
    main()
