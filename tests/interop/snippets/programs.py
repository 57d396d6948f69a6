"""The least program around each snippet, built and run with what its reader would have. Nothing of a snippet's text
is changed; it is put where the template says SNIPPET.
"""

import os
import pathlib
import re
import subprocess
import sys

HERE = pathlib.Path(__file__).parent
WORK = pathlib.Path(os.environ["SNIPPETS_WORK"])
SIGNET = pathlib.Path(os.environ["SNIPPETS_SIGNET"])
JAVA = pathlib.Path(os.environ["SNIPPETS_JAVA"])
CERTIFICATES = WORK / "certificates"
DOCUMENT = HERE.parents[2] / "docs" / "src" / "verify.md"
# What compiles may take minutes on its first run; nothing else may.
BUILD_SECONDS_MAX, RUN_SECONDS_MAX = 420, 150


def trusting(issuer):
    """The environment of a program, with the authority that `issuer` has its certificate from."""
    environment = {**os.environ, "PATH": f"{SIGNET.parent}:{os.environ['PATH']}", "GOTOOLCHAIN": "local",
                   "GOFLAGS": "-mod=readonly -buildvcs=false"}
    if issuer.certificate:
        for name in ("SSL_CERT_FILE", "NODE_EXTRA_CA_CERTS", "REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE"):
            environment[name] = str(issuer.certificate)
    return environment


def ran(issuer, command, text="", cwd=None):
    """What it printed, and the end of it for a program that failed."""
    done = subprocess.run(command, input=text, capture_output=True, text=True, timeout=RUN_SECONDS_MAX, cwd=cwd,
                          env=trusting(issuer))
    return done.stdout if done.returncode == 0 else f"{done.stdout}\nended with {done.returncode}\n{done.stderr[-4000:]}"


def build(command, cwd):
    done = subprocess.run(command, capture_output=True, text=True, timeout=BUILD_SECONDS_MAX, cwd=cwd,
                          env={**os.environ, "GOTOOLCHAIN": "local", "GOFLAGS": "-mod=readonly -buildvcs=false"})
    assert done.returncode == 0, done.stderr[-8000:]


def wrapped(template, snippet):
    text = (HERE / template).read_text()
    assert text.count("// SNIPPET") == 1
    return text.replace("// SNIPPET", snippet)


def shell(issuer, line, text=""):
    return ran(issuer, ["sh", "-euc", line], text)


def python(issuer, code, text=""):
    return ran(issuer, [sys.executable, "-c", code], text)


def node(issuer, name, code, text=""):
    file = WORK / "node" / f"{name}-{issuer.name}.mjs"
    file.write_text(code)
    return ran(issuer, ["node", file], text)


def go(name, code):
    """The path of the program that `code` becomes; it may be built once more for another text."""
    directory = WORK / "go" / name
    directory.mkdir(parents=True, exist_ok=True)
    for file in ("go.mod", "go.sum"):
        (directory / file).write_text((HERE / "go" / file).read_text())
    (directory / "main.go").write_text(code)
    build(["go", "build", "-o", directory / "program", "."], directory)
    return directory / "program"


def rust(modules):
    """One program with a module for each text: it links once."""
    directory = WORK / "rust"
    (directory / "src").mkdir(parents=True)
    for file in ("Cargo.toml", "Cargo.lock"):
        (directory / file).write_text((HERE / "rust" / file).read_text())
    for name, code in modules.items():
        (directory / "src" / f"{name}.rs").write_text(code)
    cases = "".join(f'"{name}" => {name}::verify(&token, &keys).map(|claims| claims.client_id),\n' for name in modules)
    main = (HERE / "rust" / "main.rs").read_text()
    main = main.replace("// MODULES", "".join(f"mod {name};\n" for name in modules)).replace("// CASES", cases)
    (directory / "src" / "main.rs").write_text(main)
    target = pathlib.Path(os.environ["SNIPPETS_RUST_TARGET"])
    build(["cargo", "build", "--quiet", "--locked", "--target-dir", target], directory)
    return target / "debug" / "signet-snippets"


def java():
    """What starts a class: `[*java(), "snippets.Client", …]`."""
    classes = WORK / "java"
    if not classes.exists():
        build(["javac", "-cp", f"{JAVA}/lib/*", "-d", classes, HERE / "java" / "Client.java", HERE / "java" / "Server.java"],
              WORK)
        build(["keytool", "-importcert", "-noprompt", "-alias", "tests", "-file", CERTIFICATES / "ca.pem", "-keystore",
               WORK / "trusted.p12", "-storetype", "PKCS12", "-storepass", "snippets"], WORK)
    # The compiler of long-running programs would only cost time.
    return ["java", "-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC", f"-Djavax.net.ssl.trustStore={WORK}/trusted.p12",
            "-Djavax.net.ssl.trustStorePassword=snippets", "-cp", f"{classes}:{JAVA}/lib/*"]


def documented(language, issuer):
    """A program of docs/src/verify.md, with the two names of `issuer`."""
    [code] = re.findall(rf"^```{language}\n(.*?)^```$", DOCUMENT.read_text(encoding="utf-8"), re.M | re.S)
    assert "https://auth.example.com" in code and "https://invoices.example.com" in code
    return code.replace("https://auth.example.com", issuer.url).replace("https://invoices.example.com", issuer.audience)
