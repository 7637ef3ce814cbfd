"""Takes a picture of every page and view of the workbench: pictures.py BUILD DATA SET FOLDER, on a
screen of its own; tests/gui/pictures prepares the runs in DATA and starts this. SET says the language
and the style: en-light, en-dark, zh-light, zh-dark, en-small."""
import gettext
import os
import re
import shutil
import signal
import subprocess
import sys

DEBUG = os.environ.pop("G_DEBUG", "")

from outside import (ROLE, STATE, GLib, Hands, application, choose, everything, find,
                     meet_everything, select, soon)

CONTROLS = (ROLE.PAGE_TAB, ROLE.TOGGLE_BUTTON, ROLE.RADIO_BUTTON, ROLE.PUSH_BUTTON, ROLE.CHECK_BOX)
SETTLE = 1.0  # seconds until what a view shows was read and painted


class Booth:
    """The program, its language, and where the pictures go."""

    def __init__(self, build, data, kind, folder):
        language, style = kind.split("-")
        self.folder = folder
        self.small = style == "small"
        self.only = re.compile(os.environ.get("ONLY", ""))
        self.missing = []
        catalogue = os.path.join(build, "assets/po/zh_CN/LC_MESSAGES/layerwise.mo")
        with open(catalogue, "rb") as file:
            self.words = gettext.GNUTranslations(file) if language == "zh" else gettext.NullTranslations()
        home = os.environ["HOME"]  # of this screen alone; paths are shown as below it
        os.environ["XDG_DATA_HOME"] = os.path.join(home, ".local/share")
        shutil.copytree(data, os.environ["XDG_DATA_HOME"])
        results = os.path.join(os.environ["XDG_DATA_HOME"], "layerwise/experiments.json")
        if os.path.exists(results):  # says where the runs lie
            with open(results, encoding="utf-8") as file:
                text = file.read()
            with open(results, "w", encoding="utf-8") as file:
                file.write(text.replace(data, os.environ["XDG_DATA_HOME"]))
        config = os.path.join(os.environ["XDG_CONFIG_HOME"], "layerwise")
        os.makedirs(config)
        with open(os.path.join(config, "workbench.ini"), "w", encoding="utf-8") as file:
            file.write("[preferences]\n"
                       f"theme={'dark' if style == 'dark' else 'light'}\n"
                       f"language={'zh_CN' if language == 'zh' else 'en'}\n")
        # Without a compositor there is nothing that a shadow or a corner could be seen through.
        os.makedirs(os.path.join(os.environ["XDG_CONFIG_HOME"], "gtk-4.0"))
        with open(os.path.join(os.environ["XDG_CONFIG_HOME"], "gtk-4.0/gtk.css"), "w",
                  encoding="utf-8") as file:
            file.write("popover { background-color: @popover_bg_color; }"
                       "popover > contents { box-shadow: none; border-radius: 0; margin: 0;"
                       " border: 1px solid alpha(currentColor, 0.25); }"
                       "popover > arrow { background: none; border: none; min-height: 0; }")
        os.environ["FAKE_SSH_HOME"] = os.path.join(home, "far")
        shutil.copytree(os.path.join(data, "layerwise/runs"), os.path.join(home, "far/runs"))
        self.program = os.path.join(build, "app/layerwise-workbench")
        self.process = subprocess.Popen([self.program], env=dict(os.environ, G_DEBUG=DEBUG))
        self.app = application(self.process)
        self.frame = soon(lambda: find(self.app, ROLE.FRAME, "Layerwise"), "window")
        self.hands = Hands(self.process, self.frame)
        self.fill_screen()
        self.wait()

    def fill_screen(self):
        """The window as large as the screen, with the border that GTK draws around it outside."""
        width, height = map(int, os.environ["SCREEN"].split("x"))
        its = self.hands.windows()[0]
        place = self.geometry(its)
        _, _, inner, _ = self.frame.area()
        border = (int(place["WIDTH"]) - inner) // 2
        self.hands._do("windowsize", its, width + 2 * border, height + 2 * border)
        self.hands._do("windowmove", its, -border, -border)

    def geometry(self, window):
        return dict(line.split("=") for line in
                    self.hands._do("getwindowgeometry", "--shell", window))

    # --- words -----------------------------------------------------------------------------------

    def said(self, text):
        """What the program says for the English, as an expression."""
        words = self.words.gettext(text)
        words = re.sub(r"%%|%[-+0-9.']*(?:l|ll|h|z)?[a-zA-Z]|%", lambda m: m[0], words)
        parts = re.split(r"%[0-9$.]*[a-z]+", words)
        return ".*".join(re.escape(part).replace("_", "_?") for part in parts)

    # --- hands -----------------------------------------------------------------------------------

    def wait(self, seconds=SETTLE):
        self.hands.listen(lambda: False, seconds)

    def look(self, roles, name):
        """The first that fits; what is shown comes first."""
        fits = [thing for thing, _ in everything(self.app) if
                thing.role in roles and re.fullmatch(name, thing.name) and
                thing.was(STATE.SENSITIVE) and
                (thing.was(STATE.FOCUSABLE) or roles == (ROLE.IMAGE,))]
        return next((thing for thing in fits if thing.is_shown()), fits[0] if fits else None)

    def control(self, name, roles=CONTROLS):
        found = self.look(roles, name)
        if found is None:
            meet_everything(self.app)
            found = self.look(roles, name)
        return found

    def press(self, text, wait=0.5, patience=6):
        """A button, a tab or an item of a menu, by its English words."""
        thing = soon(lambda: self.control(self.said(text)), text, patience)
        thing.act()
        self.wait(wait)
        return thing

    def pick(self, name):
        """A row of a list."""
        choose(self.app, name)
        self.wait(0.6)

    def page(self, key, *words):
        self.hands.keys(f"ctrl+{key}")
        self.wait(0.4)
        for word in words:
            self.press(word, 0.4)

    def thing(self, role, text):
        return soon(lambda: self.control(self.said(text), (role,)), text, 6)

    def at(self, thing, across=0.5, down=0.5):
        """A click on a part of it."""
        _, _, width, height = thing.area()
        self.hands.click(thing, int(width * across), int(height * down))
        self.wait(0.4)

    def rest(self):
        """The pointer where nothing is said about what is below it."""
        self.hands._do("mousemove", 2, 2)

    def menu(self, button, item):
        self.press(button)
        name = self.said(item).replace("_?", "")
        soon(lambda: find(self.app, ROLE.MENU_ITEM, name), item, 20).act()
        self.wait(0.5)

    def escape(self, *texts):
        for _ in range(max(len(texts), 1)):
            self.hands.take_focus()
            self.hands.keys("Escape")
            self.wait(0.5)
        self.hands.take_focus()

    def window(self):
        """A window that came over the first, to the middle of the screen."""
        self.wait(0.8)
        width, height = map(int, os.environ["SCREEN"].split("x"))
        for its in self.hands.windows()[1:]:
            place = self.geometry(its)
            self.hands._do("windowmove", its, max((width - int(place["WIDTH"])) // 2, 0),
                           max((height - int(place["HEIGHT"])) // 2, 0))
        self.hands.take_focus()

    # --- pictures --------------------------------------------------------------------------------

    def take(self, name, rest=True):
        if rest:
            self.rest()
        self.wait()
        if self.only.search(name):
            subprocess.run(["import", "-window", "root", "-depth", "8",
                            os.path.join(self.folder, name + ".png")], timeout=30, check=False)
            print(f"# {name}")
            sys.stdout.flush()

    def view(self, function):
        """One group of pictures; what cannot be reached is told, and the next begin."""
        if not any(self.only.search(name) for name in function.pictures):
            return
        try:
            function(self)
        except (LookupError, GLib.Error, subprocess.TimeoutExpired) as error:
            self.missing.append(f"{function.__name__}: {error}")
            self.escape()


def pictures(*names):
    def mark(function):
        function.pictures = names
        return function
    return mark


# --- the pages -----------------------------------------------------------------------------------

RESNET = "ResNet-18, 2015, .*|ResNet-18，2015.*"
ALEXNET = "AlexNet, 2012, .*|AlexNet，2012.*"
LENET_BN = r"LeNet \+ BN, 2015, .*|LeNet \+ BN，2015.*"


def pick_run(booth, network, which=0):
    """The newest run of a network, or one before it."""
    meet_everything(booth.app)
    rows = [(thing, parents[-1]) for thing, parents in everything(booth.app) if
            thing.role == ROLE.LIST_ITEM and
            re.match(re.escape(network) + r"\W", thing.name) and
            not re.search(r"\d×\d|\?", thing.name) and
            not thing.name.startswith(network + " +")]
    select(*rows[which])
    booth.wait(0.6)


@pictures("welcome")
def welcome(booth):
    booth.take("welcome")


@pictures("explore-blocks", "explore-search", "explore-story", "explore-view", "explore-legend")
def blocks(booth):
    booth.pick(RESNET)
    booth.page(1, "Blocks")
    booth.take("explore-blocks")
    booth.hands.keys("ctrl+f")
    booth.wait(0.4)
    booth.hands._do("type", "7x7")
    booth.hands.keys("Return")
    booth.take("explore-search")
    booth.escape()
    booth.press("View")
    booth.take("explore-view")
    booth.escape()
    booth.pick(LENET_BN)
    booth.pick(RESNET)
    booth.press("Read the story")
    booth.window()
    booth.take("explore-story")
    booth.escape()


@pictures("explore-knobs", "explore-obstacle", "explore-volumes", "explore-memory")
def more_of_explore(booth):
    booth.pick(ALEXNET)
    booth.page(1, "Volumes")
    booth.take("explore-volumes")
    booth.press("Memory")
    booth.take("explore-memory")
    booth.press("Blocks")
    booth.press("Knobs")
    booth.take("explore-knobs")
    spin = booth.thing(ROLE.SPIN_BUTTON, "Input size")
    spin.set_value(32)
    booth.take("explore-obstacle")
    booth.press("Knobs", 0.3)


@pictures("train-idle", "train-sweep", "train-schedule", "train-quick")
def before_training(booth):
    booth.pick(LENET_BN)
    booth.page(2)
    booth.press("Book")
    booth.take("train-idle")
    if booth.small:
        booth.press("Settings")
    rate = booth.thing(ROLE.SPIN_BUTTON, "Learning rate")
    booth.at(rate, 0.15)
    booth.hands.keys("ctrl+a")
    booth.hands._do("type", "0.1, 0.3, 1")
    booth.hands.keys("Tab")
    booth.take("train-sweep")
    booth.press("Draw the learning rate over the run")
    booth.take("train-schedule")
    booth.escape()
    booth.press("Book")


@pictures("train-finished", "train-hover", "train-health", "train-several")
def finished(booth):
    pick_run(booth, "LeNet + BN")
    booth.page(2)
    booth.take("train-finished")
    chart = booth.thing(ROLE.IMAGE, "Loss and accuracy charts")
    booth.at(chart, 0.6, 0.3)
    booth.take("train-hover", rest=False)
    booth.escape()
    booth.press("Healthy" if booth.control(booth.said("Healthy")) else "large steps")
    booth.take("train-health")
    booth.escape()
    pick_run(booth, "LeNet + BN", 3)
    booth.press("Seeds")
    booth.take("train-several")
    booth.press("Seeds", 0.2)


@pictures("train-diverged")
def diverged(booth):
    pick_run(booth, "LeNet + ReLU")
    booth.page(2)
    booth.take("train-diverged")


@pictures("inspect-maps", "inspect-map", "inspect-arithmetic", "inspect-filters", "inspect-drawing")
def feature_maps(booth):
    pick_run(booth, "LeNet + BN")
    booth.page(3)
    booth.press("Maps" if booth.small else "Feature Maps")
    booth.take("inspect-maps")
    grid = booth.thing(ROLE.IMAGE, "Feature maps")
    booth.at(grid, 0.15, 0.15)
    booth.take("inspect-map")
    for _ in range(2):  # from the activation to the convolution
        booth.press("Previous layer")
    booth.at(booth.thing(ROLE.IMAGE, "Feature map"), 0.55, 0.45)
    booth.take("inspect-arithmetic")
    booth.escape()
    booth.press("Filters")
    booth.take("inspect-filters")
    booth.press("Maps")
    booth.press("Draw")
    booth.take("inspect-drawing")
    booth.escape()


@pictures("inspect-bn", "inspect-distributions", "inspect-predictions", "inspect-mistakes",
          "inspect-explained", "inspect-no-bn")
def other_views(booth):
    pick_run(booth, "LeNet + BN")
    booth.page(3, "Batch Norm")
    booth.take("inspect-bn")
    booth.press("Distributions")
    booth.take("inspect-distributions")
    booth.press("Predictions")
    booth.take("inspect-predictions")
    booth.at(booth.thing(ROLE.IMAGE, "Confusion matrix"), 0.55, 0.5)
    if booth.small:
        booth.press("Images")
    booth.take("inspect-mistakes")
    booth.press("Where It Looks")
    booth.wait(2)
    booth.take("inspect-explained")
    booth.press("Matrix" if booth.small else "Where It Looks")
    pick_run(booth, "LeNet")
    booth.press("Batch Norm")
    booth.take("inspect-no-bn")
    booth.press("Maps" if booth.small else "Feature Maps")


@pictures("data-sets")
def data(booth):
    booth.page("d")
    booth.take("data-sets")


@pictures("compare-architectures", "compare-runs", "compare-settings", "compare-experiments",
          "compare-answer")
def compare(booth):
    booth.pick(RESNET)
    booth.page(4, "Architectures")
    booth.take("compare-architectures")
    booth.press("Runs")
    booth.take("compare-runs")
    booth.press("Compare settings")
    booth.take("compare-settings")
    booth.escape()
    booth.press("Experiments")
    booth.take("compare-experiments")
    row = booth.said("Why does the test accuracy jump at rate 1.0?")
    booth.pick(".*" + row + ".*")
    booth.take("compare-answer")
    booth.press("Architectures")


@pictures("preferences", "shortcuts", "main-menu", "export-menu", "export-diagram", "export-charts",
          "report", "about")
def windows(booth):
    pick_run(booth, "LeNet + BN")
    booth.page(1)
    if not booth.small:
        booth.press("Main menu")
        booth.take("main-menu")
        booth.escape()
    booth.press("Export")
    booth.take("export-menu")
    booth.escape()
    for name, keys in (("preferences", "ctrl+comma"), ("shortcuts", "ctrl+question")):
        booth.hands.keys(keys)
        booth.window()
        booth.take(name)
        booth.escape()
    for name, item in (("export-diagram", "_Diagram…"), ("export-charts", "_Charts…"),
                       ("report", "_Report…")):
        booth.menu("Export", item)
        booth.window()
        booth.wait(1)
        booth.take(name)
        booth.escape()


@pictures("train-live", "train-queue", "inspect-live", "compare-live")
def live(booth):
    booth.pick(LENET_BN)
    booth.page(2)
    booth.press("Book")
    booth.hands.keys("ctrl+space")
    soon(lambda: booth.control(booth.said("Pause")), "training", 20)
    booth.wait(5)
    booth.take("train-live")
    booth.pick(r"LeNet, 1998, .*|LeNet，1998.*")
    booth.hands.keys("ctrl+2")
    booth.press("Queue")
    booth.wait(1)
    booth.take("train-queue")
    booth.hands.keys("ctrl+shift+period")


@pictures("follow-address", "follow-unknown", "follow-runs", "follow-bar", "follow-lost")
def follow(booth):
    booth.hands.keys("ctrl+shift+o")
    booth.window()
    booth.take("follow-address")
    for host in ("nowhere", "me@far"):
        booth.hands.keys("ctrl+a")
        booth.hands._do("type", host + ":runs")
        booth.hands.keys("Return")
        booth.wait(2)
        booth.take("follow-unknown" if host == "nowhere" else "follow-runs")
    booth.press("_Follow")
    booth.wait(3)
    booth.take("follow-bar")
    down = os.path.join(os.environ["FAKE_SSH_HOME"], ".down")
    with open(down, "w", encoding="utf-8"):
        pass
    with open(os.path.join(os.environ["FAKE_SSH_HOME"], ".pids"), encoding="utf-8") as file:
        for line in file:
            try:
                os.kill(int(line), signal.SIGKILL)
            except ProcessLookupError:
                pass
    booth.wait(3)
    booth.take("follow-lost")
    os.remove(down)
    booth.press("Stop Following")


@pictures("onnx-explore", "onnx-predict", "onnx-drawing")
def onnx(booth):
    """The program once more, started with a file."""
    before = booth.process, booth.app, booth.frame, booth.hands
    path = os.path.join(os.environ["XDG_DATA_HOME"], "lenet-bn.onnx")
    booth.process = subprocess.Popen([booth.program, path], env=dict(os.environ, G_DEBUG=DEBUG))
    try:
        booth.app = application(booth.process)
        booth.frame = soon(lambda: find(booth.app, ROLE.FRAME, "lenet-bn.onnx"), "window of the file")
        booth.hands = Hands(booth.process, booth.frame)
        booth.window()
        booth.wait(2)
        booth.take("onnx-explore")
        booth.press("Predict")
        booth.wait(2)
        booth.take("onnx-predict")
        booth.press("Draw")
        booth.at(booth.thing(ROLE.IMAGE, "Drawing canvas"), 0.5, 0.5)
        booth.wait(1)
        booth.take("onnx-drawing")
    finally:
        booth.process.terminate()
        booth.process.wait()
        booth.process, booth.app, booth.frame, booth.hands = before
        booth.hands.take_focus()


VIEWS = (welcome, blocks, more_of_explore, before_training, finished, diverged, feature_maps,
         other_views, data, compare, windows, follow, onnx, live)


def main(build, data, kind, folder):
    booth = Booth(build, data, kind, folder)
    try:
        for function in VIEWS:
            booth.view(function)
    finally:
        if booth.process.poll() is None:
            booth.process.terminate()
            booth.process.wait()
    for line in booth.missing:
        print(f"# {kind}: not taken: {line}")
    return 1 if booth.missing else 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:5]))
