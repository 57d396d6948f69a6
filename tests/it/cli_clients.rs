//! `signet clients list|show|new`: what the list says, and one more entry with every other byte
//! in its place.

use std::os::unix::fs::PermissionsExt as _;

use proptest::prelude::*;
use signet::client_auth::stored_secret;
use signet::clock::UnixTime;
use signet::config::{NewClient, NewCredential, Options, append_client, load_changed};
use signet::diagnostic::{Source, human};

use crate::support::{NOW, SHORT_LIST, Workspace, client_lists, layouts};

const HEAD: &str = "\
resources:
  - audience: https://invoices.example.com
    scopes: [invoices:read, invoices:write]
";

#[test]
fn a_new_client_goes_to_the_end_of_the_list_and_every_other_byte_stays() {
    let workspace = Workspace::empty();
    let before = "# head\nclients:   # all\n- client_id: a\n  scope: invoices:read\n  # of a\n\n- client_id: b\n  scope: [ invoices:read ]   # odd\n  # of b\n# of the resources\nresources:\n- audience: x\n  scopes: [invoices:read]\n...\n";
    workspace.write("clients.yaml", before);
    let path = workspace.path().join("clients.yaml");
    std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o640)).expect("a mode");
    let output = workspace.run("clients new c --scope invoices:read --expires 2099-01-01");
    assert_eq!(output.code, 0, "{}", output.stderr);
    let secret = output.stdout.trim_end();
    assert!(secret.starts_with("sgs_") && output.stdout.lines().count() == 1, "{}", output.stdout);
    assert!(
        !output.stderr.contains(secret) && output.stderr.contains("clients.yaml:11"),
        "{}",
        output.stderr
    );
    let added = format!(
        "\n- client_id: c\n  credentials:\n    - client_secret: {}\n      expires: 2099-01-01\n  scope: invoices:read\n",
        stored_secret(secret)
    );
    let (above, below) = before.split_at(before.find("# of the resources").expect("a comment"));
    assert_eq!(workspace.read("clients.yaml"), format!("{above}{added}{below}"));
    assert_eq!(std::fs::metadata(&path).expect("a file").permissions().mode() & 0o777, 0o640);
}

#[test]
fn a_new_client_finds_its_place_in_lists_of_every_form() {
    let entry = |indent: &str| {
        format!(
            "{indent}- client_id: z\n{indent}  credentials:\n{indent}    - client_secret: sha256:D\n{indent}  scope: s\n"
        )
    };
    let client = NewClient {
        client_id: "z".into(),
        credentials: vec![NewCredential::secret("sha256:D", None)],
        scope: vec!["s".into()],
        ..NewClient::default()
    };
    let append = |text: &str| append_client(&Source::new("a.yaml", text), &client);
    for (before, after) in [
        ("clients: []\n", format!("clients:\n{}", entry("  "))),
        ("clients: [ ] # none\n...\n", format!("clients: # none\n{}...\n", entry("  "))),
        ("resources: []", format!("resources: []\nclients:\n{}", entry("  "))),
        ("resources: []\n# foot\n...\n", format!("resources: []\nclients:\n{}# foot\n...\n", entry("  "))),
        ("clients:\n    - client_id: a", format!("clients:\n    - client_id: a\n{}", entry("    "))),
        (
            "'clients':\n- note: |+\n    x\n\nresources: []\n",
            format!("'clients':\n- note: |+\n    x\n\n{}resources: []\n", entry("")),
        ),
        (
            "clients:\r\n- client_id: a\r\nresources: []\r\n",
            format!("clients:\n- client_id: a\n{}resources: []\n", entry("")).replace('\n', "\r\n"),
        ),
        (
            "clients:\n- {client_id: a,\n   scope: s}\n",
            format!("clients:\n- {{client_id: a,\n   scope: s}}\n{}", entry("")),
        ),
    ] {
        assert_eq!(append(before).as_deref(), Ok(after.as_str()), "{before:?}");
    }
    for refused in ["clients: [{client_id: a}]\n", "{clients: []}\n", "clients: [ # why\n ]\n", ""] {
        assert!(append(refused).is_err(), "{refused:?}");
    }
}

#[test]
fn text_that_could_be_read_as_something_else_is_quoted() {
    let workspace = Workspace::empty();
    workspace.write("clients.yaml", HEAD);
    let mut command = workspace.command();
    command.args(["clients", "new", "123", "--scope", "invoices:read", "--name", "a: \"b\" # c"]);
    assert!(command.output().expect("it runs").status.success());
    let text = workspace.read("clients.yaml");
    assert!(
        text.contains("client_id: \"123\"\n") && text.contains("client_name: \"a: \\\"b\\\" # c\"\n"),
        "{text}"
    );
    let shown = workspace.run("clients show 123 --format json").json();
    assert_eq!(shown["client_name"], "a: \"b\" # c");
}

#[test]
fn in_a_directory_a_client_gets_a_file_of_its_own_or_the_one_that_is_named() {
    let workspace = Workspace::empty();
    workspace.write("clients/_resources.yaml", &format!("{HEAD}...\n"));
    let new = |arguments: &str| {
        workspace.run(&format!("clients new {arguments} --clients clients --scope invoices:read"))
    };
    assert_eq!(new("a").code, 0);
    assert_eq!(new("b --file team/b.yaml --format json").json()["file"], "clients/team/b.yaml");
    assert_eq!(new("c --file clients/a.yaml").code, 0);
    let both = workspace.read("clients/a.yaml");
    assert!(both.contains("client_id: a\n") && both.contains("client_id: c\n") && both.ends_with("\n...\n"));
    assert_eq!(workspace.run("fmt --check clients").code, 0);
    for file in ["a.txt", "../a.yaml", ".hidden.yaml", "x/.y/a.yaml", "/tmp/a.yaml"] {
        let refused = new(&format!("d --file {file}"));
        assert_eq!((refused.code, refused.stdout.as_str()), (2, ""), "{file}");
    }
    let list = workspace.run("clients list --clients clients --format json").json();
    let places: Vec<_> =
        list["clients"].as_array().expect("clients").iter().map(|one| one["file"].as_str()).collect();
    assert_eq!(places, [Some("clients/a.yaml"), Some("clients/team/b.yaml"), Some("clients/a.yaml")]);
}

#[test]
fn a_client_that_the_list_would_refuse_is_not_written_and_no_secret_is_shown() {
    let workspace = Workspace::empty();
    workspace.write("clients.yaml", SHORT_LIST);
    let before = workspace.read("clients.yaml");
    for (arguments, code, hint) in [
        ("worker --scope plain:use", 1, "SG0118"),
        ("new --scope invoice:read", 1, "did you mean `invoices:read`"),
        ("new --audience plain-nam", 1, "did you mean `plain-name`"),
        ("new --scope plain:use --grant password", 1, "SG0128"),
        ("new", 1, "SG0123"),
        ("new --scope plain:use --expires 2020-01-01", 2, "in the past"),
        ("new --scope plain:use --expires 0d", 2, "--expires"),
        ("new --scope plain:use --expires soon", 2, "`90d`"),
        ("n:w --scope plain:use", 2, "A-Z a-z"),
        ("new --scope plain:use --file other.yaml", 2, "--file"),
        ("new --scope plain:use --clients nowhere.yaml", 3, "SG0101"),
    ] {
        let refused = workspace.run(&format!("clients new {arguments}"));
        assert_eq!((refused.code, refused.stdout.as_str()), (code, ""), "{arguments}: {}", refused.stderr);
        assert!(refused.stderr.contains(hint), "{arguments}: {}", refused.stderr);
    }
    assert_eq!(workspace.read("clients.yaml"), before);
    workspace.write("clients.yaml", "clients:\n  - client_id: a\n    scope: unknown\n");
    assert_eq!(workspace.run("clients new b --scope unknown").code, 3);
    assert_eq!(workspace.run("clients list").code, 3);
}

#[test]
fn a_link_gets_no_new_client() {
    let workspace = Workspace::empty();
    workspace.write("real.yaml", SHORT_LIST);
    std::os::unix::fs::symlink("real.yaml", workspace.path().join("clients.yaml")).expect("a link");
    let refused = workspace.run("clients new a --scope plain:use");
    assert_eq!((refused.code, refused.stdout.as_str()), (1, ""), "{}", refused.stderr);
    assert!(refused.stderr.contains("SG0610"), "{}", refused.stderr);
    assert!(!workspace.read("real.yaml").contains("client_id: a\n"));
}

#[test]
fn the_list_is_filtered_by_what_people_ask_for() {
    let workspace = Workspace::empty();
    workspace.write(
        "clients.yaml",
        &SHORT_LIST.replace(
            "worker-secret-of-the-tests}",
            "worker-secret-of-the-tests}\n        expires: 2099-01-01",
        ),
    );
    insta::assert_snapshot!(workspace.run("clients list").stdout, @r"
    client  scopes  audiences                        credentials               place            name
    both    2       https://invoices.example.com +1  1 live                    clients.yaml:13
    worker  2       https://invoices.example.com     1 live, until 2099-01-01  clients.yaml:8
    ");
    let ids = |arguments: &str| -> Vec<String> {
        let json = workspace.run(&format!("clients list --format json {arguments}")).json();
        json["clients"]
            .as_array()
            .expect("clients")
            .iter()
            .map(|one| one["client_id"].as_str().expect("an id").to_owned())
            .collect()
    };
    assert_eq!(ids(""), ["both", "worker"]);
    assert_eq!(ids("--audience plain-name"), ["both"]);
    assert_eq!(ids("--scope invoices:write"), ["worker"]);
    assert_eq!(ids("--scope invoices:write --audience plain-name"), [""; 0]);
    assert_eq!(ids("--expiring-within 36500d"), ["worker"]);
    assert_eq!(ids("--expiring-within 1d"), [""; 0]);
    assert_eq!(ids("--disabled"), [""; 0]);
    assert_eq!(workspace.run("clients list --expiring-within soon").code, 2);
}

#[test]
fn show_tells_everything_but_the_digest_and_what_a_request_without_scope_gets() {
    let workspace = Workspace::empty();
    workspace.write("clients.yaml", SHORT_LIST);
    let output = workspace.run("clients show worker");
    insta::assert_snapshot!(output.stdout, @r"
    client          worker
    name            -
    place           clients.yaml:8
    state           enabled
    contacts        -
    grant types     client_credentials
    authentication  any method of its credentials
    claims          -
    without scope   https://invoices.example.com with invoices:read invoices:write
    audience        https://invoices.example.com
      scopes        invoices:read invoices:write
      token         at+jwt, RS256, lives as long as the server's setting says
    credential 1    client_secret, live, line 10
    ");
    let digest = stored_secret("worker-secret-of-the-tests");
    assert!(!workspace.run("clients show worker --format json").all().contains(&digest[7..15]));
    let several = workspace.run("clients show both --format json").json();
    assert!(
        several["without_scope"]["error"].as_str().is_some_and(|error| error.starts_with("invalid_target"))
    );
    let unknown = workspace.run("clients show wroker");
    assert_eq!((unknown.code, unknown.stdout.as_str()), (1, ""));
    assert!(unknown.stderr.contains("did you mean `worker`?"), "{}", unknown.stderr);
}

#[test]
fn the_nearest_id_is_looked_for_among_all_clients_of_a_large_list() {
    let workspace = Workspace::empty();
    let others: String =
        (0..3_000).map(|n| format!("  - {{client_id: other-{n:04}, scope: s, disabled: true}}\n")).collect();
    let head = "resources:\n  - {audience: a, scopes: [s]}\nclients:\n";
    let last = "  - {client_id: zz-billing-worker, scope: s, disabled: true}\n";
    workspace.write("clients.yaml", &format!("{head}{others}{last}"));
    for command in ["clients show zz-biling-worker", "why --client zz-biling-worker"] {
        let output = workspace.run(command);
        assert_eq!(output.code, 1, "{command}");
        assert!(output.all().to_lowercase().contains("did you mean `zz-billing-worker`"), "{}", output.all());
    }
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(60) })]

    /// Whatever the layout: one client more, and no byte less.
    #[test]
    fn a_client_can_be_added_to_every_drawn_list(list in client_lists(), layout in layouts()) {
        let client = NewClient {
            client_id: "one-more".into(),
            credentials: vec![NewCredential::secret(&stored_secret("a secret of the tests"), None)],
            audience: list.resources.iter().take(1).map(|resource| resource.audience.clone()).collect(),
            ..NewClient::default()
        };
        prop_assume!(!client.audience.is_empty());
        let directory = tempfile::tempdir().expect("a directory");
        list.write(directory.path(), &layout);
        for (name, text) in list.render(&layout) {
            let changed = append_client(&Source::new(name.as_str(), text.as_str()), &client).expect("a place");
            let same_start = text.bytes().zip(changed.bytes()).take_while(|(a, b)| a == b).count();
            let same_end = text.bytes().rev().zip(changed.bytes().rev()).take_while(|(a, b)| a == b).count();
            prop_assert!(same_start + same_end >= text.len() || text.contains("clients: []"), "{text}\n{changed}");
            let path = directory.path().join(name);
            let now = UnixTime::from_seconds(NOW);
            let loaded = load_changed(directory.path(), (&path, &changed), now, &Options::default());
            let registry = loaded.registry;
            let Some(registry) = registry else { panic!("{}\n{changed}", human(&loaded.findings, false)) };
            prop_assert_eq!(registry.client_count(), list.clients.len() + 1);
            prop_assert!(registry.find("one-more").is_some());
        }
    }
}
