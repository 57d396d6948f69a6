"""Asserts what is promised about the image: python container-rules.py CONTAINERFILE."""

import io
import json
import sys

from dockerfile_parse import DockerfileParser

path = sys.argv[1]
with open(path, "rb") as stream:
    parser = DockerfileParser(fileobj=io.BytesIO(stream.read()))

stages = []
for entry in parser.structure:
    name, value = entry["instruction"], entry["value"]
    if name == "FROM":
        stages.append([])
    if stages and name != "COMMENT":
        stages[-1].append((name, value))
final = stages[-1] if stages else []
problems = []


def values(name):
    return [value for instruction, value in final if instruction == name]


def rule(holds, sentence):
    if not holds:
        problems.append(sentence)


def words(text):
    """The words of an exec form; an empty list for a shell form."""
    try:
        parsed = json.loads(text)
    except ValueError:
        return []
    return parsed if isinstance(parsed, list) else []


rule(len(stages) >= 2, "the build happens in a stage of its own")
rule(values("FROM") == ["scratch"], "the final stage starts from nothing: no shell, no package manager")
users = values("USER")
rule(len(users) == 1 and users[0].split(":")[0].isdigit() and int(users[0].split(":")[0]) != 0,
     "USER is one number and not 0")
rule([words(value) for value in values("ENTRYPOINT")] == [["/usr/bin/signet"]], "ENTRYPOINT is the program, exec form")
rule([words(value) for value in values("CMD")] == [["serve"]], 'CMD is ["serve"], exec form')
rule(values("EXPOSE") == ["8080"], "only the public listener is exposed")
rule(sorted(sum((words(value) for value in values("VOLUME")), [])) == ["/etc/signet/clients", "/etc/signet/keys"],
     "the client list and the keys are volumes")
rule(not values("RUN"), "nothing runs in the final stage")
rule(not values("HEALTHCHECK"), "health is the orchestrator's question")
copies = values("COPY")
rule(bool(copies) and all(value.startswith("--from=build") for value in copies),
     "the final stage copies from the build stage only")
rule(not any(name == "ADD" for stage in stages for name, _ in stage), "ADD is not used")
for label in ("title", "description", "licenses", "version", "revision"):
    rule(f"org.opencontainers.image.{label}" in parser.labels, f"the label {label} is there")
for stage in stages:
    for name, value in stage:
        if name == "FROM":
            image = value.split()[0]
            rule(not image.endswith(":latest") and (image == "scratch" or ":" in image), f"{image} names a version")
    rule(not any(word in value.upper() for name, value in stage if name in ("ENV", "ARG")
                 for word in ("SECRET", "PASSWORD", "PRIVATE")), "no secret in ENV or ARG")

for problem in problems:
    print(f"{path}: broken rule: {problem}", file=sys.stderr)
if problems:
    sys.exit(1)
print("rules: all hold")
