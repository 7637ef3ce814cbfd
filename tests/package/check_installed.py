#!/usr/bin/env python3
"""An installed Layerwise, started from where it was put: what is there and what is not, the language,
the folder of modules, a training, the window.

check_installed.py --build BUILD DISPLAY_SCRIPT   installs a build with DESTDIR and looks at that
check_installed.py --prefix FOLDER DISPLAY_SCRIPT looks at what was installed or unpacked there"""
import json
import os
import re
import shutil
import sys
import tempfile

from tap import Tap, missing, run

ID = "org.layerwise.Workbench"
# All that belongs below a prefix; debian/ adds its documents. "?": where there is what makes it.
SHARED = {
    "share/bash-completion/completions/layerwise": "",
    "share/man/man1/layerwise.1": "",
    "share/locale/zh_CN/LC_MESSAGES/layerwise.mo": "msgfmt",
    "share/man/zh_CN/man1/layerwise.1": "msgfmt",
}
OF_WINDOW = (
    "bin/layerwise-workbench", "share/man/man1/layerwise-workbench.1",
    f"share/applications/{ID}.desktop", f"share/metainfo/{ID}.metainfo.xml",
    f"share/mime/packages/{ID}.xml", f"share/icons/hicolor/scalable/apps/{ID}.svg",
    f"share/icons/hicolor/symbolic/apps/{ID}-symbolic.svg",
)


def files_below(folder):
    return {os.path.relpath(os.path.join(where, name), folder)
            for where, _, names in os.walk(folder) for name in names}


def check_files(tap, prefix):
    # A package's pages are compressed, and its documents are of no interest.
    found = {re.sub(r"\.gz$", "", path) for path in files_below(prefix)
             if not path.startswith(("share/doc/", "lib/debug/"))}
    wanted = {"bin/layerwise"} | {path for path, tool in SHARED.items()
                                  if not tool or shutil.which(tool)}
    if "bin/layerwise-workbench" in found:
        wanted |= set(OF_WINDOW)
    others = {path for path in found - wanted if not path.endswith(("/layerwise-cuda.so", "/layerwise-mpi.so"))}
    tap.result("what belongs there is installed, and nothing else",
               [f"{path} is missing" for path in sorted(wanted - found)] +
               [f"{path} is there" for path in sorted(others)])


def check_program(tap, prefix, home):
    program = os.path.join(prefix, "bin/layerwise")
    status, out, err = run(program, "list", "--json", env=home)
    tap.result("it lists the networks", [] if status == 0 and len(json.loads(out)) >= 9 else [err])
    if shutil.which("msgfmt"):
        _, out, _ = run(program, "--help", env={**home, "LC_ALL": "C.UTF-8", "LANGUAGE": "zh_CN"})
        tap.result("it speaks Chinese", [] if "用法" in out else [out[:200]])
    folder = os.path.join(home["HOME"], "runs", "run")
    status, out, err = run(program, "train", "lenet", "--data", "shapes", "--limit-train", 64,
                           "--limit-test", 32, "--batch", 32, "--steps", 2, "--device", "cpu",
                           "--algorithms", "fixed", "--output", folder, "--json", env=home)
    steps = [line for line in out.splitlines() if '"event":"step"' in line]
    tap.result("it trains two steps", [] if status == 0 and len(steps) == 2 and
               os.path.exists(os.path.join(folder, "run.json")) else [out, err])
    return folder


def check_module(tap, prefix, home):
    """Whether the folder of modules is looked into. What lies there is no module, and some library
    stands for the driver, without which nobody looks."""
    folders = [os.path.dirname(os.path.join(prefix, "lib", name)) for name in
               ("layerwise/x", f"{os.uname().machine}-linux-gnu/layerwise/x")]
    libraries = re.findall(r"(/\S*/libz\.so\S*)", run("ldd", os.path.join(prefix, "bin/layerwise"))[1])
    if not libraries:
        tap.skip("CUDA's module is looked for below the prefix", "no library to stand for a driver")
        return
    driver = os.path.join(home["HOME"], "driver")
    os.mkdir(driver)
    shutil.copy(libraries[0], os.path.join(driver, "libcuda.so.1"))
    said = []
    for folder in folders:
        module = os.path.join(folder, "layerwise-cuda.so")
        if os.path.exists(module):
            tap.skip("CUDA's module is looked for below the prefix", "it is installed")
            return
        os.makedirs(folder, exist_ok=True)
        with open(module, "w", encoding="utf-8") as file:
            file.write("no module")
        said.append(module in run(os.path.join(prefix, "bin/layerwise"), "doctor",
                                  env={**home, "LD_LIBRARY_PATH": driver, "COLUMNS": "1000",
                                       "LAYERWISE_CUDA_MODULE": ""})[1].replace("\n", ""))
        os.remove(module)
    tap.result("CUDA's module is looked for below the prefix",
               [] if any(said) else ["doctor names no file there"])


# Started with a run, closed by its own shortcut once the run is selected; says what it remembers.
WINDOW = """
"$1" "$2" & program=$!
window= waited=0
while [ -z "$window" ] && [ "$waited" -lt 300 ] && kill -0 "$program"; do
  window=$(xdotool search --onlyvisible --pid "$program" 2> /dev/null | tail -n 1)
  waited=$((waited + 1))
  sleep 0.1
done
waited=0
until grep -q "^run=$2" "$XDG_CONFIG_HOME/layerwise/workbench.ini" || [ "$waited" -gt 200 ]; do
  waited=$((waited + 1))
  sleep 0.1
done
xdotool windowfocus --sync "$window" key --clearmodifiers ctrl+q
waited=0
while kill -0 "$program" 2> /dev/null && [ "$waited" -lt 200 ]; do
  waited=$((waited + 1))
  sleep 0.1
done
[ "$waited" -lt 200 ] || kill "$program"
wait "$program"
echo "status=$?"
cat "$XDG_CONFIG_HOME/layerwise/workbench.ini"
"""


def check_window(tap, prefix, home, display, run_folder):
    name = "the window opens, shows the run that it was handed, and closes"
    workbench = os.path.join(prefix, "bin/layerwise-workbench")
    absent = missing("Xvfb", "dbus-run-session", "xdotool") or \
        (None if os.path.exists(workbench) else "it was built without the window")
    if absent:
        tap.skip(name, absent)
        return
    status, out, err = run(display, 90, "sh", "-c", WINDOW, "sh", workbench, run_folder,
                           env={**home, "G_DEBUG": "fatal-warnings"}, timeout=120)
    good = status == 0 and "status=0" in out and f"\nrun={run_folder}\n" in out
    tap.result(name, [] if good else [f"status {status}", out, err])


def main():
    tap = Tap()
    kind, place, display = sys.argv[1:4]
    with tempfile.TemporaryDirectory() as folder:
        prefix = place
        if kind == "--build":
            root = os.path.join(folder, "root")
            status, out, err = run("meson", "install", "-C", place, "--no-rebuild", "--quiet",
                                   "--destdir", root)
            tap.result("meson install", [out, err] if status else [])
            prefix = next((os.path.dirname(where) for where, below, _ in os.walk(root)
                           if os.path.basename(where) == "bin"), root)
        home = {name: os.path.join(folder, name) for name in
                ("HOME", "XDG_DATA_HOME", "XDG_CONFIG_HOME", "XDG_CACHE_HOME")}
        os.mkdir(home["HOME"])
        home["LC_ALL"] = "C.UTF-8"
        home["LAYERWISE_CUDA_MODULE"] = "none"
        check_files(tap, prefix)
        run_folder = check_program(tap, prefix, home)
        check_module(tap, prefix, home)
        check_window(tap, prefix, home, display, run_folder)
    tap.done()


if __name__ == "__main__":
    main()
