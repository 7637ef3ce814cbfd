#!/usr/bin/env python3
"""Uses the workbench from outside, as an assistive tool and as a person does: finds what is on the
screen by name and role, checks that everything that takes the focus says what it is and is reached
with Tab, clicks in the diagram, trains a small network by its shortcuts, and closes the window.

walk.py PROGRAM, on a screen of its own (with-display.sh). Needs the accessibility library's Python
bindings (on Debian: python3-gi and gir1.2-atspi-2.0), and xdotool for real keys and clicks; skips what
it cannot do."""
import os
import re
import subprocess
import sys

# Warnings are fatal in the workbench, not here: the library that asks is none of its.
DEBUG = os.environ.pop("G_DEBUG", "fatal-warnings")

try:
    from outside import (PATIENCE, ROLE, STATE, GLib, Hands, application, choose, find,
                         meet_everything, press, soon, type_number)
    from views import (DRAFT_VIEWS, HEALTH, OPENING, TAB_LIMIT, VIEWS, faults_of, faults_of_opened,
                       focusable, offenders, press_shown, turn_to, walk_opening, walk_views)
except (ImportError, ValueError):
    print("1..0 # SKIP the Python bindings of the accessibility library are missing "
          "(on Debian: python3-gi and gir1.2-atspi-2.0)")
    sys.exit(0)

PAGES = ("Explore", "Train", "Inspect", "Compare")
count = 0
failed = False


def result(name, problem=""):
    global count, failed
    count += 1
    failed = failed or bool(problem)
    print(f"{'not ok' if problem else 'ok'} {count} - {name}")
    for line in str(problem).splitlines():
        print(f"# {line}")
    sys.stdout.flush()


def skip(name, reason):
    global count
    count += 1
    print(f"ok {count} - {name} # SKIP {reason}")


# --- by hand -------------------------------------------------------------------------------------

def is_page(app, page):
    return find(app, ROLE.PAGE_TAB, page, STATE.SELECTED) is not None


def walk_by_keys(app, hands):
    wrong = []
    for page, key in (("Train", "2"), ("Inspect", "3"), ("Compare", "4"), ("Explore", "1")):
        hands.keys(f"ctrl+{key}")
        try:
            soon(lambda: is_page(app, page), page, 5)
        except LookupError:
            wrong.append(f"Ctrl+{key} does not show {page}")
    result("Ctrl+1, 2, 3, 4 show the pages", "\n".join(wrong))

    shown = soon(lambda: find(app, ROLE.IMAGE, "Architecture diagram of .*"), "diagram").name
    wrong = []
    for key, page in enumerate(PAGES, 1):
        hands.keys(f"ctrl+{key}")
        soon(lambda page=page: is_page(app, page), page)
        wrong.append(faults_of(app, hands))
    result("Tab reaches every control of the pages at the start", "\n".join(filter(None, wrong)))
    result("Tab leaves the selection as it is",
           "" if find(app, ROLE.IMAGE, re.escape(shown)) else f"no more {shown}")


def walk_diagram(app, hands):
    """Clicks down the middle of the diagram until a box is met."""
    hands.keys("ctrl+1")
    soon(lambda: is_page(app, "Explore"), "Explore")
    diagram = soon(lambda: find(app, ROLE.IMAGE, "Architecture diagram of .*"), "diagram")
    _, _, width, height = diagram.area()
    inspector = soon(lambda: find(app, ROLE.SCROLL_PANE, "Inspector"), "inspector")
    before = diagram.description()
    for y in range(60, height - 60, 30):
        hands.click(diagram, width // 2 - 20, y)
        if hands.listen(lambda: diagram.description() not in ("", before), 1):
            break
    layer = diagram.description().split(",")[0]
    if not layer or diagram.description() == before:
        raise LookupError("there is no box that a click selects")
    result("a click on a box of the diagram selects it")
    soon(lambda: find(inspector, ROLE.LABEL, re.escape(layer)), f"\"{layer}\" in the inspector", 10)
    result("the inspector follows")


def ask_and_keep(app, hands, close):
    """Closing while a network trains asks; Escape keeps it. Returns what is wrong with the names."""
    close()
    soon(lambda: find(app, ROLE.PUSH_BUTTON, "Keep Training"), "question", 10)
    bad = offenders(focusable(app))
    hands.take_focus()
    hands.keys("Escape")
    soon(lambda: find(app, ROLE.PUSH_BUTTON, "Keep Training") is None, "end of the question", 10)
    hands.take_focus()
    return bad


# --- the walk ------------------------------------------------------------------------------------

def set_up(app, epochs):
    # The data: the set of the book may be missing here.
    press(app, ROLE.PUSH_BUTTON, "Main menu")
    press(app, ROLE.MENU_ITEM, "Use Built-in Shapes")
    choose(app, r"LeNet \+ BN, 2015, .*")
    soon(lambda: find(app, ROLE.IMAGE, r"Architecture diagram of LeNet \+ BN"), "its diagram")
    press(app, ROLE.PAGE_TAB, "Train")
    soon(lambda: find(app, ROLE.PUSH_BUTTON, "Train", STATE.SENSITIVE), "button to train")
    type_number(app, "Training images", 320)
    type_number(app, "Epochs", epochs)
    type_number(app, "Batch size", 32)


def walk_training(app, hands):
    set_up(app, 5000 if hands else 1)
    if hands:
        hands.take_focus()
        hands.keys("ctrl+space")
    else:
        press(app, ROLE.PUSH_BUTTON, "Train")
    run = soon(lambda: find(app, ROLE.LIST_ITEM, r"LeNet \+ BN, lr .*"), "row of the run")
    result("a training is started and its row appears")
    if hands:
        hands.keys("ctrl+space")
        soon(lambda: find(app, ROLE.PUSH_BUTTON, "Go On"), "pause")
        soon(lambda: ", paused" in run.name_now(), "pause in its row")
        bad = offenders(focusable(app))
        hands.keys("ctrl+space")
        soon(lambda: find(app, ROLE.PUSH_BUTTON, "Pause"), "going on")
        result("Ctrl+Space pauses it and goes on")
        result("while it trains, too, everything has a name and a role", bad)
        soon(lambda: re.search(r"epoch ([3-9]|\d\d+) / 5000$", run.name_now()), "second epoch")
        hands.keys("ctrl+shift+period")
    soon(lambda: re.search(r"0\.\d{3} at epoch \d+$", run.name_now()), "test accuracy")
    result("its row says the test accuracy when it has ended" + (" by Ctrl+Shift+." if hands else ""))
    soon(lambda: find(app, ROLE.PUSH_BUTTON, "(Go On to Epoch 5000|Continue 5 Epochs)"),
         "button to go on")
    result("the button offers to go on with it")
    meet_everything(app)
    result("with a run, too, everything has a name and a role", offenders(focusable(app)))
    if hands:
        walk_views(app, hands, VIEWS, result)
        walk_opening(app, hands, OPENING, result)
        walk_row(app, hands)
        walk_preferences(app, hands)
        walk_welcome(app, hands)
        hands.keys("ctrl+n")
        walk_views(app, hands, DRAFT_VIEWS, result)
        walk_health(app, hands)


def walk_row(app, hands):
    """The keys of a row of the table of runs, in which Tab does not go."""
    turn_to(app, hands, "4", ("Runs",))
    row = (ROLE.TABLE_ROW, "LeNet + BN")
    if not any(hands.tab() == row for _ in range(TAB_LIMIT)):
        raise LookupError("Tab to the run's row")
    tick = find(app, ROLE.CHECK_BOX, r"Plot LeNet \+ BN")
    ticked = tick.was(STATE.CHECKED)
    for to in (not ticked, ticked):
        hands.keys("space")
        soon(lambda to=to: tick.is_now(STATE.CHECKED) == to, "change of the run's tick by Space", 10)
    result("Space ticks the row with the focus, and back")
    for words in ("Take the star from", "Star"):
        hands.keys("s")
        soon(lambda words=words: find(app, ROLE.PUSH_BUTTON, rf"{words} LeNet \+ BN"),
             "change of the run's star by S", 10)
    result("S stars it, and back")
    turn_to(app, hands, "4", ("Architectures",))


def walk_preferences(app, hands):
    def open_it():
        hands.keys("ctrl+comma")
        return app, (app,)
    result("the preferences: names, roles, Tab, Escape", faults_of_opened(app, hands, open_it))


def walk_welcome(app, hands):
    press(app, ROLE.PUSH_BUTTON, "Main menu")
    press(app, ROLE.MENU_ITEM, "Welcome")
    hands.listen(lambda: False, 0.5)
    result("Tab on Welcome", faults_of(app, hands))
    hands.keys("ctrl+2")


def walk_health(app, hands):
    type_number(app, "Epochs", 2)
    hands.keys("ctrl+space")
    soon(lambda: find(app, ROLE.PUSH_BUTTON, "Continue 5 Epochs"), "end of a short run")
    walk_opening(app, hands, HEALTH, result)


def walk_queue(app, hands):
    """One trains, another waits."""
    hands.keys("ctrl+n")
    turn_to(app, hands, "2", ("Queue",), "Queue menu")
    result("Tab on a queue", faults_of(app, hands))
    result("the queue's menu: names, roles, Tab, Escape",
           faults_of_opened(app, hands, lambda: press_shown(app, "Queue menu")))
    press_shown(app, "Remove: .*")
    soon(lambda: find(app, ROLE.PUSH_BUTTON, "Queue menu") is None, "end of the queue", 10)


def walk_closing(app, hands, process):
    if hands:
        choose(app, r"LeNet \+ BN, 2015, .*")
        soon(lambda: find(app, ROLE.PUSH_BUTTON, "Train", STATE.SENSITIVE), "button to train")
        type_number(app, "Epochs", 5000)
        hands.keys("ctrl+space")
        soon(lambda: find(app, ROLE.PUSH_BUTTON, "Pause"), "second run")
        walk_queue(app, hands)
        bad = ask_and_keep(app, hands, lambda: hands.keys("ctrl+q"))
        result("Ctrl+Q asks while a network trains, and Escape keeps it")
        result("everything in the question has a name and a role", bad)
        button = find(hands.frame, ROLE.PUSH_BUTTON, "Close")
        ask_and_keep(app, hands, lambda: hands.click(button, 12, 12))
        result("so does the close button")
        hands.keys("ctrl+q")
        press(app, ROLE.PUSH_BUTTON, "Save and Close")
    else:
        press(app, ROLE.PUSH_BUTTON, "Close")
    result("it closes", "" if process.wait(timeout=PATIENCE) == 0 else process.returncode)


def main(program):
    process = subprocess.Popen([program], env=dict(os.environ, G_DEBUG=DEBUG))
    try:
        app = application(process)
        frame = soon(lambda: find(app, ROLE.FRAME, "Layerwise"), "window")
        result("the window can be found")
        for page in PAGES:
            press(app, ROLE.PAGE_TAB, page)
            soon(lambda page=page: is_page(app, page), page)
        result("everything in the window has a name and a role", offenders(focusable(app)))
        hands = Hands(process, frame) if Hands.there() else None
        if hands:
            walk_by_keys(app, hands)
            walk_diagram(app, hands)
        else:
            skip("real keys and clicks", "xdotool is missing (on Debian: the package xdotool)")
        walk_training(app, hands)
        walk_closing(app, hands, process)
    except (LookupError, GLib.Error, subprocess.TimeoutExpired) as error:
        result("the walk goes on", error)
    finally:
        if process.poll() is None:
            process.terminate()
            process.wait()
    print(f"1..{count}")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
