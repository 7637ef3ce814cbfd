#!/usr/bin/env python3
"""Every string of the sources has its translation in each language of assets/po/LINGUAS: none is
missing, fuzzy or left over, formats and mnemonics are the English ones, and no end has a space that
the English has not. With --pot FILE it writes the template that it compares with instead."""
import os
import re
import subprocess
import sys
import tempfile

import project

PO = os.path.join(project.ROOT, "assets/po")
# As meson's preset "glib" and assets/po/meson.build give them to xgettext.
XGETTEXT = ["xgettext", "--from-code=UTF-8", "--add-comments=TRANSLATORS", "--keyword=_",
            "--keyword=N_", "--keyword=C_:1c,2", "--keyword=NC_:1c,2", "--keyword=g_dngettext:2,3",
            "--keyword=LW_PLURAL:1,2", "--keyword=SAY", "--sort-by-file"]
SHOWN = 60  # characters of a string in a message


def without_tools():
    for tool in ("xgettext", "msgfmt"):
        try:
            subprocess.run([tool, "--version"], stdout=subprocess.DEVNULL, check=True)
        except OSError:
            return tool
    return None


def write_template(path):
    subprocess.run(XGETTEXT + ["-o", path, "--files-from=" + os.path.join(PO, "POTFILES"),
                               "--directory=" + project.ROOT],
                   check=True, env=dict(os.environ, LC_ALL="C.UTF-8"))


def unquote(text):
    joined = "".join(re.findall(r'"((?:\\.|[^"\\])*)"', text))
    return re.sub(r"\\(.)", lambda match: {"n": "\n", "t": "\t"}.get(match.group(1),
                                                                     match.group(1)), joined)


def entries(path):
    """(context, msgid, msgid_plural) → (flags, [msgstr …], where); obsolete entries under None."""
    with open(path, encoding="utf-8") as source:
        blocks = source.read().split("\n\n")
    found, obsolete = {}, 0
    for block in blocks:
        obsolete += block.startswith("#~") or "\n#~" in block
        flags = set(re.findall(r"[\w-]+", " ".join(re.findall(r"^#,(.*)$", block, re.M))))
        where = " ".join(re.findall(r"^#:(.*)$", block, re.M)).strip().split(" ")[0]
        fields = {name: unquote(text) for name, text in re.findall(
            r'^(msg\w+(?:\[\d\])?)((?:\s*"(?:\\.|[^"\\\n])*")+)', block, re.M)}
        if fields.get("msgid"):
            key = fields.get("msgctxt"), fields["msgid"], fields.get("msgid_plural")
            found[key] = (flags, [fields[name] for name in sorted(fields)
                                  if name.startswith("msgstr")], where)
    return found, obsolete


def spaces(text, english):
    return (text[:1].isspace() and not english[:1].isspace()) or \
        (text[-1:].isspace() and not english[-1:].isspace())


def check(tap, language, wanted):
    path = os.path.join(PO, language + ".po")
    have, obsolete = entries(path)

    def lines(keys):
        return [f'{wanted[key][2] if key in wanted else path}: "{key[1][:SHOWN]}"' for key in keys]

    missing = [key for key in wanted if not all(have.get(key, (0, [""]))[1])]
    if missing:
        print(f"# {len(missing)} of {len(wanted)} strings have no translation")
    tap.result(f"{language} has every string", lines(missing))
    tap.result(f"{language} has no other string", lines(key for key in have if key not in wanted) +
               (["obsolete entries (#~)"] if obsolete else []))
    done = [key for key in have if key in wanted and key not in missing]
    tap.result(f"{language} has no fuzzy string",
               lines(key for key in done if "fuzzy" in have[key][0]))
    tap.result(f"{language} has mnemonics where the English has them",
               lines(key for key in done
                     if has_mnemonic(key[1], wanted[key][2]) !=
                     has_mnemonic("".join(have[key][1]), wanted[key][2])))
    tap.result(f"{language} has no space at an end where the English has none",
               lines(key for key in done if any(spaces(text, key[1]) for text in have[key][1])))
    result = subprocess.run(["msgfmt", "--check", "-o", os.devnull, path], stderr=subprocess.PIPE,
                            text=True, check=False)
    tap.result(f"msgfmt --check takes {language}",
               result.stderr.splitlines() if result.returncode else [])


def has_mnemonic(text, where):
    """"_Train", "保存(_S)" and, in descriptions of the interface, "D_iagram"; in a sentence of the
    code a sign within a word is a name, such as batch_size."""
    inside = ".ui:" in where
    return re.search(r"_[A-Za-z]" if inside else r"(?<![A-Za-z0-9])_[A-Za-z]", text) is not None


def main():
    tap = project.Tap()
    absent = without_tools()
    if absent:
        print(f"1..0 # SKIP {absent} is not installed (Debian: gettext)")
        return
    with open(os.path.join(PO, "LINGUAS"), encoding="utf-8") as source:
        languages = [line.strip() for line in source if line.strip() and line[0] != "#"]
    with tempfile.TemporaryDirectory() as folder:
        template = os.path.join(folder, "layerwise.pot")
        write_template(template)
        wanted, _ = entries(template)
    for language in languages:
        check(tap, language, wanted)
    tap.done()


if __name__ == "__main__":
    if sys.argv[1:2] == ["--pot"]:
        write_template(sys.argv[2])
    else:
        main()
