#!/usr/bin/env python3
"""What is made for desktops and for man(1), as the build made it: the entry of the menu, AppStream's
metainfo, kinds of files, manual pages, completion, the manifests of packages.

check_desktop.py SOURCE BUILD VERSION RELEASED"""
import json
import os
import re
import shutil
import struct
import sys
import tempfile

from tap import Tap, missing, run

ID = "org.layerwise.Workbench"
SOURCE, BUILD, VERSION, RELEASED = sys.argv[1:5]
PROGRAM = os.path.join(BUILD, "app/layerwise")
WORKBENCH = os.path.join(BUILD, "app/layerwise-workbench")
OPTION = re.compile(r"^  (?:-\w, )?(--[a-z-]+)(?:, (--[a-z-]+))?", re.MULTILINE)


def source(path):
    with open(os.path.join(SOURCE, path), encoding="utf-8") as file:
        return file.read()


def built(path):
    with open(os.path.join(BUILD, path), encoding="utf-8") as file:
        return file.read()


def validate(tap, name, tool, *words):
    absent = missing(tool)
    if absent:
        tap.skip(name, absent)
        return
    status, out, err = run(tool, *words)
    tap.result(name, (out + err).splitlines() if status else [])


def check_entry(tap):
    path = os.path.join(BUILD, "assets/desktop", ID)
    if not os.path.exists(path + ".desktop"):
        tap.skip("the desktop's entry and metainfo", "it was built without the window")
        return
    validate(tap, "desktop-file-validate takes the entry", "desktop-file-validate",
             "--warn-kde", path + ".desktop")
    validate(tap, "appstreamcli takes the metainfo", "appstreamcli", "validate", "--no-net",
             path + ".metainfo.xml")
    for ending, word in ("desktop", "[zh_CN]"), ("metainfo.xml", 'lang="zh_CN"'):
        if not shutil.which("msgfmt"):
            tap.skip(f"the {ending} is translated", "msgfmt is not installed")
        else:
            tap.result(f"the {ending} is translated",
                       [] if word in built(f"assets/desktop/{ID}.{ending}") else ["it is not"])


def check_screenshots(tap):
    """The pictures, which only a published program's metainfo names."""
    text = source(f"assets/desktop/{ID}.metainfo.xml.in")
    problems = [] if "<screenshots>" not in built(f"assets/desktop/{ID}.metainfo.xml") else \
        ["they are named although no address is set"]
    shots = re.findall(r'width="(\d+)" height="(\d+)">@SCREENSHOTS@/([^<]*)<', text)
    for width, height, name in shots:
        path = os.path.join(SOURCE, "docs/screenshots", name)
        if not os.path.exists(path):
            problems.append(f"there is no {name}")
            continue
        with open(path, "rb") as file:
            size = struct.unpack(">II", file.read(24)[16:])
        if size != (int(width), int(height)):
            problems.append(f"{name} has {size[0]} x {size[1]} pixels")
    tap.result("the metainfo's pictures are there", problems if shots else ["it names none"])
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, f"{ID}.metainfo.xml")
        with open(path, "w", encoding="utf-8") as file:
            file.write(text.replace("@SCREENSHOTS@", "https://example.org/docs/screenshots"))
        validate(tap, "appstreamcli takes the metainfo with pictures", "appstreamcli", "validate",
                 "--no-net", path)


def check_versions(tap):
    metainfo = source(f"assets/desktop/{ID}.metainfo.xml.in")
    wanted = {
        "the metainfo's newest release":
            (re.search(r'<release version="([^"]*)" date="([^"]*)"', metainfo).groups(),
             (VERSION, RELEASED)),
        "debian/changelog": (re.match(r"layerwise \(([^)]*)\)", source("debian/changelog")).groups(),
                             (VERSION,)),
        "the workbench's manual page":
            (re.search(r'^\.TH \S+ 1 (\S+) "Layerwise (\S+)"',
                       source("assets/man/layerwise-workbench.1"), re.MULTILINE).groups(),
             (RELEASED, VERSION)),
    }
    tap.result("all say the same version and date",
               [f"{what} says {said}, not {right}" for what, (said, right) in wanted.items()
                if said != right])


# Kinds, and what has each: name, beginning.
RUN = '{\n"format": 1,\n"version": "0.1.0",\n"name": null,\n"model": "lenet"'
KINDS = (
    ("application/x-layerwise-run+json", "run.json", RUN),
    ("application/json", "run.json", '{"name": "run", "model": "of another program"}'),
    ("application/json", "other.json", '{"format": 2}'),
    ("application/x-safetensors", "a.safetensors", "\x10\0\0\0\0\0\0\0{}              "),
    ("application/x-safetensors", "no-ending", '\x08\0\0\0\0\0\0\0{"a":{}}'),
)


def check_kinds(tap):
    absent = missing("update-mime-database", "gio")
    if absent is None and not os.path.exists("/usr/share/mime/packages/freedesktop.org.xml"):
        absent = "there is no shared MIME database"
    if absent:
        tap.skip("runs and weights have their kinds", absent)
        return
    with tempfile.TemporaryDirectory() as folder:
        packages = os.path.join(folder, "mime/packages")
        os.makedirs(packages)
        shutil.copy(os.path.join(SOURCE, f"assets/desktop/{ID}.xml"), packages)
        where = {"XDG_DATA_HOME": folder, "XDG_DATA_DIRS": "/usr/share"}
        status, out, err = run("update-mime-database", os.path.join(folder, "mime"), env=where)
        problems = (out + err).splitlines() if status or err else []
        for i, (kind, name, text) in enumerate(KINDS):
            path = os.path.join(folder, str(i), name)
            os.mkdir(os.path.dirname(path))
            with open(path, "w", encoding="latin-1") as file:
                file.write(text)
            _, out, err = run("gio", "info", "-a", "standard::content-type", path, env=where)
            if f"standard::content-type: {kind}\n" not in out:
                problems.append(f"{name} is {out.split()[-1:]}, not {kind} {err}")
        tap.result("runs and weights have their kinds", problems)
    entry = source(f"assets/desktop/{ID}.desktop.in")
    kinds = re.findall(r'<mime-type type="([^"]*)"', source(f"assets/desktop/{ID}.xml"))
    metainfo = source(f"assets/desktop/{ID}.metainfo.xml.in")
    tap.result("the entry and the metainfo name them",
               [kind for kind in kinds
                if kind + ";" not in entry or f"<mediatype>{kind}<" not in metainfo])


def commands():
    overview = run(PROGRAM, "--help", env={"LC_ALL": "C"})[1]
    return re.findall(r"^  ([a-z]+) ", overview.split("\nCommands\n")[1].split("\n\n")[0],
                      re.MULTILINE)


def options(*words):
    text = run(*words, env={"LC_ALL": "C"})[1]
    return {option for pair in OPTION.findall(text) for option in pair if option}


def plain(page):
    """What stands in a manual page, without roff's escapes."""
    text = re.sub(r"\\f[BIR]", "", page)
    return re.sub(r"\\(\(dq|\(aq|\(ti|\(ha|\(ga|[-&e])",
                  lambda match: {"-": "-", "&": "", "e": "\\"}.get(match.group(1), '"'), text)


def check_manuals(tap):
    pages = [("assets/man/layerwise.1", BUILD), ("assets/man/zh_CN/layerwise.1", BUILD),
             ("assets/man/layerwise-workbench.1", SOURCE)]
    for path, where in pages:
        full = os.path.join(where, path)
        if not os.path.exists(full):
            tap.skip(path, "it is not built")
            continue
        absent = missing("man")
        if absent:
            tap.skip(f"man has no warnings of {path}", absent)
        else:
            status, _, err = run("man", "--warnings", "-E", "UTF-8", "-l", "-Tutf8", "-Z", full,
                                 env={"LC_ALL": "C.UTF-8", "MANROFFSEQ": "", "MANWIDTH": "80"})
            tap.result(f"man has no warnings of {path}",
                       err.splitlines() if status or err else [])
        validate(tap, f"mandoc has no warnings of {path}", "mandoc", "-T", "lint", "-W", "warning",
                 full)
    if os.path.exists(os.path.join(BUILD, pages[0][0])):
        page = plain(built(pages[0][0]))
        lacking = [f"{command} {option}" for command in commands()
                   for section in ["".join(re.findall(
                       rf'^\.SS "layerwise {command} .*?(?=^\.S[SH] )', page, re.M | re.S))]
                   for option in options(PROGRAM, command, "--help") - {"--help"}
                   if not re.search(rf"(?<![\w-]){option}(?![\w-])", section)]
        lacking += [option for option in options(PROGRAM, "--help") if option not in page]
        tap.result("every option of the program is in its manual page", lacking)
    if os.path.exists(WORKBENCH):
        page = plain(source("assets/man/layerwise-workbench.1"))
        found = options(WORKBENCH, "--help")
        tap.result("every option of the window is in its manual page",
                   [option for option in found if option not in page] or
                   ([] if found else ["it has none"]))


COMPLETE = """
source "$1"
COMP_WORDS=(layerwise "${@:2}")
COMP_CWORD=$(($# - 1))
_layerwise
printf '%s\\n' "${COMPREPLY[@]}"
"""


def check_completion(tap):
    if missing("bash"):
        tap.skip("completion offers each command's options", missing("bash"))
        return
    file = os.path.join(SOURCE, "assets/completions/layerwise")

    def offered(*words):
        return set(run("bash", "-c", COMPLETE, "bash", file, *words)[1].split())
    problems = []
    for command in commands():
        have, wanted = offered(command, "--"), options(PROGRAM, command, "--help") | {"--help"}
        problems += [f"{command} {option} is not offered" for option in wanted - have]
        problems += [f"{command} has no {option}" for option in have - wanted]
    tap.result("completion offers each command's options and no others", problems)
    have, wanted = offered(""), set(commands()) | options(PROGRAM, "--help") | {"help"}
    tap.result("completion offers the commands", sorted(have ^ wanted))


def check_packages(tap):
    setup = source("assets/setup.sh")
    needed = {name for group in re.findall(r"^packages_(?:build|workbench)='([^']*)'", setup, re.M)
              for name in group.split() if re.match(r"lib.*-dev$|.*-compiler$", name) and name != "libc6-dev"}
    control = source("debian/control").split("\n\n")[0]
    tap.result("the Debian package is built with what ./run installs",
               [f"Build-Depends lacks {name}" for name in sorted(needed)
                if not re.search(rf"^ {name}[ ,]", control, re.M)])
    manifest = json.loads(source(f"assets/flatpak/{ID}.json"))
    problems = [] if manifest["id"] == ID else ["another id"]
    folder = os.path.join(SOURCE, "assets/flatpak")
    for module in manifest["modules"]:
        for origin in module["sources"]:
            if origin["type"] != "dir" or not os.path.samefile(
                    os.path.join(folder, origin["path"]), SOURCE):
                problems.append(f"{module['name']} has sources from elsewhere: {origin}")
        known = set(re.findall(r"^option\('(\w+)'", source("meson_options.txt"), re.M))
        problems += [f"there is no option {word}" for word in module["config-opts"]
                     if word.startswith("-D") and word[2:].split("=")[0] not in known]
    tap.result("the Flatpak manifest is whole and fetches nothing", problems)


def main():
    tap = Tap()
    check_entry(tap)
    if os.path.exists(os.path.join(BUILD, "assets/desktop", ID + ".metainfo.xml")):
        check_screenshots(tap)
    check_versions(tap)
    check_kinds(tap)
    check_manuals(tap)
    check_completion(tap)
    check_packages(tap)
    tap.done()


if __name__ == "__main__":
    main()
