"""The views of the window, what opens from them, and what is wrong with each of these: what takes the
focus has a name and a role, Tab reaches all of it and comes back, Escape closes what has opened."""
import re

from outside import ROLE, STATE, everything, meet_everything, soon

# A widget without a name is presented under its class's.
CLASS_NAME = re.compile(r"^(Gtk|Adw|Lw)[A-Z]\w+$")
# Roles that say nothing.
NO_ROLE = (ROLE.INVALID, ROLE.UNKNOWN, ROLE.FILLER)
ROWS = (ROLE.LIST_ITEM, ROLE.TABLE_ROW)
DOUBLED = re.compile(r"^(.+) \1$")
TAB_LIMIT = 160
LEAST_ROUND = 6  # controls, the window's own among them
# GTK keeps its own window buttons out of the way of Tab: a window manager has keys for them.
WINDOW_BUTTONS = ("Minimize", "Maximize", "Close")
# Of several of which one is checked, Tab goes to that one and arrows to the others.
CHOICES = ("Shapes", "Names and shapes", "Nothing", "Three or more as × N", "Two or more as × N",
           "Each by itself")

# A page's key, what is pressed there, what is there once the view is, and what is pressed afterwards.
VIEWS = (
    ("Explore: volumes", "1", ("Volumes",), "Volumes of .*", ()),
    ("Explore: memory", "1", ("Memory",), "Batch size, powers of two", ()),
    ("Explore: blocks", "1", ("Blocks",), "Architecture diagram of .*", ()),
    ("Explore: search", "1", ("Search",), "Regular expression", ("Search",)),
    ("Explore: knobs of a run", "1", ("Knobs",), "Start From These", ("Knobs",)),
    ("Train", "2", (), "Loss and accuracy charts", ()),
    ("Inspect: a drawing", "3", ("Feature Maps", "Draw"), "Drawing canvas", ()),
    ("Inspect: feature maps", "3", ("Feature Maps",), "How this value comes about", ()),
    ("Inspect: batch norm", "3", ("Batch Norm",), "Channels", ()),
    ("Inspect: distributions", "3", ("Distributions",), "Distributions by layer", ()),
    ("Inspect: predictions", "3", ("Predictions", "Images"), "Most confident mistakes", ()),
    ("Inspect: where it looks", "3", ("Predictions", "Where It Looks"), "Opacity",
     ("Images", "Feature Maps")),
    ("Compare: experiments", "4", ("Experiments",), "Run: .*", ()),
    ("Compare: runs", "4", ("Runs",), "Only what differs", ()),
    ("Compare: architectures", "4", ("Architectures",), "Architecture 1", ()),
    ("Data sets", "d", (), "Other Images", ()),
)
# The same of a network that has not been trained.
DRAFT_VIEWS = (
    ("Explore: knobs", "1", ("Blocks", "Knobs"), "Save as…", ("Knobs",)),
    ("Train: a new run", "2", (), "Learning rate", ()),
    ("Train: all settings", "2", ("More settings",), "Threads.*", ()),
)
# A page's key, a view's words there, and what is pressed then, one after the other, until a popover or
# a dialog has opened.
OPENING = (
    ("1", ("Blocks",), ("View",)),
    ("1", ("Blocks",), ("Copy the table",)),
    ("1", ("Blocks",), ("Rows and columns",)),
    ("1", ("Blocks",), ("Read the story",)),
    ("1", ("Blocks",), ("Main menu",)),
    ("1", ("Blocks",), ("Main menu", "Follow a Run over SSH…")),
    ("1", ("Blocks",), ("Export", "Diagram…")),
    ("2", (), ("Export",)),
    ("2", (), ("Export", "Report…")),
    ("2", (), ("Export the charts…",)),
    ("2", (), ("How many epochs, or train again",)),
    ("2", (), ("Axes",)),
    ("2", (), ("Draw the learning rate over the run",)),
    ("3", ("Feature Maps",), ("Save what is shown",)),
    ("4", ("Architectures",), ("Ready comparisons",)),
    ("4", ("Runs",), ("Run",)),
)
# The same of a run that went to its end; the chip's name is what it says of the run.
HEALTH = (("2", (), ("Healthy|Layers|All about health",)),)


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
        # A menu scrolls when it is too long, in a pane without a name.
        of_menu = thing.role == ROLE.SCROLL_PANE and \
            any(parent.name == "GtkPopoverMenu" for parent in parents)
        # A toast is there for seconds, and libadwaita gives its button no name.
        of_toast = any(parent.name == "AdwToastWidget" for parent in parents)
        # The divider between two panes has neither name nor role in GTK.
        if not named_by_page and not of_menu and not of_toast and thing.name != "GtkPaned":
            yield thing, parents


def offenders(things):
    """Of things that take the focus, those without a name or a role of their own."""
    found = set()
    for thing, parents in things:
        name = thing.name
        if not name.strip() or CLASS_NAME.match(name) or thing.role in NO_ROLE or \
                name.startswith("_") or DOUBLED.match(name):
            way = [parent.name for parent in parents if parent.name][-3:]
            found.add(f"{thing.role.value_nick} \"{name}\" in {' > '.join(way)}")
    return "\n".join(sorted(found))


# --- what Tab has to reach -----------------------------------------------------------------------

def is_stop(thing, parents):
    if not all(each.was(STATE.SENSITIVE) for each in (thing, *parents)):
        return False
    # One row of a list is reached; arrows go on from there, and to what is in the rows. (The list
    # itself is asked for.) Experiments have their buttons in the rows, and Tab goes there.
    in_row = any(parent.role in ROWS for parent in parents)
    if thing.role in ROWS or in_row and not thing.name.startswith("Run: "):
        return False
    # A list of runs that has none yet has nothing to hand the focus to.
    if thing.role == ROLE.LIST and thing.name == "Runs" and \
            not any(part.role in ROWS for part in thing.inside):
        return False
    if thing.name in CHOICES and not thing.was(STATE.CHECKED):
        return False
    return thing.name not in WINDOW_BUTTONS


def is_reached(thing, reached):
    """A list hands the focus to its rows, and a scroll pane to what it shows."""
    if thing.path in reached:
        return True
    return thing.role in (ROLE.LIST, ROLE.SCROLL_PANE, ROLE.TABLE) and \
        any(is_reached_inside(part, reached) for part in thing.inside)


def is_reached_inside(part, reached):
    return part.path in reached or any(is_reached_inside(each, reached) for each in part.inside)


def missed(things, reached):
    """Of things that take the focus, those that are shown and did not get it."""
    return {thing.path: f"{thing.role.value_nick} \"{thing.name}\" in " +
            " > ".join(parent.name for parent in parents[-5:] if parent.name)
            for thing, parents in things
            if is_stop(thing, parents) and not is_reached(thing, reached) and thing.is_shown()}


def begins_again(order, least):
    """Where the last two stops were already made, one after the other, a round before; or None."""
    for i in range(len(order) - max(least, 2)):
        if order[i:i + 2] == order[-2:]:
            return i
    return None


def go_around(hands, least, silent=0):
    """All stops of Tab, by their paths, until they come again; and what is wrong with that. So many may
    follow one another that do not say that they have the focus."""
    start, order, losses = len(hands.paths), [], 0
    while len(order) < TAB_LIMIT:
        order.append(hands.paths[-1] if hands.tab(0.8 if silent else 5) is not None else None)
        if order[-1] is None and losses < 3 and hands.keep_focus():
            losses += 1
            order.pop()  # the key went nowhere
        # Where it began may be a row that a list does not give the focus to again: a round counts.
        if None not in order[-2:] and begins_again(order, least) is not None:
            break
        if order and order[-silent - 2:] == [None] * (silent + 2):  # nothing takes it any more
            break
    began = begins_again(order, least)
    wrong = ""
    if began is None or len(set(order[began:])) < least:
        wrong = "Tab does not come back to where it began: it ends at " + \
            f"{[name for _, name in hands.focused[start:][-6:]]}"
    return set(hands.paths[start:]), wrong


def faults_of(app, hands, root=None):
    """What is wrong in the view that is shown: names, roles, whether Tab leads around in it, and what
    it does not lead to. What is new is somewhere in the root."""
    app.program.meet(root or app.path)
    things = list(focusable(app))
    bad = offenders(things)
    reached, wrong = go_around(hands, LEAST_ROUND)
    left = missed(things, reached)
    if left:  # something may have come or gone while Tab was elsewhere
        meet_everything(app)
        again, wrong = go_around(hands, LEAST_ROUND)
        left = missed(focusable(app), reached | again)
    return "\n".join([*filter(None, (bad, wrong)),
                      *sorted(f"Tab does not reach {name}" for name in left.values())])


# --- views and what they open --------------------------------------------------------------------

def find_shown(app, name):
    for thing, parents in focusable(app):
        if re.fullmatch(name, thing.name) and \
                all(each.was(STATE.SENSITIVE) for each in (thing, *parents)) and thing.is_shown():
            return thing, parents
    return None


def press_shown(app, name):
    """Presses what is shown under this name; other views may have it too. Returns it and what it is in."""
    def look():
        found = find_shown(app, name)
        if not found:
            meet_everything(app)  # it may be new, where another thing is hidden
        return found
    thing, parents = soon(look, name)
    thing.act()
    return thing, parents


def scroll_to(app, hands, name):
    """Turns the wheel until it is on the screen: nobody presses what cannot be seen, and what opened
    from there would have no place. At the pane's edge, where no field takes the wheel."""
    thing, parents = find_shown(app, name) or (None, ())
    panes = [parent for parent in parents if parent.role == ROLE.SCROLL_PANE]
    for _ in range(60 if panes else 0):
        top, height = panes[-1].area()[1::2]
        y, size = thing.area()[1::2]
        if top <= y and y + size <= top + height:
            return
        hands.click(panes[-1], 4, height // 2, 4 if y < top else 5)
        hands.listen(lambda: False, 0.05)


def turn_to(app, hands, key, words, landmark=None):
    """Shows a view by its key and the words of its switches. Returns the path of the page that the
    landmark is in."""
    page = None
    hands.keys(f"ctrl+{key}")
    for word in words:
        press_shown(app, word)
    if landmark:
        def look():
            for thing, parents in focusable(app):
                if re.fullmatch(landmark, thing.name) and thing.is_shown():
                    return next(parent.path for parent in parents if parent.name.startswith("Lw"))
            meet_everything(app)
            return None
        page = soon(look, f"\"{landmark}\" in the view", 20)
    hands.listen(lambda: False, 0.2)  # what it shows is read on threads
    return page


def walk_views(app, hands, views, result):
    for view, key, words, landmark, after in views:
        page = turn_to(app, hands, key, words, landmark)
        result(f"Tab on {view}", faults_of(app, hands, page))
        for word in after:
            press_shown(app, word)


def is_entry_row(thing, parents):
    """A libadwaita row that is a field gives the focus to what GTK presents as the row itself, and
    nothing says so."""
    return thing.role == ROLE.TEXT and any(parent.role == ROLE.LIST for parent in parents)


def faults_of_opened(app, hands, open_it):
    """What is wrong with what opens: names, roles, Tab, and whether Escape closes it. `open_it` returns
    the button that has been pressed and what it is in."""
    windows, on_screen = set(app.program.children(app.path)), hands.windows()
    began = len(hands.paths)
    button, around = open_it()

    def find_opened():
        """The path of a new window, and what takes the focus in it or in the popover at the button."""
        window = next((path for path in app.program.children(app.path) if path not in windows), None)
        root = window or around[-1].path
        app.program.meet(root)
        return window, [(thing, parents) for thing, parents in focusable(app)
                        if any(parent.path == root for parent in parents)
                        if window or any(parent.name == "GtkPopoverContent" for parent in parents)
                        if thing.path != button.path if thing.is_shown()]
    opened = soon(lambda: next((found for found in [find_opened()] if found[1]), None),
                  "thing that has opened", 15)
    window, things = opened
    if window:  # a window is not filled at once
        hands.listen(lambda: False, 0.3)
        window, things = find_opened()
    if window:
        hands.take_focus(on_screen)
    bad = offenders(things)
    silent = sum(is_entry_row(*each) for each in things)
    reached, wrong = go_around(hands, 1, silent)
    reached |= set(hands.paths[began:])
    stops = {thing.path for thing, parents in things if is_stop(thing, parents)}
    if len(stops & reached) == 1 and hands.paths[-1] in stops:
        wrong = ""  # it has one stop, which keeps the focus
    left = missed([each for each in things if not is_entry_row(*each)], reached)
    hands.keys("Escape")
    try:
        if window:
            soon(lambda: window not in app.program.children(app.path), "end", 10)
        else:
            soon(lambda: not any(thing.is_shown() for thing, _ in things), "end", 10)
    except LookupError:
        wrong += "\nEscape does not close it"
    hands.take_focus()
    return "\n".join([*filter(None, (bad, wrong.strip())),
                      *sorted(f"Tab does not reach {name}" for name in left.values())])


def walk_opening(app, hands, opening, result):
    turned = None
    for key, words, way in opening:
        if turned != (key, words):
            turn_to(app, hands, key, words)
            turned = key, words

        def open_it(way=way):
            for word in way:
                scroll_to(app, hands, word)
                pressed = press_shown(app, word)
                if word != way[-1]:  # what it opens has the next
                    app.program.meet(pressed[1][-1].path)
            return pressed
        result(f"what opens from {', '.join(way)} on page {key}: names, roles, Tab, Escape",
               faults_of_opened(app, hands, open_it))
