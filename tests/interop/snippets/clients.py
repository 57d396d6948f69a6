"""The client snippets: each as a function that runs it and gives what it printed, a token when all is well."""

from programs import WORK, go, java, node, python, ran, shell, wrapped


def curl(issuer, snippet):
    return shell(issuer, snippet)


def go_oauth2(issuer, snippet):
    return ran(issuer, [go(f"oauth2-{issuer.name}", wrapped("go/go-oauth2.go", snippet))])


def spring(issuer, snippet):
    file = WORK / f"client-{issuer.name}.yaml"
    file.write_text(snippet)
    return ran(issuer, [*java(), "snippets.Client", f"--spring.config.location=file:{file}", "--logging.level.root=warn",
                        "--spring.main.banner-mode=off"])


def openid_client(issuer, snippet):
    return node(issuer, "openid-client", f"{snippet}\nconsole.log(access_token)\n")


def authlib(issuer, snippet):
    return python(issuer, f'{snippet}\nprint(token["access_token"])\n')


RUN = {"curl": curl, "go-oauth2": go_oauth2, "spring-client": spring, "openid-client": openid_client,
       "authlib": authlib, "signet-token": shell}
