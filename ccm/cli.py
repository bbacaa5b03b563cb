"""The `callcenter` command.

It starts the embedded servers that a command needs, brings the tables up to date, and hands over:
to the supervisor (`up`), to a long-running program (`serve`, `worker`, `beat`), or to the Django
management command that does the work and owns its arguments.
"""

import argparse
import contextlib
import gc
import os
import signal
import sys
from collections.abc import Iterator, Sequence
from types import FrameType
from typing import TYPE_CHECKING, NoReturn

from ccm import lanes, stack, supervise
from ccm.watching import folder

if TYPE_CHECKING:
    from django.core.management.base import BaseCommand

PROG = "callcenter"
REFUSED = 2

# What callcenter calls it -> the management command, and one line for --help.
COMMANDS = {
    "import": ("import_log", "read call logs into the record"),
    "profiles": ("profiles", "list, export and import saved mappings of columns"),
    "shapes": ("shapes", "list, try and save shapes of live events"),
    "watch": ("watch", "import files as they come into a folder"),
    "follow": ("follow", "read a switch's log as it is written"),
    "report": ("report", "print KPIs over a period"),
    "rebuild": ("rebuild", "count the rollups anew from the calls"),
    "verify": ("verify", "compute every KPI in two ways, check the books, print what differs"),
    "keys": ("keys", "tell which keys callers' hashes and addresses are under"),
    "doctor": ("doctor", "say what is wrong, and what to do about it"),
    "demo": ("demo", "make the demo centre: --seed N --days N --agents N, --history for two years"),
    "simulate": ("simulate", "keep producing live calls through the public events path"),
    "live": ("live", "fold events into what the wallboards show"),
    "forecast": ("forecast", "try forecasts on a file of past calls"),
    "staffing": ("staffing", "reckon agents for a file of queues"),
    "backup": ("backup", "copy the whole record into one file, sealed if there is a key"),
    "restore": ("restore", "read such a copy into an empty database, and compare"),
    "migrate": ("migrate", "bring the database's tables up to date"),
    "unlock": ("unlock", "end pauses after wrong passwords, list them"),
    "entry": ("entry", "help somebody in who lost a second factor: --reset-factors USER"),
    "createsuperuser": ("createsuperuser", "make a user who may do everything"),
    "token": ("token", "make a key for a machine: --user, --name, --scopes"),
}


# They take the database as it is: its tables may be behind, or none.
AS_IT_IS = frozenset({"migrate", "backup", "restore"})
# It looks at whatever there is, and says of what is not there.
LOOKING = frozenset({"doctor"})
# They read a file alone: nothing is started for them.
OVER_FILES = frozenset({"forecast", "staffing"})


def main(arguments: Sequence[str] | None = None) -> None:
    """Entry point of the console script; ends by SystemExit with the command's code."""
    words = list(sys.argv[1:] if arguments is None else arguments)
    if parent := os.environ.pop("CCM_PARENT", None):
        supervise.die_with(int(parent))
    for sign in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(sign, _leave)
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "ccm.settings")
    try:
        if words and words[0] in COMMANDS:
            _manage(words[0], words[1:])
        else:
            options = _parser().parse_args(words)
            options.run(options)
    except stack.StackError as refusal:
        _refuse(str(refusal))
    except KeyboardInterrupt:
        sys.exit(128 + signal.SIGINT)


def _leave(sign: int, _frame: FrameType | None) -> None:
    """A signal that means the end lets every `with` and `finally` do its part first."""
    sys.exit(128 + sign)


def _refuse(words: str) -> NoReturn:
    sys.stderr.write(words + "\n")
    sys.exit(REFUSED)


class Parser(argparse.ArgumentParser):
    """Shows the whole help, not a terse line, to whoever is wrong."""

    def error(self, message: str) -> NoReturn:
        self.print_help(sys.stderr)
        self.exit(REFUSED, f"\n{message}\n")


def _parser() -> Parser:
    parser = Parser(
        prog=PROG,
        description="Call logs become KPIs people trust, live wallboards and rosters.",
        epilog=f"`{PROG} COMMAND --help` tells more. Every command starts the servers it needs.",
    )
    commands = parser.add_subparsers(title="commands", metavar="COMMAND", required=True)

    up = commands.add_parser("up", help="everything: servers, pages, live wall, worker, demo")
    up.add_argument("--port", type=_port, default=8000, help="of the page (default 8000)")
    up.add_argument("--no-demo", action="store_true", help="leave an empty record empty")
    up.add_argument("--no-simulator", action="store_true", help="make no live calls")
    up.set_defaults(run=_up)

    serve = commands.add_parser("serve", help="serve the pages")
    serve.add_argument("--host", default=os.environ.get("CCM_HOST") or "127.0.0.1")
    serve.add_argument("--port", type=_port, default=8000)
    serve.add_argument(
        "--processes",
        type=at_least_one,
        default=os.environ.get("CCM_WEB_PROCESSES") or str(min(2, os.cpu_count() or 1)),
        help="that share the port (default %(default)s)",
    )
    # One of them, by the number of the socket that is shared.
    serve.add_argument("--beside", type=int, help=argparse.SUPPRESS)
    serve.set_defaults(run=_serve)

    worker = commands.add_parser("worker", help="do the background work")
    worker.add_argument(
        "--queues",
        type=queues,
        default=",".join(lanes.ALL),
        help="whose work it does, by commas (default %(default)s); nothing that somebody waits for"
        f" stands behind a task of {lanes.LONG!r} where that has a worker of its own",
    )
    worker.add_argument(
        "--concurrency",
        type=int,
        default=int(os.environ.get("CCM_WORKER_CONCURRENCY", "2")),
        help="tasks at a time (default %(default)s)",
    )
    worker.set_defaults(run=_worker)

    beat = commands.add_parser("beat", help="start background work when it is due")
    beat.set_defaults(run=_beat)

    alive = commands.add_parser("alive", help="say whether processes of this machine go on")
    alive.add_argument(
        "what", nargs="+",
        help="live, walls, beat, or the queues of a worker by commas; 1: one has been silent for a"
        " minute; 0 also where Redis, which knows, is away: starting anew would not help",
    )  # fmt: skip
    alive.set_defaults(run=_alive)

    for name, (_command, words) in COMMANDS.items():
        commands.add_parser(name, help=words)  # listed here; `main` hands them over whole
    return parser


def _port(word: str) -> int:
    number = int(word)
    if not 0 < number < 65_536:
        raise argparse.ArgumentTypeError("a port is a number from 1 to 65535")
    return number


def queues(words: str) -> tuple[str, ...]:
    """Queues of background work, each once."""
    found = tuple(dict.fromkeys(words.split(",")))
    if unknown := [word for word in found if word not in lanes.ALL]:
        there = ", ".join(lanes.ALL)
        raise argparse.ArgumentTypeError(f"there is no queue {unknown[0]!r}, there are {there}")
    return found


def at_least_one(word: str) -> int:
    """A number of things, for any command."""
    try:
        number = int(word)
    except ValueError:
        raise argparse.ArgumentTypeError(f"{word!r} is no whole number") from None
    if number < 1:
        raise argparse.ArgumentTypeError("at least 1")
    return number


@contextlib.contextmanager
def _ready(migrate: bool = True, whole: bool = True) -> Iterator[stack.Servers]:
    """Servers running, Django set up, tables up to date; without `migrate` as they are, without
    `whole` even half restored."""
    ours = not os.environ.get("DATABASE_URL")
    with stack.running() as servers:
        try:
            _load_apps()
            from ccm import database

            try:
                if migrate:
                    database.make_ready(ours=ours)
                else:
                    database.check_server()
                    if whole:
                        database.check_whole()
            except database.NotReady as refusal:
                _refuse(str(refusal))
            yield servers
        finally:
            # From here on only the servers are stopped, if we are the last: let that finish.
            for sign in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
                signal.signal(sign, signal.SIG_IGN)


def _manage(name: str, arguments: list[str]) -> None:
    """Run a management command under callcenter's name for it."""
    command_name, _words = COMMANDS[name]
    if {"-h", "--help"} & set(arguments):
        _load_apps()
        _help(_load(command_name), name, arguments)
    if name in OVER_FILES:
        _load_apps()
        _hand_over(_load(command_name), name, arguments)
        return
    if name in LOOKING:
        with stack.running():
            _load_apps()
            _hand_over(_load(command_name), name, arguments)
        return
    with _ready(migrate=name not in AS_IT_IS, whole=name != "restore"):
        from ccm import database, roles

        if name != "migrate":
            _hand_over(_load(command_name), name, arguments)
            return
        with database.migrating():
            _hand_over(_load(command_name), name, arguments)
            roles.grant()


def _load_apps() -> None:
    """Nothing of what is loaded is garbage: looking for it was a third of the time, and would be a
    part of all that comes after."""
    import django

    gc.disable()
    try:
        django.setup()
    finally:
        gc.freeze()
        gc.enable()


def _help(command: "BaseCommand", name: str, arguments: list[str]) -> NoReturn:
    """Print the help of a management command, or of the part of it that is asked about."""
    parser: argparse.ArgumentParser = command.create_parser(PROG, name)
    for word in arguments:
        parts = [one for one in parser._actions if isinstance(one, argparse._SubParsersAction)]
        if parts and word in parts[0].choices:
            parser = parts[0].choices[word]
    parser.print_help()
    sys.exit(0)


def _hand_over(command: "BaseCommand", name: str, arguments: list[str]) -> None:
    """Run a management command. What it refuses is said in its words alone: no name of an
    exception before them, which reads as a crash."""
    from django.core.management.base import CommandError

    try:
        # With this word an error comes out as it is.
        command.run_from_argv([PROG, name, "--traceback", *arguments])
    except CommandError as refusal:
        if "--traceback" in arguments:
            raise
        print(refusal, file=sys.stderr)
        sys.exit(refusal.returncode)


def _load(command_name: str) -> "BaseCommand":
    from django.core.management import get_commands, load_command_class
    from django.core.management.base import BaseCommand

    home = get_commands().get(command_name)
    if home is None:
        _refuse(f"This installation has no {command_name}.")
    return home if isinstance(home, BaseCommand) else load_command_class(home, command_name)


def _up(options: argparse.Namespace) -> None:
    from ccm import serve

    before = dict(os.environ)
    # A port that is taken is said before anything is started.
    serve.listen(serve.LOOPBACK, options.port).close()
    with _ready() as servers:
        from ccm import up
        from ccm.demo import exposure

        if refusal := exposure.refusal(serve.LOOPBACK):
            _refuse(refusal)

        with up.alone(stack.data_dir()):
            up.up(
                servers,
                before,
                port=options.port,
                demo=not options.no_demo,
                simulator=not options.no_simulator,
            )


def _serve(options: argparse.Namespace) -> None:
    if options.beside is not None:
        with _ready(migrate=False):
            from ccm import serve

            serve.serve_beside(options.beside)
        return
    # Before anything is loaded that counts.
    counts = folder.together() if os.environ.get("CCM_METRICS_TOKEN") else contextlib.nullcontext()
    with counts, _ready():
        from ccm import serve
        from ccm.demo import exposure
        from ccm.entry import first_run

        if refusal := exposure.refusal(options.host):
            _refuse(refusal)
        first_run.announce(serve.address(options.host, options.port))
        serve.serve(options.host, options.port, options.processes)


# Who waits for a page, or looks at a wall, goes before work that nobody watches.
WORKER_NICENESS = 10


def _worker(options: argparse.Namespace) -> None:
    _celery(
        "worker",
        f"--hostname={lanes.node(options.queues)}",
        f"--queues={','.join(options.queues)}",
        f"--concurrency={options.concurrency}",
        # Workers need not know of each other: the database holds what matters.
        "--without-gossip",
        "--without-mingle",
        niceness=WORKER_NICENESS,
    )


def _beat(_options: argparse.Namespace) -> None:
    _celery("beat", "--pidfile=")


def _alive(options: argparse.Namespace) -> None:
    """Asked every half minute: the apps are not loaded for it, and no server is started."""
    address = stack.redis_there()
    if address is None:
        print("Nothing runs here: no server was started for this CCM_DATA_DIR.", file=sys.stderr)
        sys.exit(1)
    os.environ["REDIS_URL"] = address
    from ccm.watching import alive

    processes = (alive.LIVE, alive.WALLS, alive.BEAT)
    what = [
        one
        for word in options.what
        for one in ([word] if word in processes else map(alive.worker, _asked_queues(word)))
    ]
    silent = alive.silent(what)
    if silent is None:
        print("Not known: Redis does not answer.", file=sys.stderr)
    elif silent:
        print(f"Silent for a minute: {', '.join(silent)}.", file=sys.stderr)
        sys.exit(1)


def _asked_queues(word: str) -> tuple[str, ...]:
    try:
        return queues(word)
    except argparse.ArgumentTypeError:
        web = " The web answers for itself, at /healthz and /readyz." if word == "web" else ""
        _refuse(
            f"There is nothing called {word!r} to ask for.{web} What can be asked for is live,"
            f" walls, beat, and the queues of a worker by commas: {','.join(lanes.ALL)}."
        )


def _celery(*arguments: str, niceness: int = 0) -> None:
    with _ready():
        import warnings

        from celery.exceptions import SecurityWarning
        from django.conf import settings

        from ccm import database
        from ccm.celery import app

        if niceness:
            # Not before: work that was cut off waits for all of its start.
            database.go_after_others(niceness)
        # It fears root because of pickled tasks; ours are JSON.
        warnings.filterwarnings("ignore", category=SecurityWarning)
        app.start(["--quiet", *arguments, f"--loglevel={settings.LOG_LEVEL}"])


if __name__ == "__main__":
    main()
