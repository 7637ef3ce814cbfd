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
    from outside import (PATIENCE, ROLE, STATE, GLib, Hands, application, choose, everything, find,
                         meet_everything, press, soon, type_number)
except (ImportError, ValueError):
    print("1..0 # SKIP the Python bindings of the accessibility library are missing "
          "(on Debian: python3-gi and gir1.2-atspi-2.0)")
    sys.exit(0)

PAGES = ("Explore", "Train", "Inspect", "Compare")
# A widget without a name is presented under its class's.
CLASS_NAME = re.compile(r"^(Gtk|Adw|Lw)[A-Z]\w+$")
# Roles that say nothing.
NO_ROLE = (ROLE.INVALID, ROLE.UNKNOWN, ROLE.FILLER)
# What turns to another view.
SWITCHES = (ROLE.PAGE_TAB, ROLE.TOGGLE_BUTTON, ROLE.RADIO_BUTTON, ROLE.PUSH_BUTTON)
DOUBLED = re.compile(r"^(.+) \1$")
TAB_LIMIT = 120
LEAST_ROUND = 6  # controls, the window's own among them
# GTK keeps its own window buttons out of the way of Tab: a window manager has keys for them.
WINDOW_BUTTONS = ("Minimize", "Maximize", "Close")

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


# --- names ---------------------------------------------------------------------------------------

def focusable(root):
    """What takes the focus, with what it is in, but for parts that GTK has inside of other things."""
    for thing, parents in everything(root):
        # A drop-down shows its choice as a row of its list, which nobody can reach.
        if any(parent.role == ROLE.COMBO_BOX for parent in parents[:-1]) or \
                not thing.was(STATE.FOCUSABLE):
            continue
        # The part of a status page that scrolls is named by the page.
        named_by_page = thing.role == ROLE.SCROLL_PANE and parents and parents[-1].name and \
            not CLASS_NAME.match(parents[-1].name)
        # The divider between two panes has neither name nor role in GTK.
        if not named_by_page and thing.name != "GtkPaned":
            yield thing, parents


def offenders(root):
    """What takes the focus without a name or a role of its own."""
    found = set()
    for thing, parents in focusable(root):
        name = thing.name
        if not name.strip() or CLASS_NAME.match(name) or thing.role in NO_ROLE or \
                name.startswith("_") or DOUBLED.match(name):
            way = [parent.name for parent in parents if parent.name][-3:]
            found.add(f"{thing.role.value_nick} \"{name}\" in {' > '.join(way)}")
    return "\n".join(sorted(found))


def is_page(app, page):
    return find(app, ROLE.PAGE_TAB, page, STATE.SELECTED) is not None


# --- by hand -------------------------------------------------------------------------------------

def tab_around(hands):
    """All that Tab reaches until it comes back to where it began."""
    first = hands.tab()
    reached = [first]
    while len(reached) < TAB_LIMIT:
        now = hands.tab()
        if now is None or (now == first and len(reached) > 1):
            break
        reached.append(now)
    return {thing for thing in reached if thing is not None}


def unreached(app, reached):
    """Of what takes the focus and could be seen on some page, what Tab came to on none."""
    missing = set()
    meet_everything(app)
    for thing, parents in focusable(app):
        # walk_predictions goes through it.
        if any(parent.name == "LwPredictionsView" for parent in parents):
            continue
        # One row of a list is reached; arrows go on from there, and to what is in the rows.
        if ROLE.LIST_ITEM in (thing.role, *(parent.role for parent in parents)):
            continue
        # The page for a missing data set is not shown now.
        if thing.name in ("Use Built-in Shapes", "Choose a Folder…"):
            continue
        # A list that rows are in hands the focus to them; a scroll pane to what it shows.
        if thing.role in (ROLE.LIST, ROLE.SCROLL_PANE) or thing.name in WINDOW_BUTTONS:
            continue
        if thing.was(STATE.SENSITIVE) and (thing.role, thing.name) not in reached:
            missing.add(f"{thing.role.value_nick} \"{thing.name}\"")
    return "\n".join(sorted(missing))


def walk_by_keys(app, hands):
    wrong = []
    for page, key in (("Train", "2"), ("Inspect", "3"), ("Compare", "4"), ("Explore", "1")):
        hands.keys(f"ctrl+{key}")
        try:
            soon(lambda: is_page(app, page), page, 5)
        except LookupError:
            wrong.append(f"Ctrl+{key} does not show {page}")
    result("Ctrl+1, 2, 3, 4 show the pages", "\n".join(wrong))

    reached = set()
    shown = soon(lambda: find(app, ROLE.IMAGE, "Architecture diagram of .*"), "diagram").name
    for key, page in enumerate(PAGES, 1):
        hands.keys(f"ctrl+{key}")
        soon(lambda page=page: is_page(app, page), page)
        reached |= tab_around(hands)
    result("Tab leaves the selection as it is",
           "" if find(app, ROLE.IMAGE, re.escape(shown)) else f"no more {shown}")
    return reached


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
    bad = offenders(app)
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


def walk_training(app, hands, reached):
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
        bad = offenders(app)
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
    result("with a run, too, everything has a name and a role", offenders(app))
    if hands:
        walk_predictions(app, hands)
        walk_views(app, hands, reached)
        walk_row(app, hands)
        walk_preferences(app, hands)
        walk_welcome(app, hands, reached)
        result("Tab reaches every control", unreached(app, reached))


def walk_predictions(app, hands):
    hands.keys("ctrl+3")
    press(app, ROLE.PAGE_TAB, "Predictions")
    soon(lambda: find(app, ROLE.IMAGE, "Confusion matrix", STATE.SENSITIVE), "matrix")
    reached = {name for _, name in tab_around(hands)}
    press(app, SWITCHES, "Where It Looks")
    reached |= {name for _, name in tab_around(hands)}
    wanted = {"Confusion matrix", "Order of the classes", "Save the matrix as a picture", "Play the epochs",
              "Probabilities of the marked image by epoch", "Images of the cell",
              "Most confident mistakes", "Test image", "Method", "Layer", "Opacity", "Class",
              "Second class", "Epoch"}
    result("Tab reaches all of a run's predictions", "\n".join(sorted(wanted - reached)))
    press(app, ROLE.PAGE_TAB, "Feature Maps")
    hands.keys("ctrl+2")


# A page, then what is pressed there, then what is shown once it is there.
VIEWS = (
    ("Explore: volumes", "1", ("Volumes",)),
    ("Explore: memory", "1", ("Memory",)),
    ("Explore: blocks", "1", ("Blocks",)),
    ("Train", "2", ()),
    ("Inspect: a drawing", "3", ("Feature Maps", "Draw")),
    ("Inspect: feature maps", "3", ("Feature Maps",)),
    ("Inspect: batch norm", "3", ("Batch Norm",)),
    ("Inspect: distributions", "3", ("Distributions",)),
    ("Inspect: predictions", "3", ("Predictions",)),
    ("Compare: architectures", "4", ("Architectures",)),
    ("Compare: runs", "4", ("Runs",)),
    ("Compare: experiments", "4", ("Experiments",)),
)


def turn_to(app, hands, key, words):
    """Shows a view by its key and the words of its switches."""
    hands.keys(f"ctrl+{key}")
    for word in words:
        press(app, SWITCHES, word)
    hands.listen(lambda: False, 0.7)  # what it shows is read on threads


def begins_again(order):
    """Where the last two stops were already made, one after the other, a round before; or None."""
    for i in range(len(order) - LEAST_ROUND):
        if order[i:i + 2] == order[-2:]:
            return i
    return None


def faults_of(app, hands, reached):
    """What is wrong in the view that is shown: names, roles, and whether Tab leads around in it. Adds
    what it leads to."""
    bad = offenders(app)
    order = [hands.tab()]
    while len(order) < TAB_LIMIT:
        order.append(hands.tab())
        # Where it began may be a row that a list does not give the focus to again: a round counts.
        if None not in order[-2:] and begins_again(order) is not None:
            break
        if order[-2:] == [None, None]:  # nothing takes it any more
            break
    reached |= {thing for thing in order if thing is not None}
    began = begins_again(order)
    if began is None or len(set(order[began:])) < LEAST_ROUND:
        bad += "\nTab does not come back to where it began: it ends at " + \
            f"{[thing and thing[1] for thing in order[-6:]]}"
    return bad.strip()


def walk_views(app, hands, reached):
    """Each view of a run that has ended, by itself."""
    for view, key, words in VIEWS:
        turn_to(app, hands, key, words)
        result(f"Tab on {view}", faults_of(app, hands, reached))
    turn_to(app, hands, "4", ("Architectures",))
    turn_to(app, hands, "3", ("Feature Maps",))


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
    hands.keys("ctrl+comma")
    window = (ROLE.FRAME, ROLE.DIALOG)
    soon(lambda: find(app, window, "Preferences"), "preferences", 10)
    hands.take_focus()
    # Parts of libadwaita's window that are not shown or have no name of their own.
    bad = [line for line in offenders(app).splitlines()
           if not re.search(r'"(Gtk(SearchEntry|ListBox|Label))?" in .*(Preferences|GtkStackPage|AdwView)',
                            line)]
    result("everything in the preferences has a name and a role", "\n".join(bad))
    reached = tab_around(hands)
    result("Tab goes around in the preferences",
           "" if len(reached) > 3 else f"it reaches {reached}")
    hands.keys("Escape")
    soon(lambda: find(app, window, "Preferences") is None, "end of the preferences", 10)
    hands.take_focus()


def walk_welcome(app, hands, reached):
    press(app, ROLE.PUSH_BUTTON, "Main menu")
    press(app, ROLE.MENU_ITEM, "Welcome")
    hands.listen(lambda: False, 0.5)
    result("Tab on Welcome", faults_of(app, hands, reached))
    hands.keys("ctrl+2")


def walk_closing(app, hands, process):
    if hands:
        choose(app, r"LeNet \+ BN, 2015, .*")
        soon(lambda: find(app, ROLE.PUSH_BUTTON, "Train", STATE.SENSITIVE), "button to train")
        type_number(app, "Epochs", 5000)
        hands.keys("ctrl+space")
        soon(lambda: find(app, ROLE.PUSH_BUTTON, "Pause"), "second run")
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
        result("everything in the window has a name and a role", offenders(app))
        hands = Hands(process, frame) if Hands.there() else None
        reached = set()  # (role, name) that Tab came to, on all pages
        if hands:
            reached = walk_by_keys(app, hands)
            walk_diagram(app, hands)
        else:
            skip("real keys and clicks", "xdotool is missing (on Debian: the package xdotool)")
        walk_training(app, hands, reached)
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
