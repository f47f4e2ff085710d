"""Measures a node beside nginx serving the same folder, in one run on one machine.

Every comparison is paired: node, nginx, node, nginx, ... and the median of the ratios is reported, so that a machine
whose speed drifts does not decide the outcome. nginx runs with two settings (sendfile on and off, open_file_cache on)
and each line is held against the better of the two.
"""
import argparse
import hashlib
import http.server
import base64
import contextlib
import json
import os
import pathlib
import platform
import queue
import re
import shutil
import signal
import socket
import sqlite3
import statistics
import subprocess
import sys
import tempfile
import threading
import time
import urllib.error
import urllib.request
import zipfile

ROOT = pathlib.Path(__file__).resolve().parents[2]
ATHENS = ROOT / "artifacts/athens/athens"
TICK = os.sysconf("SC_CLK_TCK")
PAGE = os.sysconf("SC_PAGE_SIZE")


def free_port():
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


def get(url, timeout=30):
    with urllib.request.urlopen(url, timeout=timeout) as answer:
        return answer.read()


STARTED = []


def started(process):
    """A server that ends with the benchmark, however that ends."""
    STARTED.append(process)
    return process


def end_all():
    for process in STARTED:
        if process.poll() is None:
            process.terminate()


def wait_for(url, process):
    for _ in range(600):
        if process.poll() is not None:
            sys.exit(f"{url}: the server ended with {process.returncode}")
        try:
            get(url, 2)
            return
        except OSError:
            time.sleep(0.05)
    sys.exit(f"{url}: no answer in 30 s")


def children(pid):
    out = subprocess.run(["pgrep", "-P", str(pid)], capture_output=True, text=True).stdout.split()
    return [int(p) for p in out]


def cpu_seconds(pids):
    total = 0
    for pid in pids:
        fields = pathlib.Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
        total += int(fields[11]) + int(fields[12])
    return total / TICK


def resident(pid):
    return int(pathlib.Path(f"/proc/{pid}/statm").read_text().split()[1]) * PAGE


# --- the folder both serve ---------------------------------------------------------------------------------------

def escape(text):
    return re.sub("[A-Z]", lambda m: "!" + m.group(0).lower(), text)


def write_module(cache, path, version, size):
    """One module version in Go's cache layout; `size` bytes of content that does not compress."""
    folder = cache / "cache/download" / escape(path) / "@v"
    folder.mkdir(parents=True, exist_ok=True)
    mod = f"module {path}\n\ngo 1.19\n".encode()
    files = {"go.mod": mod, "doc.go": b"// Package bench.\npackage bench\n", "data.bin": os.urandom(size)}
    with zipfile.ZipFile(folder / f"{version}.zip", "w", zipfile.ZIP_DEFLATED) as out:
        for name, content in files.items():
            out.writestr(f"{path}@{version}/{name}", content)
    lines = "".join(f"{hashlib.sha256(files[n]).hexdigest()}  {path}@{version}/{n}\n" for n in sorted(files))
    h1 = "h1:" + base64.b64encode(hashlib.sha256(lines.encode()).digest()).decode()
    (folder / f"{version}.ziphash").write_text(h1)
    (folder / f"{version}.mod").write_bytes(mod)
    (folder / f"{version}.info").write_text(json.dumps({"Version": version, "Time": "2026-01-02T03:04:05Z"}))


def hold(cache, data):
    """The node holds what is in the folder, as if it had observed it upstream: what is merely imported is not believed by peers."""
    subprocess.run([ATHENS, "store", "import", cache, "--data", data], check=True, stdout=subprocess.DEVNULL)
    with contextlib.closing(sqlite3.connect(pathlib.Path(data) / "athens.db")) as facts, facts:
        facts.execute("UPDATE facts SET source = 'upstream' WHERE source = 'import'")


def prepare(work):
    cache = work / "modcache"
    for minor in range(60):
        write_module(cache, "example.com/bench/small", f"v1.{minor}.0", 50 * 1024 if minor == 0 else 64)
    write_module(cache, "example.com/bench/big", "v1.0.0", 10 * 1024 * 1024)
    data = work / "data"
    hold(cache, data)
    return data


TARGETS = [
    (".info", "/example.com/bench/small/@v/v1.0.0.info", 0.7),
    (".mod", "/example.com/bench/small/@v/v1.0.0.mod", 0.7),
    ("list", "/example.com/bench/small/@v/list", 0.7),
    ("zip 50 KB", "/example.com/bench/small/@v/v1.0.0.zip", 0.6),
    ("zip 10 MB", "/example.com/bench/big/@v/v1.0.0.zip", 0.95),
]

# --- servers -----------------------------------------------------------------------------------------------------

NGINX = """
worker_processes 2;
daemon off;
{user}
pid {work}/nginx-{name}.pid;
error_log {work}/nginx-{name}.log crit;
events {{ worker_connections 4096; }}
http {{
  access_log off;
  types {{ application/json info; text/plain mod list; application/zip zip; }}
  default_type text/plain;
  keepalive_requests 1000000000;
  open_file_cache max=10000 inactive=1h;
  open_file_cache_valid 1h;
  client_body_temp_path {work}/nginx-{name}-body; proxy_temp_path {work}/nginx-{name}-proxy;
  fastcgi_temp_path {work}/nginx-{name}-f; uwsgi_temp_path {work}/nginx-{name}-u; scgi_temp_path {work}/nginx-{name}-s;
  {settings}
  server {{ listen 127.0.0.1:{port} reuseport backlog=4096; {tls} root {root}; }}
}}
"""


# Started by root, its workers would become www-data, which may not read a folder of root's.
NGINX_USER = "user root;" if os.getuid() == 0 else ""


class Nginx:
    def __init__(self, work, name, root, settings, probe=TARGETS[0][1], tls=None):
        self.port = free_port()
        secure = free_port()
        self.tls = f"https://127.0.0.1:{secure}"
        listen = f"listen 127.0.0.1:{secure} ssl; ssl_certificate {tls}/tls.crt; ssl_certificate_key {tls}/tls.key; ssl_protocols TLSv1.3;" if tls else ""
        config = work / f"nginx-{name}.conf"
        config.write_text(NGINX.format(work=work, name=name, port=self.port, root=root, settings=settings, user=NGINX_USER, tls=listen))
        self.process = started(subprocess.Popen(["nginx", "-c", config, "-p", work]))
        self.url = f"http://127.0.0.1:{self.port}"
        wait_for(self.url + probe, self.process)

    def pids(self):
        return children(self.process.pid)

    def stop(self):
        self.process.send_signal(signal.SIGTERM)
        self.process.wait()


class Node:
    def __init__(self, work, data, name="node", **variables):
        self.port = free_port()
        self.log = open(work / f"{name}.log", "wb")
        environment = {**os.environ, "ATHENS_UPSTREAM_GOPROXY": "off", **variables}
        self.process = started(subprocess.Popen(
            [ATHENS, "serve", "--listen", f"127.0.0.1:{self.port}", "--data", data],
            env=environment, stdout=self.log, stderr=subprocess.STDOUT))
        self.url = f"http://127.0.0.1:{self.port}"
        wait_for(self.url + "/healthz", self.process)

    def pids(self):
        return [self.process.pid]

    def stop(self):
        self.process.send_signal(signal.SIGTERM)
        self.process.wait()
        self.log.close()


# --- load --------------------------------------------------------------------------------------------------------

def wrk(server, path, connections, seconds, size=0, script=None):
    """
    With a size, requests are counted by the bytes that arrived: at the end of a short run hundreds of large files are half-way. With a script (wrk's Lua) that
    says what is asked for.
    """
    before = cpu_seconds(server.pids())
    out = subprocess.run(
        ["wrk", "-t2", f"-c{connections}", f"-d{seconds}s", "--timeout", "30s", "--latency",
         *(["-s", script] if script else []), server.url + path],
        capture_output=True, text=True, check=True).stdout
    cpu = cpu_seconds(server.pids()) - before
    if "Non-2xx" in out or "Socket errors" in out:
        sys.exit(f"{server.url}{path}: wrk saw errors\n{out}")
    requests = int(re.search(r"(\d+) requests in", out).group(1))
    amount, scale = re.search(r"([\d.]+)(B|KB|MB|GB) read", out).groups()
    if size > 0:
        requests = float(amount) * {"B": 1, "KB": 1 << 10, "MB": 1 << 20, "GB": 1 << 30}[scale] / size
    elapsed = float(re.search(r"requests in ([\d.]+)s", out).group(1))
    units = {"us": 1e-3, "ms": 1.0, "s": 1e3}
    value, unit = re.search(r"99%\s+([\d.]+)(us|ms|s)", out).groups()
    return {
        "rps": requests / elapsed,
        "p99": float(value) * units[unit],
        "cpu": cpu / max(requests, 1) * 1e6,
    }


def last_words(node):
    """The end of a node's log without what went well: the log itself is deleted with the rest of a benchmark that fails."""
    lines = pathlib.Path(node.log.name).read_text().splitlines()
    troubles = [line for line in lines if " info " not in line or (" 200 " not in line and " fetched " not in line)]
    return "\n".join(["the end of its log:", *troubles[-40:]])


def middle(rows, key):
    return statistics.median(row[key] for row in rows)


def bench_http(work, data, options):
    node = Node(work, data)
    root = data / "download"
    rivals = {
        "sendfile off": Nginx(work, "copy", root, "sendfile off; output_buffers 2 128k;"),
        "sendfile on": Nginx(work, "sendfile", root, "sendfile on; tcp_nopush on;"),
    }
    for server in [node, *rivals.values()]:
        for _, path, _ in TARGETS:
            expected = (root / path.lstrip("/")).read_bytes()
            answer = get(server.url + path)
            if answer != expected and sorted(answer.split()) != sorted(expected.split()):
                sys.exit(f"{server.url}{path}: not the file's bytes")
            wrk(server, path, 16, options.warmup)
    idle = resident(node.process.pid)
    lines = []
    peak = idle
    for connections in (16, 256):
        for name, path, aim in TARGETS:
            size = (root / path.lstrip("/")).stat().st_size if "10 MB" in name else 0
            rounds = []
            for _ in range(options.rounds):
                mine = wrk(node, path, connections, options.seconds, size)
                peak = max(peak, resident(node.process.pid))
                theirs = {setting: wrk(server, path, connections, options.seconds, size) for setting, server in rivals.items()}
                rounds.append((mine, theirs))
            best = max(rivals, key=lambda s: statistics.median(t[s]["rps"] for _, t in rounds))
            ratio = statistics.median(m["rps"] / t[best]["rps"] for m, t in rounds)
            mine = [m for m, _ in rounds]
            theirs = [t[best] for _, t in rounds]
            lines.append(
                f"| {name} | {connections} | {middle(mine, 'rps'):,.0f} | {middle(theirs, 'rps'):,.0f} ({best}) | **{ratio:.2f}** | {aim} "
                f"| {middle(mine, 'p99'):.2f} / {middle(theirs, 'p99'):.2f} | {middle(mine, 'cpu'):.1f} / {middle(theirs, 'cpu'):.1f} |")
            print(lines[-1], flush=True)
    node.stop()
    for server in rivals.values():
        server.stop()
    return [
        "## Requests a second, beside nginx",
        "",
        "`wrk -t2`, keep-alive, on loopback; wrk takes its share of the same cores. nginx: two workers, open_file_cache, no access log, the",
        "better of sendfile on and off for each line. The node writes its request log. 10 MB zips are counted by the bytes that arrived.",
        "",
        "| file | connections | node, requests/s | nginx, requests/s | ratio | aim | p99 ms, node / nginx | server CPU µs a request, node / nginx |",
        "|---|---|---|---|---|---|---|---|",
        *lines,
        "",
        f"Memory of the node, resident: {idle / 2**20:.0f} MB after warm-up, {peak / 2**20:.0f} MB at most (aim: less than 120 MB).",
        "",
    ]


def bench_hang(work, data, options):
    """Warm requests while every upstream worker hangs."""
    hang = work / "hanging-go"
    hang.write_text("#!/bin/sh\ncase \"$1\" in version) echo 'go version go1.19.8 linux/amd64';; env) echo go1.19.8;; *) exec sleep 1000;; esac\n")
    hang.chmod(0o755)
    path = TARGETS[0][1]
    node = Node(work, data, "hang", ATHENS_UPSTREAM_GO=str(hang), ATHENS_UPSTREAM_GOPROXY="direct", ATHENS_UPSTREAM_WORKERS="4")
    wrk(node, path, 16, options.warmup)
    without, during = [], []
    for _ in range(options.rounds):
        without.append(wrk(node, path, 16, options.seconds))
    clients = [
        subprocess.Popen(["curl", "-s", "-o", "/dev/null", f"{node.url}/example.com/absent/m{i}/@v/{'v1.0.0.info' if i % 2 else 'list'}"])
        for i in range(64)]
    time.sleep(1)
    sleeping = int(subprocess.run(["pgrep", "-c", "-f", "^sleep 1000"], capture_output=True, text=True).stdout or 0)
    for _ in range(options.rounds):
        during.append(wrk(node, path, 16, options.seconds))
    for client in clients:
        client.kill()
        client.wait()
    node.stop()
    subprocess.run(["pkill", "-f", "^sleep 1000"])
    return [
        "## Warm requests while upstream hangs",
        "",
        f"`.info` at 16 connections; 64 clients wait for absent modules, {sleeping} of 4 workers hang in a `go` that never answers.",
        "",
        "| | requests/s | p99 ms |",
        "|---|---|---|",
        f"| upstream idle | {middle(without, 'rps'):,.0f} | {middle(without, 'p99'):.2f} |",
        f"| every worker hanging | {middle(during, 'rps'):,.0f} | {middle(during, 'p99'):.2f} |",
        "",
    ]


class Collector(http.server.BaseHTTPRequestHandler):
    """Takes spans and forgets them."""

    protocol_version = "HTTP/1.1"

    def do_POST(self):
        self.rfile.read(int(self.headers.get("Content-Length") or 0))
        self.send_response(202)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *arguments):
        pass


def bench_collector(work, data, options):
    """A warm load while spans are exported, to a collector that is up and to one that is down."""
    up = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Collector)
    threading.Thread(target=up.serve_forever, daemon=True).start()
    endpoints = {"up": up.server_port, "down": free_port()}
    lines = []
    for state, port in endpoints.items():
        node = Node(work, data, "collector-" + state, ATHENS_TELEMETRY_ZIPKIN=f"http://127.0.0.1:{port}/api/v2/spans")
        wrk(node, TARGETS[0][1], 16, options.warmup)
        rows = [wrk(node, TARGETS[0][1], 16, options.seconds) for _ in range(options.rounds)]
        memory = resident(node.process.pid)
        node.stop()
        told = sum(str(port) in line for line in (work / f"collector-{state}.log").read_text(errors="replace").splitlines())
        lines.append(f"| {state} | {middle(rows, 'rps'):,.0f} | {middle(rows, 'p99'):.2f} | {memory / 2**20:.0f} | {told} |")
        print(lines[-1], flush=True)
    up.shutdown()
    return [
        "## Traces, with the collector up and down",
        "",
        "`.info` at 16 connections, every request traced (`sample = 1.0`) and exported to Zipkin.",
        "",
        "| collector | requests/s | p99 ms | memory MB | log lines about it |",
        "|---|---|---|---|---|",
        *lines,
        "",
    ]


# --- real go -----------------------------------------------------------------------------------------------------

def git(folder, *arguments):
    stamp = "2026-01-02T03:04:05Z"
    subprocess.run(
        ["git", "-C", folder, "-c", "user.name=bench", "-c", "user.email=bench@example.com", "-c", "gc.auto=0", *arguments], check=True,
        stdout=subprocess.DEVNULL, env={**os.environ, "GIT_AUTHOR_DATE": stamp, "GIT_COMMITTER_DATE": stamp})


def repository(work, path, big=0):
    folder = work / "repositories" / path
    folder.mkdir(parents=True)
    git(folder, "init", "-q", "-b", "main")
    (folder / "go.mod").write_text(f"module {path}\n\ngo 1.19\n")
    (folder / "doc.go").write_text("package bench\n")
    for i in range(big):
        (folder / f"data{i}.bin").write_bytes(os.urandom(1 << 20))
    git(folder, "add", "-A")
    git(folder, "commit", "-qm", "first")
    git(folder, "tag", "v1.0.0")
    (folder / "doc.go").write_text("package bench\n\nconst Second = true\n")
    git(folder, "commit", "-qam", "second")
    git(folder, "tag", "v1.1.0")
    return folder


def git_config(work):
    config = work / "gitconfig"
    config.write_text(f'[url "file://{work}/repositories/github.com/"]\n\tinsteadOf = https://github.com/\n[protocol "file"]\n\tallow = always\n')
    return str(config)


def bench_clone(work, options):
    """The second version of a large repository, beside the first."""
    repository(work, "github.com/bench/large", big=options.megabytes)
    node = Node(
        work, work / "clone-data", "clone", ATHENS_UPSTREAM_GOPROXY="direct", ATHENS_UPSTREAM_SUMDB="off",
        ATHENS_UPSTREAM_ENV=f"GIT_CONFIG_GLOBAL={git_config(work)}")
    seconds = []
    for version in ("v1.0.0", "v1.1.0"):
        begin = time.monotonic()
        get(f"{node.url}/github.com/bench/large/@v/{version}.info", 300)
        seconds.append(time.monotonic() - begin)
    node.stop()
    return [
        "## The second version of a large repository",
        "",
        f"A repository of {options.megabytes} MB that does not compress, over git's file transport; the clone is kept.",
        "",
        "| | seconds |",
        "|---|---|",
        f"| first version (full clone, zip, checks, sync to disk) | {seconds[0]:.2f} |",
        f"| second version (no second clone) | {seconds[1]:.2f} |",
        "",
    ]


class ImportPages(http.server.BaseHTTPRequestHandler):
    """The HTTP proxy of `go`: import pages of the paths that no well-known forge holds; CONNECT is refused, so `go` uses plain HTTP."""
    repositories = {}

    def do_GET(self):
        path = re.sub(r"^http://", "", self.path).split("?")[0].rstrip("/")
        found = [(p, r) for p, r in self.repositories.items() if path == p or path.startswith(p + "/")]
        body = f'<html><meta name="go-import" content="{found[0][0]} git {found[0][1]}"></html>'.encode() if found else b""
        self.send_response(200 if found else 404)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def do_CONNECT(self):
        self.send_error(405)

    def log_message(self, *arguments):
        pass


class Program:
    """The real program of the tests (tools/lib/program) and the real libraries it needs, as tagged git repositories."""

    def __init__(self, work):
        self.work = work
        folder = work / "program"
        subprocess.run(["bash", ROOT / "tools/lib/go-repositories", folder], check=True, stdout=subprocess.DEVNULL)
        ImportPages.repositories = dict(line.split() for line in (folder / "meta.txt").read_text().splitlines())
        self.pages = http.server.ThreadingHTTPServer(("127.0.0.1", 0), ImportPages)
        threading.Thread(target=self.pages.serve_forever, daemon=True).start()
        address = f"http://127.0.0.1:{self.pages.server_port}"
        offered = [line.split() for line in (folder / "modules.txt").read_text().splitlines()]
        pseudo = next(f"{path} {version}" for path, version, feature in offered if feature == "pseudo")
        self.requirements = (ROOT / "tools/lib/program/requirements.txt").read_text().splitlines() + [pseudo]
        self.upstream = {
            "HOME": str(folder), "GIT_CONFIG_GLOBAL": str(folder / "gitconfig"), "GIT_CONFIG_NOSYSTEM": "1", "HTTP_PROXY": address,
            "HTTPS_PROXY": address, "NO_PROXY": "localhost,127.0.0.1", "GOINSECURE": "golang.org,gopkg.in"}

    def node_variables(self):
        return {
            "ATHENS_UPSTREAM_GOPROXY": "direct", "ATHENS_UPSTREAM_SUMDB": "off",
            "ATHENS_UPSTREAM_ENV": ";".join(f"{k}={v}" for k, v in self.upstream.items())}

    def go(self, proxy, *arguments, **variables):
        """Runs `go` on the program with everything cold; seconds and what it printed."""
        home = pathlib.Path(tempfile.mkdtemp(dir=self.work))
        environment = {
            "PATH": os.environ["PATH"], "HOME": str(home), "GOPATH": str(home / "go"), "GOMODCACHE": str(home / "mod"), "GOPROXY": proxy,
            "GOSUMDB": "off", "GOFLAGS": "-mod=mod -modcacherw", "GOTOOLCHAIN": "local", **variables}
        (home / "go.mod").write_text("module example.org/program\n\ngo 1.19\n\nrequire (\n\t" + "\n\t".join(self.requirements) + "\n)\n")
        shutil.copy(ROOT / "tools/lib/program/main.go", home)
        begin = time.monotonic()
        ran = subprocess.run(["go", *arguments], cwd=home, env=environment, capture_output=True, text=True)
        seconds = time.monotonic() - begin
        if ran.returncode != 0:
            sys.exit(f"go {' '.join(arguments)} with GOPROXY={proxy}:\n{ran.stderr}")
        shutil.rmtree(home)
        return seconds, ran.stdout

    def stop(self):
        self.pages.shutdown()


def bench_client(work, data, options):
    """A whole `go`: versions of every held module, and a cold download of a real program's modules."""
    program = Program(work)
    data = work / "client-data"
    node = Node(work, data, "client", **program.node_variables())
    for line in (work / "program/modules.txt").read_text().splitlines():
        program.go(node.url, "mod", "download", "@".join(line.split()[:2]))
    program.go(node.url, "mod", "download")
    listed = program.go(node.url, "list", "-m", "all")[1].split("\n")[1:]
    held = sorted({m["module"] for m in json.loads(get(node.url + "/catalog?pagesize=1000"))["modules"]})
    nginx = Nginx(work, "client", data / "download", "sendfile on;", "/github.com/spf13/cobra/@v/list")
    proxies = {"node": node.url, "nginx": nginx.url, "file://": f"file://{data}/download"}
    lines = []
    for title, arguments in (
            (f"`go list -m -versions`, {len(held)} modules", ["list", "-m", "-versions", *held]),
            (f"`go mod download` of the program, {sum(1 for m in listed if m)} modules", ["mod", "download"])):
        seconds = {name: [] for name in proxies}
        answers = set()
        for _ in range(options.rounds + 2):
            for name, proxy in proxies.items():
                took, printed = program.go(proxy, *arguments)
                seconds[name].append(took)
                answers.add(printed)
        if len(answers) != 1:
            sys.exit(f"go {arguments[0]}: the answers differ: {answers}")
        row = {name: statistics.median(values) for name, values in seconds.items()}
        lines.append(f"| {title} | {row['node']:.2f} | {row['nginx']:.2f} | {row['file://']:.2f} |")
        print(lines[-1], flush=True)
    node.stop()
    nginx.stop()
    program.stop()
    return [
        "## A whole client",
        "",
        "Seconds, cold GOMODCACHE, median. The program is the tests' own: twenty real libraries and what they need.",
        "",
        "| | node | nginx | `file://` |",
        "|---|---|---|---|",
        *lines,
        "",
    ]


# --- peers ---------------------------------------------------------------------------------------------------------

class Pair:
    """Node b, which has no upstream, beside node a, its trusted peer; both wired by peers.toml only."""

    def __init__(self, work, name, data, more_peers="", **variables):
        self.work, self.name, self.more = work, name, more_peers
        self.ports = {"a": free_port(), "b": free_port()}
        self.data = {"a": data, "b": work / f"{name}-b"}
        self.keys = {side: self.key(side) for side in "ab"}
        self.a = self.start("a", f'trust = "none"', **variables)
        self.b = self.start("b", f'trust = "observe"', more_peers)

    def key(self, side):
        shown = subprocess.run([ATHENS, "key", "show", "--data", self.data[side]], check=True, capture_output=True, text=True).stdout
        return re.search(r"ed25519:[A-Za-z0-9+/=]+", shown).group(0)

    def start(self, side, trust, more="", **variables):
        other = "b" if side == "a" else "a"
        config = self.work / f"{self.name}-{side}.toml"
        config.write_text(
            f'[node]\nname = "{side}"\npeer_listen = "127.0.0.1:{self.ports[side]}"\n\n'
            f'[[peer]]\nname = "{other}"\nendpoint = "127.0.0.1:{self.ports[other]}"\nkey = "{self.keys[other]}"\n{trust}\n{more}')
        return Node(self.work, self.data[side], f"{self.name}-{side}", ATHENS_CONFIG=str(config), **variables)

    def empty_b(self):
        """Node b as it was before it held anything; its keys stay."""
        self.b.stop()
        for kept in self.data["b"].iterdir():
            if kept.name != "keys":
                shutil.rmtree(kept) if kept.is_dir() else kept.unlink()
        self.b = self.start("b", 'trust = "observe"', self.more)
        wait_for(self.b.url + "/healthz", self.b.process)

    def wait_connected(self):
        """A miss that only the peer can answer is answered."""
        for _ in range(200):
            try:
                get(self.b.url + "/example.com/bench/small/@v/v1.1.0.info", 5)
                return
            except OSError:
                time.sleep(0.05)
        sys.exit(f"{self.name}: node b does not reach node a")

    def stop(self):
        self.b.stop()
        self.a.stop()


def bench_peers(work, data, options):
    """Zips from node to node beside curl from nginx over HTTPS; memory of many at once; a whole program from a warm peer."""
    sizes = {"1 MB": 1 << 20, f"{options.megabytes} MB": options.megabytes << 20}
    cache = work / "peers-cache"
    count = 32
    write_module(cache, "example.com/bench/small", "v1.1.0", 64)
    for name, size in sizes.items():
        for i in range(count if size > 1 << 20 else options.rounds * 8):
            write_module(cache, f"example.com/bench/z{size}", f"v1.{i}.0", size)
    warm_up = 60
    for i in range(warm_up):
        write_module(cache, "example.com/bench/warm", f"v1.{i}.0", 1 << 20)
    data = work / "peers-a"
    hold(cache, data)
    shutil.rmtree(cache)
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "2", "-subj", "/CN=localhost",
         "-keyout", work / "tls.key", "-out", work / "tls.crt"], check=True, capture_output=True)
    nginx = Nginx(work, "tls", data / "download", "sendfile off; output_buffers 2 128k;", "/example.com/bench/small/@v/v1.1.0.info", tls=work)
    pair = Pair(work, "peers", data)
    pair.wait_connected()
    lines = []

    def curl(url):
        out = subprocess.run(["curl", "-sk", "-o", "/dev/null", "-w", "%{http_code} %{time_total}", url], check=True, capture_output=True, text=True).stdout.split()
        if out[0] != "200":
            sys.exit(f"{url}: {out[0]}")
        return float(out[1])

    def curl_kept(url):
        # Also the way that a fresh file's pages take into the system's memory, which costs some machines more than the transfer does.
        begin, path = time.monotonic(), work / "kept" / str(time.monotonic_ns())
        path.parent.mkdir(exist_ok=True)
        subprocess.run(["curl", "-sfk", "-o", path, url], check=True)
        with path.open("rb") as file:
            os.fsync(file.fileno())
        return time.monotonic() - begin

    # A node runs for months: its first requests, before the code is compiled to the end, are not what is measured.
    for i in range(warm_up):
        curl(f"{pair.b.url}/example.com/bench/warm/@v/v1.{i}.0.zip")
    for name, size in sizes.items():
        mine, theirs, kept = [], [], []
        for i in range(options.rounds if size > 1 << 20 else options.rounds * 8):
            path = f"/example.com/bench/z{size}/@v/v1.{i}.0.zip"
            mine.append(curl(pair.b.url + path))
            theirs.append(curl(nginx.tls + path))
            kept.append(curl_kept(nginx.tls + path))
        took = [statistics.median(row) * 1e3 for row in (mine, theirs, kept)]
        lines.append(
            f"| {name} | {took[0]:.1f} | {took[1]:.1f} | {took[2]:.1f} | {size / took[0] / 1e3:.0f} | {took[1] / took[0]:.2f} | {took[2] / took[0]:.2f} |")
        print(lines[-1], flush=True)
    pair.empty_b()
    pair.wait_connected()
    peak = {"a": 0, "b": 0}
    begin = time.monotonic()
    clients = [subprocess.Popen(
        ["curl", "-s", "-o", "/dev/null", "-w", "%{http_code}", f"{pair.b.url}/example.com/bench/z{sizes[name]}/@v/v1.{i}.0.zip"],
        stdout=subprocess.PIPE, text=True) for i in range(count)]
    while any(c.poll() is None for c in clients):
        peak = {"a": max(peak["a"], resident(pair.a.process.pid)), "b": max(peak["b"], resident(pair.b.process.pid))}
        time.sleep(0.05)
    seconds = time.monotonic() - begin
    answers = [c.stdout.read() for c in clients]
    if set(answers) != {"200"}:
        sys.exit(f"{count} at once: not all were answered 200, but {answers}; {last_words(pair.b)}")
    pair.stop()
    nginx.stop()
    memory = (
        f"{count} zips of {name} at once: {seconds:.1f} s, {count * sizes[name] / seconds / 1e6:.0f} MB/s; memory at most "
        f"{peak['a'] / 2**20:.0f} MB in the node that serves, {peak['b'] / 2**20:.0f} MB in the one that fetches.")
    print(memory, flush=True)
    warm = bench_warm_peer(work, options)
    return [
        "## Peers",
        "",
        "A miss on one node that its peer answers: gRPC over mutual TLS, every byte hashed, the zip checked by Go's rules, stored and synced to",
        "disk, then sent on. Beside it `curl` of the same file from nginx over HTTPS: once thrown away as it comes, once kept as a new file and synced, as the",
        "node does. Neither checks anything.",
        "",
        "| zip | node to node, ms | curl, ms | curl, kept, ms | node, MB/s | throughput to curl's | to curl's, kept |",
        "|---|---|---|---|---|---|---|",
        *lines,
        "",
        memory,
        "",
        *warm,
    ]


def bench_warm_peer(work, options):
    """`go mod download` of the real program through a node whose peer holds all, and through one that goes to the repositories."""
    program = Program(work)
    pair = Pair(work, "warm", work / "warm-a", **program.node_variables())
    program.go(pair.a.url, "mod", "download")
    seconds = {"a warm peer": [], "the repositories": []}
    for i in range(options.rounds):
        pair.empty_b()
        seconds["a warm peer"].append(program.go(pair.b.url, "mod", "download")[0])
        alone = Node(work, work / f"alone-{i}", f"alone-{i}", **program.node_variables())
        seconds["the repositories"].append(program.go(alone.url, "mod", "download")[0])
        alone.stop()
    pair.stop()
    program.stop()
    row = {name: statistics.median(values) for name, values in seconds.items()}
    text = f"`go mod download` of the tests' real program through a cold node: {row['a warm peer']:.2f} s from a warm peer, " \
        f"{row['the repositories']:.2f} s from the repositories (on the same disk, with no network between)."
    print(text, flush=True)
    return [text, ""]


class DelayingRelay:
    """Passes connections on to a node; what the node says arrives late by `delay` seconds. TLS and all in it stay as they are."""

    def __init__(self, port):
        self.target, self.delay = port, 0.0
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port = self.listener.getsockname()[1]
        threading.Thread(target=self.accept, daemon=True).start()

    def accept(self):
        while True:
            try:
                client, _ = self.listener.accept()
            except OSError:
                return
            try:
                server = socket.create_connection(("127.0.0.1", self.target))
            except OSError:
                client.close()
                continue
            late = queue.SimpleQueue()
            for work in (lambda c=client, s=server: self.copy(c, s), lambda s=server, q=late: self.take(s, q), lambda c=client, q=late: self.give(c, q)):
                threading.Thread(target=work, daemon=True).start()

    @staticmethod
    def copy(source, target):
        try:
            while data := source.recv(1 << 16):
                target.sendall(data)
            target.shutdown(socket.SHUT_WR)
        except OSError:
            target.close()

    def take(self, server, late):
        try:
            while data := server.recv(1 << 16):
                late.put((time.monotonic() + self.delay, data))
        except OSError:
            pass
        late.put((0, b""))

    @staticmethod
    def give(client, late):
        try:
            while (item := late.get())[1]:
                time.sleep(max(0, item[0] - time.monotonic()))
                client.sendall(item[1])
            client.shutdown(socket.SHUT_WR)
        except OSError:
            pass


class BlackHole:
    """An address where no SYN is answered: the queue of the listening socket is full, and nobody accepts."""

    def __init__(self):
        self.listener = socket.socket()
        self.listener.bind(("127.0.0.1", 0))
        self.listener.listen(0)
        self.port = self.listener.getsockname()[1]
        self.filling = []
        for _ in range(8):
            self.filling.append(socket.socket())
            self.filling[-1].settimeout(0.3)
            try:
                self.filling[-1].connect(("127.0.0.1", self.port))
            except TimeoutError:
                return
        sys.exit("this system answers connection attempts although the queue of the listening socket is full")


def key_of(data):
    shown = subprocess.run([ATHENS, "key", "show", "--data", data], check=True, capture_output=True, text=True).stdout
    return re.search(r"ed25519:[A-Za-z0-9+/=]+", shown).group(0)


def wait_for_line(log, words, limit=30):
    for _ in range(limit * 20):
        if words in log.read_text(errors="replace"):
            return
        time.sleep(0.05)
    sys.exit(f"{log}: '{words}' did not come in {limit} s")


def percentile(values, share):
    return sorted(values)[min(len(values) - 1, int(len(values) * share))] * 1e3


def bench_isolation(work, options):
    """Misses that a healthy peer answers, on a node that knows no other and on one that knows three bad ones too, in turn."""
    count = options.misses
    delays = (0.3, 2.0)  # the shorter first: for the longer one it is soon set aside, and would then not be asked at all
    cache = work / "isolation-cache"
    for i in range(count * len(delays) + 20):
        write_module(cache, f"example.com/bench/m{i}", "v1.0.0", 2048)
    sides = ("healthy", "slow", "alone", "beset")
    data = {side: work / f"isolation-{side}" for side in sides}
    for side in ("healthy", "slow"):
        hold(cache, data[side])
    keys = {side: key_of(data[side]) for side in sides}
    nobody = {name: key_of(work / f"isolation-{name}") for name in ("dead", "silent")}
    ports = {side: free_port() for side in sides}
    relay, silent, dead = DelayingRelay(ports["slow"]), BlackHole(), socket.socket()
    dead.bind(("127.0.0.1", 0))

    def entry(name, port, key, trust="observe"):
        return f'[[peer]]\nname = "{name}"\nendpoint = "127.0.0.1:{port}"\nkey = "{key}"\ntrust = "{trust}"\n'

    clients = "".join(entry(side, ports[side], keys[side], "none") for side in ("alone", "beset"))
    healthy = entry("healthy", ports["healthy"], keys["healthy"])
    bad = entry("slow", relay.port, keys["slow"]) + entry("dead", dead.getsockname()[1], nobody["dead"]) + entry("silent", silent.port, nobody["silent"])
    nodes = {}
    for side, peers in {"healthy": clients, "slow": clients, "alone": healthy, "beset": healthy + bad}.items():
        config = work / f"isolation-{side}.toml"
        config.write_text(f'[node]\nname = "{side}"\npeer_listen = "127.0.0.1:{ports[side]}"\n[pool]\npeer_rate = 10000\n{peers}')
        nodes[side] = Node(work, data[side], f"isolation-{side}", ATHENS_CONFIG=str(config))
    log = work / "isolation-beset.log"
    wait_for_line(work / "isolation-alone.log", "Peer healthy connected")
    for words in ("Peer healthy connected", "Peer slow connected", "Peer dead at", "Peer silent at"):
        wait_for_line(log, words)

    def miss(side, i):
        begin = time.monotonic()
        with urllib.request.urlopen(f"{nodes[side].url}/example.com/bench/m{i}/@v/v1.0.0.zip", timeout=30) as answer:
            answer.read()
            source = answer.headers["X-Athens-Source"]
        took = time.monotonic() - begin
        if source != "peer:healthy" and relay.delay > 0:
            sys.exit(f"{side}: m{i} came from {source}")
        return took

    for i in range(20):
        for side in ("alone", "beset"):
            miss(side, count * len(delays) + i)
    lines = []
    for round_, delay in enumerate(delays):
        relay.delay = delay
        took = {"alone": [], "beset": []}
        for i in range(round_ * count, (round_ + 1) * count):
            for side in ("alone", "beset") if i % 2 else ("beset", "alone"):
                took[side].append(miss(side, i))
        p50 = {side: percentile(values, 0.5) for side, values in took.items()}
        p99 = {side: percentile(values, 0.99) for side, values in took.items()}
        lines.append(
            f"| {delay} s | {p50['alone']:.1f} / {p50['beset']:.1f} | {p99['alone']:.1f} / {p99['beset']:.1f} | **{p99['beset'] - p99['alone']:+.1f}** | 100 "
            f"| {max(took['alone']) * 1e3:.0f} / {max(took['beset']) * 1e3:.0f} |")
        print(lines[-1], flush=True)
    for node in nodes.values():
        node.stop()
    for endpoint in (relay.listener, silent.listener, dead, *silent.filling):
        endpoint.close()
    return [
        "## Misses beside peers that cannot help",
        "",
        f"{count} distinct misses, one after the other, of 2 KB zips that one healthy peer holds: on a node that knows that peer alone, and in turn on",
        "one that also knows a dead peer (connection refused), a black-holed one (no SYN is answered) and a slow one (connected, holds everything,",
        "each answer late by the time in the first column). All four are trusted. Every miss was answered by the healthy peer.",
        "",
        "| slow peer's delay | p50 ms, without / with the three | p99 ms, without / with | difference | aim | longest ms, without / with |",
        "|---|---|---|---|---|---|",
        *lines,
        "",
    ]


def log_generator(work):
    folder = work / "log-generator"
    if not folder.exists():
        subprocess.run(
            ["dotnet", "build", ROOT / "tools/lib/log-generator", "-c", "Release", "-o", folder, "-nologo", "-v", "q"], check=True, stdout=subprocess.DEVNULL)
    return folder / "Athens.Federation.LogGenerator"


def bench_mirror(work, options):
    """A log that is mirrored from the beginning, and the time that a new record takes from one node to another."""
    generator = log_generator(work)
    lines = []
    for count in (100_000,) if options.quick else (100_000, 1_000_000):
        data = work / f"mirror-{count}-a"
        subprocess.run([generator, data, str(count)], check=True, stdout=subprocess.DEVNULL)
        seconds, size = [], 0
        for i in range(options.rounds):
            pair = Pair(work, f"mirror-{count}-{i}", data)
            log = work / f"mirror-{count}-{i}-b.log"
            wait_for_line(log, f"{count} records in", 300)
            took = re.search(rf"{count} records in (\d+):(\d+):([\d.]+)", log.read_text(errors="replace"))
            seconds.append(int(took[1]) * 3600 + int(took[2]) * 60 + float(took[3]))
            pair.stop()
            size = sum(file.stat().st_size for file in pair.data["b"].glob("mirrors.db*"))
        took = statistics.median(seconds)
        lines.append(f"| {count:,} | {took:.1f} | {count / took:,.0f} | 20,000 | {size / 2**20:.0f} | {size / count:.0f} | 400 |")
        print(lines[-1], flush=True)
        shutil.rmtree(data)
    delays = bench_record_delay(work, options)
    p50, p99 = (percentile(delays, share) for share in (0.5, 0.99))
    text = f"From a record's publication on one node until another serves it, {len(delays)} appends one after the other: p50 {p50:.0f} ms, p99 {p99:.0f} ms."
    print(text, flush=True)
    return [
        "## Mirrors and the log",
        "",
        "A node that meets a trusted peer's log for the first time: every leaf hashed, each batch checked against the signed head, every record read and",
        "indexed, all of it synced to disk. Records have some 510 bytes of text.",
        "",
        "| records | seconds | records/s | aim | database, MB | bytes a record | aim, at most |",
        "|---|---|---|---|---|---|---|",
        *lines,
        "",
        text,
        "",
    ]


LOOKUPS = """
local i = 0
request = function()
  i = (i + 7919) % {count}
  return wrk.format("GET", string.format("{database}/lookup/github.com/bench-%d/library-%d@v1.%d.%d", i % 5000, math.floor(i / 50), i % 50, i % 7))
end
"""


def bench_log(work, options):
    """The node's own log as a checksum database: how fast it grows and answers, how large a proof is, and a project's go.sum against it."""
    count = 10_000 if options.quick else 100_000
    rows = {"together": [], "one": []}
    for i in range(options.rounds):
        data = work / f"log-{i}"
        said = subprocess.run([log_generator(work), data, str(count), "200"], check=True, capture_output=True, text=True).stdout
        for name, key in (("together", "together"), ("one by one", "one")):
            number, seconds = re.search(rf"(\d+) {name} in ([\d.]+) s", said).groups()
            rows[key].append({"rps": int(number) / float(seconds)})
        if i + 1 < options.rounds:
            shutil.rmtree(data)
    node = Node(work, data, "log", ATHENS_UPSTREAM_SUMDB="off")
    database = "/sumdb/" + said.split("\n")[0]
    script = work / "lookups.lua"
    script.write_text(LOOKUPS.format(count=count, database=database))
    module = lambda i: f"github.com/bench-{i % 5000}/library-{i // 50}@v1.{i % 50}.{i % 7}"
    one, many = [], []
    for _ in range(options.rounds):
        one.append(wrk(node, f"{database}/lookup/{module(1)}", 16, options.seconds))
        many.append(wrk(node, "/", 16, options.seconds, script=script))
    proof = work / "proof"
    subprocess.run([ATHENS, "provenance", module(1), "--tlog-proof", proof, "--data", data], check=True, stdout=subprocess.DEVNULL)
    answer = get(f"{node.url}{database}/lookup/{module(1)}")
    sums = work / "go.sum"
    sums.write_text("".join(
        line + "\n" for i in range(500) for line in get(f"{node.url}{database}/lookup/{module(i)}").decode().split("\n")[1:3]))
    seconds = []
    for _ in range(options.rounds + 1):
        begin = time.monotonic()
        said = subprocess.run([ATHENS, "verify", sums, "--data", data], check=True, capture_output=True, text=True).stdout
        seconds.append(time.monotonic() - begin)
        if "1000 proven" not in said:
            sys.exit(f"athens verify did not prove all: {said}")
    node.stop()
    lines = [
        f"| records appended a second, as many waiting as there is room for, durable | {middle(rows['together'], 'rps'):,.0f} |",
        f"| records appended a second, one after the other, each durable before the next | {middle(rows['one'], 'rps'):,.0f} |",
        f"| look-ups a second, 16 connections, one module version | {middle(one, 'rps'):,.0f} (p99 {middle(one, 'p99'):.1f} ms) |",
        f"| look-ups a second, 16 connections, all of them in turn | {middle(many, 'rps'):,.0f} (p99 {middle(many, 'p99'):.1f} ms) |",
        f"| bytes of the answer to a look-up | {len(answer):,} |",
        f"| bytes of a proof for offline use (`--tlog-proof`), record and signed head within | {proof.stat().st_size:,} |",
        f"| seconds for `athens verify` of a go.sum of 1,000 lines, the command's start within | {statistics.median(seconds[1:]):.2f} |",
    ]
    print("\n".join(lines), flush=True)
    return [
        f"The node's own log with {count:,} records:",
        "",
        "| | |",
        "|---|---|",
        *lines,
        "",
    ]


def bench_record_delay(work, options):
    """Seconds from the answer to a look-up at a log's own node to the tile that has its record at a node that mirrors it."""
    count = 40 if options.quick else 200
    cache = work / "delay-cache"
    for i in range(count + 1):
        write_module(cache, f"example.com/bench/d{i}", "v1.0.0", 512)
        folder = cache / "cache/download" / f"example.com/bench/d{i}" / "@v"
        (folder / "list").write_text("v1.0.0\n")
    pair = Pair(
        work, "delay", work / "delay-a", ATHENS_UPSTREAM_GOPROXY=f"file://{cache}/cache/download", ATHENS_UPSTREAM_SUMDB="off")
    shown = subprocess.run([ATHENS, "key", "gosumdb", "--data", pair.data["a"]], check=True, capture_output=True, text=True).stdout
    database = f"/sumdb/{shown.split('+')[0]}"
    delays = []
    for i in range(count + 1):
        number = int(get(f"{pair.a.url}{database}/lookup/example.com/bench/d{i}@v1.0.0").split(b"\n")[0])
        begin = time.monotonic()
        tile, width = number >> 8, (number & 255) + 1
        path = f"{database}/tile/8/0/{tile:03d}" + (f".p/{width}" if width < 256 else "")
        while True:
            try:
                get(pair.b.url + path)
                break
            except urllib.error.HTTPError:
                if time.monotonic() - begin > 30:
                    sys.exit(f"{path} did not come to node b; {last_words(pair.b)}")
                time.sleep(0.005)
        delays.append(time.monotonic() - begin)
    pair.stop()
    return delays[1:]  # the first waits for the nodes to connect


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--quick", action="store_true")
    parser.add_argument("--only", choices=["http", "hang", "collector", "clone", "client", "peers", "isolation", "mirror", "log"])
    options = parser.parse_args()
    options.rounds, options.seconds, options.warmup, options.megabytes = (1, 1, 1, 20) if options.quick else (3, 2, 3, 100)
    options.misses = 50 if options.quick else 600
    work = pathlib.Path(tempfile.mkdtemp(prefix="athens-bench-"))
    try:
        data = prepare(work)
        parts = {
            "http": lambda: bench_http(work, data, options),
            "hang": lambda: bench_hang(work, data, options),
            "collector": lambda: bench_collector(work, data, options),
            "clone": lambda: bench_clone(work, options),
            "client": lambda: bench_client(work, data, options),
            "peers": lambda: bench_peers(work, data, options),
            "isolation": lambda: bench_isolation(work, options),
            "mirror": lambda: bench_mirror(work, options),
            "log": lambda: bench_log(work, options),
        }
        text = [
            "# Benchmarks",
            "",
            "Written by `tools/bench`; run it for the figures of your machine. Both sides of each comparison ran in turn, in one run.",
            "",
            f"Machine: {os.cpu_count()} cores, {platform.system()} {platform.release().split('-')[0]}; "
            + subprocess.run(["nginx", "-v"], capture_output=True, text=True).stderr.strip().replace("nginx version: ", "")
            + "; " + subprocess.run(["go", "version"], capture_output=True, text=True).stdout.strip().removeprefix("go version "),
            "",
        ]
        for name, part in parts.items():
            if options.only in (None, name):
                text += part()
        report = "\n".join(text)
        print(report)
        if not options.quick and options.only is None:
            (ROOT / "docs").mkdir(exist_ok=True)
            (ROOT / "docs/benchmarks.md").write_text(report)
    finally:
        end_all()
        shutil.rmtree(work, ignore_errors=True)


if __name__ == "__main__":
    main()
