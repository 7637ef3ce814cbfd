"""What a table of measurements must say about the machine that it is of."""
import os
import platform
import re
import subprocess

# Those that decide which kernels run, weakest first.
INSTRUCTION_SETS = ("avx", "avx2", "fma", "avx512f", "avx512_vnni", "avx_vnni", "avx512_bf16",
                    "avx512_fp16", "amx_tile", "amx_bf16", "asimd", "sve")


def cpu_fields():
    """The first processor's lines of /proc/cpuinfo."""
    fields = {}
    try:
        with open("/proc/cpuinfo", encoding="utf-8") as info:
            for line in info:
                if not line.strip():
                    break
                name, _, value = line.partition(":")
                fields[name.strip()] = value.strip()
    except OSError:
        pass
    return fields


def cpu():
    """Model and instruction sets, in words."""
    fields = cpu_fields()
    model = fields.get("model name") or platform.processor() or platform.machine()
    flags = (fields.get("flags") or fields.get("Features") or "").split()
    found = [name for name in INSTRUCTION_SETS if name in flags]
    ids = [f"{word} {fields[key]}" for word, key in (("family", "cpu family"), ("model", "model"))
           if key in fields]
    return f"{re.sub(r' +', ' ', model)} ({', '.join(ids + found)})"


def cores():
    """Processors that this process may run on."""
    return len(os.sched_getaffinity(0))


def load():
    """How many programs wanted to run in the last minute, on average."""
    return os.getloadavg()[0]


def memory():
    """The machine's memory in GiB."""
    return os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE") / 2**30


def system():
    name = platform.system() + " " + platform.release()
    try:
        name = platform.freedesktop_os_release().get("PRETTY_NAME", name) + ", " + name
    except OSError:
        pass
    return f"{name}, {' '.join(platform.libc_ver())}"


def compiler():
    """The first line of cc --version, for what is built on the spot."""
    try:
        said = subprocess.run(["cc", "--version"], capture_output=True, text=True, check=False)
    except OSError:
        return "unknown"
    return said.stdout.splitlines()[0] if said.stdout else "unknown"


def commit(root):
    """The commit that is checked out, with a plus where files differ from it."""
    def git(*words):
        return subprocess.run(["git", "-C", root, *words], capture_output=True, text=True,
                              check=False)
    try:
        head = git("rev-parse", "--short", "HEAD")
        changed = git("status", "--porcelain", "--untracked-files=no")
    except OSError:
        return "unknown"
    if head.returncode != 0:
        return "unknown"
    return head.stdout.strip() + ("+" if changed.stdout.strip() else "")
