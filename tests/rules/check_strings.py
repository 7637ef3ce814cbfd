#!/usr/bin/env python3
"""What people read can be translated: POTFILES names every file with marked strings, the interface
hands no bare sentence to GTK, no error has a bare sentence, and no marked string is one that xgettext
would cut. With --write it brings POTFILES up to date instead."""
import os
import re
import sys

import project

LITERAL = r'"(?:\\.|[^"\\\n])*"'
MARKED = re.compile(r'\b(_|N_|C_|NC_|Q_|ngettext|g_dngettext|LW_PLURAL)\s?\(\s*"')
# xgettext reads up to a macro that it does not know; PRId64 and its like it knows.
CUT = re.compile(r'\b(?:_|N_|ngettext|LW_PLURAL)\s?\(\s*' + LITERAL + r'(?:\s*(?:' + LITERAL +
                 r'|PRI[dux]\d+))*\s*((?!PRI)[A-Z_]\w+)')
# What makes an error, and which of its arguments is the sentence.
ERRORS = {"g_set_error": 3, "g_set_error_literal": 3, "g_error_new": 2, "g_error_new_literal": 2,
          "g_prefix_error": 1, "refuse": 2, "fail": 1, "fail_at": 2, "lw_graph_fail": 1,
          "lw_data_fail": 2}
UI_MARKED = re.compile(r'translatable="(yes|true|1)"')
# Calls whose string argument people read. Format strings made of signs only ("%s", "–") are fine.
SHOWN = re.compile(
    r"\b(gtk_label_set_(?:text|label|markup)|gtk_label_new|gtk_button_set_label|"
    r"gtk_button_new_with_label|gtk_widget_set_tooltip_text|adw_toast_new|"
    r"adw_status_page_set_(?:title|description)|gtk_window_set_title|"
    r"adw_preferences_row_set_title|adw_action_row_set_subtitle)\s?\(([^;]*?)\"((?:\\.|[^\"\\])*)\"",
    re.DOTALL)
# In .ui files: properties that people read and that hold a word.
UI_SHOWN = re.compile(
    r'<property name="(?:label|title|subtitle|tooltip-text|description|placeholder-text)"'
    r'([^>]*)>([^<]*[A-Za-z]{2}[^<]*)</property>')

ERROR_CALL = re.compile(r"\b(" + "|".join(ERRORS) + r") \(")
MARKS = re.compile(r"\b(?:_|N_|ngettext|LW_PLURAL) ?\(")

NAMES = {"Layerwise"}  # not translated


def potfiles():
    lines = project.read("assets/po/POTFILES").splitlines()
    return [line.strip() for line in lines if line.strip() and not line.startswith("#")]


def bare_strings(path, text):
    problems = []
    if path.endswith(".ui"):
        for match in UI_SHOWN.finditer(text):
            if match.group(2).strip() not in NAMES and not UI_MARKED.search(match.group(1)):
                line = text.count("\n", 0, match.start()) + 1
                problems.append(f'{path}:{line}: "{match.group(2).strip()[:50]}" is not translatable')
        return problems
    clean = project.without_comments(text, strings=False)
    for match in SHOWN.finditer(clean):
        before, string = match.group(2), match.group(3)
        if re.search(r"(_|N_|C_|gettext)\s?\(\s*(\"[^\"]*\"\s*,\s*)?$", before) \
                or not re.search(r"[A-Za-z]{3}", re.sub(r"%[-+0-9.*l]*[a-zA-Z]", "", string)):
            continue
        line = clean.count("\n", 0, match.start()) + 1
        problems.append(f'{path}:{line}: {match.group(1)} gets "{string[:50]}" without _()')
    return problems


def arguments(text, start):
    """The arguments of the call whose parenthesis is at `start`."""
    found, depth, begin = [], 0, start + 1
    for token in re.finditer(LITERAL + r"|'(?:\\.|[^'\\\n])+'|[(),{}\[\]]", text[start:]):
        sign, place = token.group(0), start + token.start()
        depth += (sign in "([{") - (sign in ")]}") if len(sign) == 1 else 0
        if depth == 0 or (depth == 1 and sign == ","):
            found.append(text[begin:place])
            begin = place + 1
        if depth == 0:
            return found
    return found


def bare_errors(path, text):
    problems = []
    clean = project.without_comments(text, strings=False)
    for call in ERROR_CALL.finditer(clean):
        given = arguments(clean, call.end() - 1)
        sentence = given[ERRORS[call.group(1)]] if len(given) > ERRORS[call.group(1)] else ""
        for mark in reversed(list(MARKS.finditer(sentence))):
            inside = ",".join(arguments(sentence, mark.end() - 1))
            sentence = sentence[:mark.start()] + sentence[mark.end() + len(inside):]
        for string in re.finditer(LITERAL, sentence):
            words = re.sub(r"%[-+0-9.*lzhu#]*[a-zA-Z]|--\w+", "", string.group(0))
            if re.search(r"[A-Za-z]{2}", words):
                line = clean.count("\n", 0, call.start()) + 1
                problems.append(f"{path}:{line}: {call.group(1)} gets {string.group(0)[:50]} "
                                "without _()")
    return problems


def cut_strings(path, text):
    clean = project.without_comments(text, strings=False)
    return [f"{path}:{clean.count(chr(10), 0, match.start()) + 1}: {match.group(1)} cuts the string"
            for match in CUT.finditer(clean)]


def files_with_strings():
    marked = [path for path in project.files((".c", ".cu", ".h"),
                                             ("app", "distributed", "engine", "kernels", "onnx", "tensorboard", "ui"))
              if MARKED.search(project.without_comments(project.read(path), strings=False))]
    marked += [path for path in project.files((".ui", ".desktop.in", ".metainfo.xml.in"),
                                              ("ui", "assets"))
               if not path.endswith(".ui") or UI_MARKED.search(project.read(path))]
    return sorted(marked)


def write_potfiles():
    with open(os.path.join(project.ROOT, "assets/po/POTFILES"), "w", encoding="utf-8") as output:
        output.write("# Every file with strings to translate. Kept by "
                     "tests/rules/check_strings.py --write\n")
        output.writelines(path + "\n" for path in files_with_strings())


def main():
    tap = project.Tap()
    listed = potfiles()
    marked = files_with_strings()
    tap.result("POTFILES names every file with strings to translate",
               [f"{path} is missing" for path in marked if path not in listed])
    tap.result("POTFILES names no other file",
               [f"{path} has none" for path in listed if path not in marked])
    tap.result("POTFILES is sorted", [] if listed == sorted(listed) else ["it is not"])

    planted = ('gtk_label_set_text (label, "Loss");', 'gtk_label_set_text (label, _ ("Loss"));',
               'gtk_label_set_text (label, "–");')
    found = [len(bare_strings("planted.c", text)) for text in planted]
    tap.result("a planted bare string is caught", [] if found == [1, 0, 0] else [str(found)])
    problems = []
    for path in project.files((".c", ".ui"), ("ui", "assets")):
        problems += bare_strings(path, project.read(path))
    tap.result("the interface shows no bare string", problems)

    planted = ('g_set_error (error, LW_ERROR, LW_ERROR_IO, "Cannot read %s.", f (1, ")"));',
               'g_set_error (error, LW_ERROR, LW_ERROR_IO, _ ("Cannot read %s."), name);',
               'g_set_error (error, LW_ERROR, LW_ERROR_IO, "%s: %s", name, what);',
               'fail_at (graph, node, "two layers have this name");')
    found = [len(bare_errors("planted.c", text)) for text in planted]
    tap.result("a planted bare error is caught", [] if found == [1, 0, 0, 1] else [str(found)])
    planted = ('_ ("%" G_GINT64_FORMAT " bytes")', '_ ("%" PRId64 " bytes")')
    found = [len(cut_strings("planted.c", text)) for text in planted]
    tap.result("a planted cut string is caught", [] if found == [1, 0] else [str(found)])
    errors, cut = [], []
    for path in project.files((".c", ".cu"), ("app", "distributed", "engine", "kernels", "onnx", "tensorboard", "ui")):
        errors += bare_errors(path, project.read(path))
        cut += cut_strings(path, project.read(path))
    tap.result("no error has a bare sentence", errors)
    tap.result("xgettext reads every marked string to its end", cut)
    tap.done()


if __name__ == "__main__":
    if sys.argv[1:] == ["--write"]:
        write_potfiles()
    else:
        main()
