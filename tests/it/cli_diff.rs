//! `signet diff`: its sides, its renderings, its exit codes.

use crate::support::assertion::{ClientKey, client_list_with};
use crate::support::{Output, SHORT_LIST, Workspace};

/// A repository with `SHORT_LIST` as `clients/all.yaml` in its first commit.
fn repository() -> Workspace {
    let workspace = Workspace::empty();
    workspace.write("clients/all.yaml", SHORT_LIST);
    workspace.write("clients/.draft.yaml", "not: read");
    workspace.write("clients/README.md", "not read either");
    git(&workspace, "init --quiet --initial-branch=main");
    commit(&workspace);
    workspace
}

fn git(workspace: &Workspace, arguments: &str) {
    let mut command = std::process::Command::new("git");
    command.current_dir(workspace.path()).args(arguments.split(' '));
    command.env("GIT_CONFIG_GLOBAL", "/dev/null").env("GIT_CONFIG_SYSTEM", "/dev/null");
    let output = command.output().expect("git");
    assert!(output.status.success(), "git {arguments}: {}", String::from_utf8_lossy(&output.stderr));
}

fn commit(workspace: &Workspace) {
    git(workspace, "add --all");
    git(workspace, "-c user.name=Test -c user.email=test@example.com commit --quiet --message=change");
}

fn changed() -> String {
    SHORT_LIST
        .replace("scope: invoices:read invoices:write", "scope: invoices:read")
        .replace("client_id: both", "client_id: pair")
        .replace("scopes: [plain:use]", "scopes: [plain:use]\n    typ: JWT")
}

const CHANGED_LINES: &str = "\
plain-name  ~ typ of tokens is JWT (was at+jwt) (2 clients); breaks verifiers that accept at+jwt only (RFC 9068)
both        - removed: loses invoices:read on https://invoices.example.com, plain:use on plain-name
pair        + added: gains invoices:read on https://invoices.example.com, plain:use on plain-name
pair        + client_secret 1, never expires
pair        + grant type client_credentials
worker      - invoices:write on https://invoices.example.com
";

fn assert_changed(output: &Output) {
    assert_eq!((output.code, output.stdout.as_str()), (0, CHANGED_LINES), "{}", output.stderr);
    assert_eq!(output.stderr, "1 client added, 1 removed, 1 changed; 1 resource changed; 1 breaking\n");
}

#[test]
fn revisions_directories_files_and_standard_input_compare_alike() {
    let workspace = repository();
    workspace.write("old.yaml", SHORT_LIST);
    workspace.write("clients/all.yaml", &changed());
    for old in
        ["main:clients", "HEAD:clients/", "HEAD:./clients", "main:clients/all.yaml", "old.yaml", "./old.yaml"]
    {
        for new in ["clients", "clients/all.yaml"] {
            assert_changed(&workspace.run(&format!("diff {old} {new}")));
        }
    }
    commit(&workspace);
    assert_changed(&workspace.run("diff main~1:clients main:clients"));
    let list = std::fs::read_to_string(workspace.path().join("clients/all.yaml")).expect("a list");
    assert_changed(&workspace.run_with("diff old.yaml -", &[], &list));
    // From below the root of the repository, a revision counts from the root, `./` from here.
    let mut command = workspace.command();
    command.current_dir(workspace.path().join("clients"));
    let output = command.args(["diff", "main~1:clients", "HEAD:./all.yaml"]).output().expect("signet");
    assert_eq!(String::from_utf8_lossy(&output.stdout), CHANGED_LINES);
}

#[test]
fn a_list_that_moved_and_was_written_otherwise_is_an_empty_difference() {
    let workspace = repository();
    let (resources, clients) = SHORT_LIST.split_once("clients:\n").expect("two sections");
    workspace.write("clients/z/resources.yml", &format!("# moved\n{resources}"));
    workspace.write("clients/all.yaml", &format!("clients:\n{clients}"));
    for format in ["human", "json", "markdown"] {
        let output = workspace.run(&format!("diff main:clients clients --exit-code --format {format}"));
        assert_eq!(output.code, 0, "{}", output.all());
        match format {
            "human" => {
                assert_eq!((output.stdout.as_str(), output.stderr.as_str()), ("", "no change in access\n"))
            }
            "json" => assert_eq!(output.json()["clients"], serde_json::json!([])),
            _ => assert!(output.stdout.starts_with("### No change in access\n"), "{}", output.stdout),
        }
    }
}

#[test]
fn exit_code_1_stands_for_differences_only_where_it_was_asked_for() {
    let workspace = Workspace::empty();
    workspace.write("a.yaml", SHORT_LIST);
    workspace.write("b.yaml", &changed());
    for (arguments, code) in
        [("a.yaml b.yaml", 0), ("--exit-code a.yaml b.yaml", 1), ("a.yaml a.yaml --exit-code", 0)]
    {
        assert_eq!(workspace.run(&format!("diff {arguments}")).code, code, "{arguments}");
    }
    let by_variable = workspace.run_with("diff a.yaml b.yaml", &[("SIGNET_EXIT_CODE", "true")], "");
    assert_eq!(by_variable.code, 1);
}

#[test]
fn the_json_is_versioned_and_says_each_change_with_both_sides() {
    let workspace = Workspace::empty();
    workspace.write("a.yaml", SHORT_LIST);
    workspace.write("b.yaml", &changed());
    let json = workspace.run("diff a.yaml b.yaml --format json").json();
    assert_eq!(json["version"], 1);
    assert_eq!(json["counts"]["breaking"], 1);
    insta::assert_json_snapshot!(json["clients"][2], @r#"
    {
      "changes": [
        {
          "audience": "https://invoices.example.com",
          "new": null,
          "old": {
            "by_default": true
          },
          "scope": "invoices:write",
          "what": "scope"
        }
      ],
      "client_id": "worker",
      "lines": [
        {
          "breaks": null,
          "sign": "-",
          "text": "invoices:write on https://invoices.example.com"
        }
      ],
      "place": {
        "new": {
          "file": "b.yaml",
          "line": 9
        },
        "old": {
          "file": "a.yaml",
          "line": 8
        }
      }
    }
    "#);
    assert_eq!(
        json["resources"][0]["changes"][0],
        serde_json::json!({"what": "typ", "old": "at+jwt", "new": "JWT"})
    );
}

#[test]
fn the_comment_for_a_pull_request_has_counts_groups_and_no_markup_of_the_lists() {
    let workspace = Workspace::empty();
    let fences = "scopes: [invoices:read, invoices:write, \"```<b>@all|[x](y)\"]";
    let hostile = |text: &str| text.replace("scopes: [invoices:read, invoices:write]", fences);
    workspace.write("a.yaml", SHORT_LIST);
    workspace.write("b.yaml", &hostile(&changed()));
    let comment = workspace.run("diff a.yaml b.yaml --format markdown").stdout;
    let masked = regex_free(&comment);
    insta::assert_snapshot!(masked, @r"
    ### Access: 1 client added, 1 removed, 1 changed; 2 resources changed; 1 breaking

    ```text
    from a.yaml (revision ============)
    to   b.yaml (revision ============)
    ```

    **Breaks**

    ```diff
    ~ plain-name: typ of tokens is JWT (was at+jwt) (2 clients); breaks verifiers that accept at+jwt only (RFC 9068)
    ```

    **Resources**

    ````diff
    + https://invoices.example.com: defines ```<b>@all|[x](y)
    ````

    **Clients**

    ```diff
    - both: removed: loses invoices:read on https://invoices.example.com, plain:use on plain-name
    + pair: added: gains invoices:read on https://invoices.example.com, plain:use on plain-name
    + pair: client_secret 1, never expires
    + pair: grant type client_credentials
    - worker: invoices:write on https://invoices.example.com
    ```
    ");
}

/// Revisions depend on the files' bytes and stand here as `=`.
fn regex_free(text: &str) -> String {
    let mut masked = String::new();
    let mut rest = text;
    while let Some((before, after)) = rest.split_once("(revision ") {
        masked.push_str(before);
        masked.push_str("(revision ============");
        rest = after.get(12..).expect("12 digits");
    }
    masked + rest
}

#[test]
fn a_long_comment_is_folded_and_stays_below_what_github_takes() {
    let workspace = Workspace::empty();
    let mut clients = String::new();
    for number in 0..3000 {
        clients.push_str(&format!("  - {{client_id: client-{number}, credentials: [], scope: plain:use}}\n"));
    }
    workspace.write("a.yaml", SHORT_LIST);
    workspace.write("b.yaml", &format!("{SHORT_LIST}{clients}"));
    let comment = workspace.run("diff a.yaml b.yaml --format markdown").stdout;
    assert!(comment.len() < 65_536, "{} bytes", comment.len());
    assert!(comment.starts_with("### Access: 3000 clients added\n"), "{comment:.200}");
    assert!(comment.contains("<details><summary><b>Clients</b>: 6000 lines</summary>\n\n```diff\n"));
    assert!(comment.contains(" more: run signet diff\n```\n\n</details>\n"));
}

#[test]
fn neither_secrets_nor_their_digests_are_printed() {
    let workspace = Workspace::empty();
    workspace.write("a.yaml", SHORT_LIST);
    workspace.write("b.yaml", &SHORT_LIST.replace("worker-secret", "rotated-secret"));
    let both = [workspace.path().join("a.yaml"), workspace.path().join("b.yaml")];
    let digests: Vec<String> = both
        .iter()
        .flat_map(|path| {
            let text = std::fs::read_to_string(path).expect("a list");
            text.split("sha256:").skip(1).map(|rest| rest[..43].to_owned()).collect::<Vec<_>>()
        })
        .collect();
    assert_eq!(digests.len(), 4);
    for format in ["human", "json", "markdown"] {
        let output = workspace.run(&format!("diff a.yaml b.yaml --format {format}")).all();
        assert!(output.contains("client_secret"), "{output}");
        for digest in &digests {
            assert!(!output.contains(&digest[..8]), "{output}");
        }
    }
}

#[test]
fn a_side_with_errors_is_named_and_shown_as_check_shows_it() {
    let workspace = repository();
    workspace.write("clients/all.yaml", "clients: [{client_id: x, scope: nothing}]");
    let output = workspace.run("diff main:clients clients");
    assert_eq!((output.code, output.stdout.as_str()), (3, ""));
    assert!(output.stderr.starts_with("NEW, clients, is no valid client list:\n\n"), "{}", output.stderr);
    assert!(output.stderr.contains("clients/all.yaml:1:33"), "{}", output.stderr);
    commit(&workspace);
    let output = workspace.run("diff HEAD:clients clients --format json");
    assert_eq!(output.code, 3);
    let json = output.json();
    let files: std::collections::BTreeSet<_> =
        json["findings"].as_array().expect("findings").iter().filter_map(|f| f["file"].as_str()).collect();
    assert_eq!(files.into_iter().collect::<Vec<_>>(), ["HEAD:clients/all.yaml", "clients/all.yaml"]);
    let missing = workspace.run("diff main:clients nowhere");
    assert_eq!(missing.code, 3);
    assert!(missing.stderr.contains("the client list nowhere does not exist"), "{}", missing.stderr);
}

#[test]
fn what_git_does_not_have_is_a_plain_error_with_exit_code_4() {
    let workspace = repository();
    std::os::unix::fs::symlink("all.yaml", workspace.path().join("clients/link.yaml")).expect("a link");
    commit(&workspace);
    for (side, reason) in [
        ("nothing:clients", "error: git knows no revision `nothing` here\n"),
        ("main:nowhere", "error: there is no `nowhere` in the git revision `main`\n"),
        (":clients", "error: `:clients` names no revision; write it like `main:clients`\n"),
        (
            "main:clients",
            "error: `main:clients/link.yaml` is a link, which is not followed in a git revision\n",
        ),
        ("-- --output=x:clients", "error: `--output=x` is no git revision\n"),
    ] {
        let output = workspace.run(&format!("diff {side} clients/all.yaml"));
        assert_eq!((output.code, output.stderr.as_str()), (4, reason), "{side}: {}", output.stdout);
    }
    assert!(!workspace.path().join("x:clients").exists());
    let no_git = workspace.run_with("diff main:clients clients", &[("PATH", "")], "");
    assert_eq!(no_git.code, 4);
    assert!(no_git.stderr.contains("needs the git program"), "{}", no_git.stderr);
    let outside = Workspace::ready();
    let environment = [("GIT_CEILING_DIRECTORIES", "/")];
    let no_repository = outside.run_with("diff main:clients.yaml clients.yaml", &environment, "");
    assert_eq!(no_repository.code, 4);
    assert!(no_repository.stderr.contains("not a git repository"), "{}", no_repository.stderr);
}

/// Paths that mean something to a shell or to git are names like any other.
#[test]
fn names_in_a_revision_are_never_words_of_a_command() {
    let workspace = repository();
    for name in ["--exec=touch x.yaml", "$(touch y).yaml", "a b;touch z.yaml", "é.yml"] {
        workspace.write(&format!("odd/{name}"), "clients: []");
    }
    commit(&workspace);
    let output = workspace.run("diff main:odd odd");
    assert_eq!((output.code, output.stderr.as_str()), (0, "no change in access\n"));
    let mut command = workspace.command();
    let output = command.args(["diff", "main:odd/--exec=touch x.yaml", "odd"]).output().expect("signet");
    assert!(output.status.success());
    for made in ["x", "y", "z", "x.yaml"] {
        assert!(!workspace.path().join(made).exists());
    }
}

/// Key files are part of the list, so they come from the same revision.
#[test]
fn key_files_of_a_git_revision_are_read_from_that_revision() {
    let workspace = Workspace::empty();
    let (old, new) = (ClientKey::ed25519(), ClientKey::ed25519());
    workspace.write("clients/team/all.yaml", &client_list_with("signer", "jwks_file: keys/a.pem", ""));
    workspace.write("clients/team/keys/a.pem", &old.pem());
    git(&workspace, "init --quiet --initial-branch=main");
    commit(&workspace);
    workspace.write("clients/team/keys/a.pem", &new.pem());
    for (before, after) in
        [("main:clients", "clients"), ("main:clients/team/all.yaml", "clients/team/all.yaml")]
    {
        let diff = workspace.run(&format!("diff {before} {after}"));
        assert_eq!(diff.stdout.matches("key EdDSA").count(), 2, "{}", diff.all());
    }
    std::fs::remove_file(workspace.path().join("clients/team/keys/a.pem")).expect("removed");
    std::os::unix::fs::symlink("b.pem", workspace.path().join("clients/team/keys/a.pem")).expect("a link");
    workspace.write("clients/team/keys/b.pem", &new.pem());
    commit(&workspace);
    let link = workspace.run("diff main:clients/team/all.yaml main:clients/team/all.yaml");
    assert_eq!(link.code, 3);
    assert!(link.stderr.contains("is a link or a submodule"), "{}", link.stderr);
    std::fs::remove_file(workspace.path().join("clients/team/keys/a.pem")).expect("removed");
    commit(&workspace);
    let gone = workspace.run("diff main:clients clients --format json");
    assert_eq!(gone.code, 3);
    assert!(gone.stdout.contains("does not exist in `main:clients`"), "{}", gone.stdout);
}
