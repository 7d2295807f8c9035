"""A server imports its event loop without OpenSSL; TLS is there for whoever wants it nevertheless."""

import datetime
import ipaddress
import queue
import ssl
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, ClassVar

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from tests.wire.test_process import POSIX, environment, running
from tests.wire.test_workers_process import workers_of

ROOT = Path(__file__).resolve().parents[2]
OPENSSL = ("libssl", "libcrypto", "/_ssl.", "/_hashlib.")
"""What is mapped by a process with OpenSSL, where Python has it in files of its own."""
LIGHT = pytest.mark.skipif(not POSIX, reason="only there the loop is imported without it")

READY = """
import os, signal, sys
from dynemu import cli
def ready(line, flush):
    look()
    os.kill(os.getpid(), signal.SIGTERM)
cli.print = ready
def look():
    {look}
assert cli.main(["serve", "--port", "0", *sys.argv[3:]]) == 0
"""
"""A server that does something on its loop when it is ready, and stops."""
FETCH = """
    import ssl, urllib.request
    context = ssl.create_default_context(cafile=sys.argv[2])
    print(urllib.request.urlopen(sys.argv[1], context=context).read().decode())
"""
HOLDERS = """
    from dynemu.http.without_tls import _Names
    held = [(name, each) for name, module in sys.modules.items() for each in vars(module).values()]
    print(sys.modules.get("ssl"), [name for name, each in held if type(each) is _Names])
"""
LOOPS = """
import sys
from dynemu.http.without_tls import import_loop
import_loop()
assert "ssl" not in sys.modules
import asyncio, ssl, uvloop
async def connect(**options):
    await asyncio.get_running_loop().create_connection(asyncio.Protocol, "127.0.0.1", PORT, **options)
async def listen(**options):
    await asyncio.get_running_loop().create_server(asyncio.Protocol, "127.0.0.1", 0, **options)
"""
HOOKS = """
import asyncio, os, ssl
import dynemu

async def fetch():
    context = ssl.create_default_context(cafile=os.environ["CERTIFICATE"])
    reader, writer = await asyncio.open_connection("127.0.0.1", int(os.environ["HTTPS_PORT"]), ssl=context)
    writer.write(b"GET /from-a-hook HTTP/1.0\\r\\n\\r\\n")
    await reader.read()
    writer.close()

@dynemu.hookimpl
def before_operation(context):
    tasks.append(asyncio.get_running_loop().create_task(fetch()))

tasks = []
"""


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> str:
    """The file of a certificate for 127.0.0.1 that signs itself, with its key."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "dynemu")])
    now = datetime.datetime.now(datetime.timezone.utc)
    address = x509.IPAddress(ipaddress.ip_address("127.0.0.1"))
    made = (
        x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
        .not_valid_before(now - datetime.timedelta(days=1))
        .not_valid_after(now + datetime.timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([address]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .sign(key, hashes.SHA256())
    )
    path = tmp_path_factory.mktemp("tls") / "certificate.pem"
    path.write_bytes(
        made.public_bytes(serialization.Encoding.PEM)
        + key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
    )
    return str(path)


class Answers(BaseHTTPRequestHandler):
    """Answers every GET, and notes its path."""

    paths: ClassVar["queue.Queue[str]"]

    def do_GET(self) -> None:
        self.paths.put(self.path)
        self.send_response(200)
        self.end_headers()
        self.wfile.write(b"over TLS")

    def log_message(self, *_: Any) -> None:
        pass


@pytest.fixture
def https_port(certificate: str) -> Iterator[int]:
    """The port of a server that speaks TLS."""
    Answers.paths = queue.Queue()
    with ThreadingHTTPServer(("127.0.0.1", 0), Answers) as server:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(certificate)
        server.socket = context.wrap_socket(server.socket, server_side=True)
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield server.server_address[1]
        server.shutdown()
        thread.join()


def output_of(code: str, *arguments: str) -> str:
    """Return what *code* prints in a process of its own."""
    done = subprocess.run(
        [sys.executable, "-c", code, *arguments], cwd=ROOT, env=environment(), capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


def mapped(process: int) -> list[str]:
    """Return what *process* has mapped of OpenSSL; empty where the system does not tell."""
    maps = Path(f"/proc/{process}/maps")
    text = maps.read_text() if maps.exists() else ""
    return [part for part in OPENSSL if part in text]


@LIGHT
@pytest.mark.parametrize("more", [(), ("--db-path",), ("--workers", "2")], ids=["memory", "disk", "workers"])
def test_urllib_fetches_https_in_the_process_of_a_server(
    more: tuple[str, ...], https_port: int, certificate: str, tmp_path: Path
) -> None:
    options = (*more, str(tmp_path / "data")) if more == ("--db-path",) else more
    code = READY.format(look=FETCH.strip())
    url = f"https://127.0.0.1:{https_port}/"
    assert output_of(code, url, certificate, *options) == "over TLS"


@LIGHT
def test_nobody_keeps_what_stood_for_the_module() -> None:
    # uvloop.includes lists what uvloop imports, for its build; nothing reads it.
    assert output_of(READY.format(look=HOLDERS.strip()), "", "") == "None ['uvloop.includes']"


@LIGHT
def test_no_process_of_a_server_has_openssl() -> None:
    with running("--port", "0", "--workers", "2") as (process, _):
        workers = workers_of(process)
        assert len(workers) == 2
        assert [mapped(each) for each in (process.pid, *workers)] == [[], [], []]
    with running("--port", "0") as (process, _):
        assert mapped(process.pid) == []


def test_hooks_speak_tls_on_the_loop_of_the_server(
    start_server: Callable[..., str],
    make_client: Callable[[str], Any],
    https_port: int,
    certificate: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("CERTIFICATE", certificate)
    monkeypatch.setenv("HTTPS_PORT", str(https_port))
    hooks = tmp_path / "fetching.py"
    hooks.write_text(HOOKS)
    for options in ((), ("--workers", "2")):
        if options and not POSIX:
            continue
        make_client(start_server("--hooks", str(hooks), *options)).list_tables()
        assert Answers.paths.get(timeout=30) == "/from-a-hook"


@LIGHT
@pytest.mark.parametrize("loop", ["asyncio", "uvloop"])
@pytest.mark.parametrize("context", ["True", "ssl.create_default_context()"])
def test_the_loop_itself_says_that_it_has_no_tls(loop: str, context: str, https_port: int) -> None:
    code = LOOPS.replace("PORT", str(https_port)) + (
        f"loop = {loop}.new_event_loop()\n"
        f"try: loop.run_until_complete(connect(ssl={context}))\n"
        "except RuntimeError as error: print(error)\n"
        "loop.close()"
    )
    expected = {
        "asyncio": "stdlib ssl module not available",
        "uvloop": "This process began without TLS on its event loop (dynemu.http.without_tls).",
    }
    assert output_of(code) == expected[loop]


@LIGHT
def test_uvloop_says_so_to_a_server_too() -> None:
    code = LOOPS + (
        "try: uvloop.new_event_loop().run_until_complete(listen(ssl=ssl.create_default_context()))\n"
        "except RuntimeError as error: print(error)"
    )
    assert output_of(code) == "This process began without TLS on its event loop (dynemu.http.without_tls)."


@LIGHT
@pytest.mark.parametrize(
    "before",
    [
        "import ssl",
        "import asyncio",
        "import threading; threading.Thread(target=threading.Event().wait, daemon=True).start()",
    ],
)
def test_where_somebody_could_notice_nothing_is_done(before: str) -> None:
    code = (
        f"{before}\nfrom dynemu.http.without_tls import import_loop\nimport_loop()\n"
        "import asyncio.base_events, ssl, uvloop\n"
        "print(asyncio.base_events.ssl is ssl)"
    )
    assert output_of(code) == "True"


@LIGHT
def test_a_name_that_is_not_known_comes_from_the_real_module() -> None:
    code = (
        "import sys\nfrom dynemu.http import without_tls\nstand_in = without_tls._Names('ssl')\n"
        "sys.modules['ssl'] = stand_in\nfound = stand_in.PROTOCOL_TLS_CLIENT\n"
        "import ssl\nprint(found is ssl.PROTOCOL_TLS_CLIENT, ssl is not stand_in)"
    )
    assert output_of(code) == "True True"


def test_a_server_in_the_process_of_others_has_its_loop_with_tls() -> None:
    code = (
        "import dynemu\ndynemu.serve\nimport asyncio.base_events, ssl\nprint(asyncio.base_events.ssl is ssl)"
    )
    assert output_of(code) == "True"
