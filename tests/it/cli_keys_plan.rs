//! `keys plan` and its simulation, the warnings of `check` about leads, and the picture.

use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;
use std::sync::OnceLock;
use std::time::{Duration, SystemTime};

use signet::clock::{Clock as _, SystemClock};
use signet::keys::verifiers::{VERIFIERS, duration};

use crate::support::{Workspace, new_key_pem};

const SUPPOSED: &str = "keys plan --simulate --start 2026-01-01T00:00:00Z";

/// The name of an RS256 key that becomes active so many seconds from now.
fn key_name(ahead: i64) -> String {
    let at = SystemClock.now().plus(ahead).to_string();
    format!("{}.rs256.pem", at.replace(['-', ':'], ""))
}

/// A signing key, and a next one whose file was written so long ago.
fn with_next_key(ahead: i64, written_ago: u64) -> (Workspace, String) {
    let workspace = Workspace::ready();
    let name = key_name(ahead);
    let path = workspace.path().join("keys").join(&name);
    static NEXT: OnceLock<String> = OnceLock::new();
    std::fs::write(&path, NEXT.get_or_init(new_key_pem)).expect("a key file");
    std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o600)).expect("permissions");
    let file = std::fs::File::options().append(true).open(path).expect("a key file");
    file.set_modified(SystemTime::now() - Duration::from_secs(written_ago)).expect("a time");
    (workspace, name)
}

#[test]
fn c13_the_plan_tells_every_change_and_marks_now() {
    let (workspace, _) = with_next_key(7_200, 60);
    let plan = workspace.run("keys plan");
    assert_eq!(plan.code, 0, "{}", plan.all());
    let words: Vec<String> = plan
        .stdout
        .lines()
        .map(|line| line.split_whitespace().skip(1).collect::<Vec<_>>().join(" "))
        .map(|line| line.split(" RS256 ").last().unwrap_or_default().to_owned())
        .collect();
    let kinds: Vec<&str> =
        words.iter().map(|words| words.rsplit_once(' ').map_or("", |(what, _)| what)).collect();
    assert_eq!(kinds, ["signs", "is published", "now", "retires", "signs", "is gone"], "{}", plan.stdout);
    let json = workspace.run("keys plan --format json").json();
    assert_eq!((&json["version"], &json["verifiers"]), (&1.into(), &serde_json::Value::Null));
    assert_eq!(json["keys"][0]["state"], "signing");
    assert_eq!(json["keys"][1]["state"], "next");
    assert_eq!(json["keys"][0]["retires"], json["keys"][1]["signs"]);
}

#[test]
fn a_plan_without_files_is_played_with_any_lead() {
    let workspace = Workspace::empty();
    let safe =
        workspace.run(&format!("{SUPPOSED} --lead 24h --verifier envoy,trino,istio,jose,aspnet,poll=12h"));
    assert_eq!(safe.code, 0, "{}", safe.all());
    assert_eq!(safe.stdout.matches(" nothing ").count(), 6, "{}", safe.stdout);
    let short = workspace.run(&format!("{SUPPOSED} --lead 5m --verifier envoy,istio,jose --format json"));
    assert_eq!(short.code, 1, "a named verifier refuses");
    let istio = &short.json()["verifiers"][1];
    insta::assert_snapshot!(istio["refuses"][0], @r#"{"from":"2026-04-01T00:00:00Z","key":"key 2","seconds":900,"until":"2026-04-01T00:15:00Z"}"#);
    assert_eq!((&istio["poll_seconds"], &istio["evidence"]), (&1_200.into(), &"documentation".into()));
    assert_eq!(short.json()["verifiers"][0]["refuses"][3]["seconds"], 300);
    assert_eq!(short.json()["verifiers"][2]["refuses"], serde_json::json!([]));
    let unnamed = workspace.run(&format!("{SUPPOSED} --lead 5m"));
    assert_eq!(unnamed.code, 0, "without --verifier it is information");
    assert!(
        unnamed.stdout.contains("Cloudflare API Shield        until it is uploaded"),
        "{}",
        unnamed.stdout
    );
}

#[test]
fn a_verifier_is_played_with_figures_of_its_own() {
    let workspace = Workspace::empty();
    let seconds = |verifier: &str| {
        let output =
            workspace.run(&format!("{SUPPOSED} --lead 1m --for 100d --verifier {verifier} --format json"));
        output.json()["verifiers"][0]["refuses"][0]["seconds"].as_i64()
    };
    assert_eq!((seconds("envoy"), seconds("envoy:poll=5m")), (Some(540), Some(240)));
    assert_eq!((seconds("jose"), seconds("jose:cooldown=5m")), (None, Some(240)));
    assert_eq!(seconds("jose:poll=2m:cooldown=5m"), Some(60), "it polls before it may ask");
    assert_eq!((seconds("aspnet"), seconds("aspnet:cooldown=0s")), (Some(241), Some(1)));
    assert_eq!((seconds("jwx:poll=30m"), seconds("go-oidc:poll=1h")), (Some(1_740), None));
}

/// The keys change 90 days after the start, which is a whole number of ten-minute polls.
#[test]
fn a_phase_is_played_as_it_is_given() {
    let workspace = Workspace::empty();
    let seconds = |phase: &str| {
        let arguments =
            format!("{SUPPOSED} --lead 2m --verifier envoy --phase {phase} --for 100d --format json");
        workspace.run(&arguments).json()["verifiers"][0]["refuses"][0]["seconds"].as_i64()
    };
    assert_eq!(seconds("0s"), None, "it polls as the key begins to sign");
    assert_eq!(seconds("9m"), None, "it polls a minute before");
    assert_eq!(seconds("8m"), Some(480), "it polls as the key appears, and misses it");
    assert_eq!(seconds("1m"), Some(60), "it polls a minute after");
}

#[test]
fn names_durations_and_times_that_make_no_sense_are_usage_errors() {
    let workspace = Workspace::empty();
    for (arguments, hint) in [
        ("keys plan --verifier nobody", "known are envoy"),
        ("keys plan --verifier poll=often", "write poll=30s"),
        ("keys plan --verifier poll=0s", "write poll=30s"),
        ("keys plan --verifier poll=5m:cooldown=2m", "`:cooldown=2m`"),
        ("keys plan --verifier envoy:poll=0s", "write envoy:poll=5m"),
        ("keys plan --verifier envoy:", "write envoy:poll=5m"),
        ("keys plan --verifier envoy:cooldown=2m", "nothing for an unknown kid"),
        ("keys plan --verifier cloudflare:poll=5m", "by hand"),
        ("keys plan --verifier jose:cooldown=2m:poll=20m", "`:poll=20m`"),
        ("keys plan --verifier jose:poll=20m:poll=30m", "`:poll=30m`"),
        ("keys plan --lead -5m", "'-5'"),
        ("keys plan --lead=-5m", "write whole numbers"),
        ("keys plan --lead 1h --every 0s", "enlarge --every"),
        ("keys plan --lead 1h --every 1m --for 10d", "at most 1000 keys"),
        ("keys plan --every 30d", "--lead"),
        ("keys plan --lead 1h --start yesterday", "or a time with offset"),
        ("keys plan --phase 1m", "--simulate"),
    ] {
        let output = workspace.run(arguments);
        assert_eq!((output.code, output.stdout.as_str()), (2, ""), "{arguments}: {}", output.all());
        assert!(output.stderr.contains(hint), "{arguments}: {}", output.stderr);
    }
}

#[test]
fn check_warns_when_a_named_verifier_polls_less_often_than_the_lead() {
    let (workspace, name) = with_next_key(3_600, 5);
    assert!(!workspace.run("check").stderr.contains("SG025"), "nobody was named");
    let warned = workspace.run("check --verifier envoy,istio,aspnet,poll=2h");
    assert_eq!(warned.code, 0, "a warning: {}", warned.all());
    assert_eq!(warned.stderr.matches("warning[SG0250]").count(), 1, "{}", warned.stderr);
    assert!(
        warned.stderr.contains(&name) && warned.stderr.contains("your poller (59 min"),
        "{}",
        warned.stderr
    );
    assert!(!warned.stderr.contains("Envoy") && !warned.stderr.contains("ASP.NET"), "{}", warned.stderr);
    let by_variable = workspace.run_with("check", &[("SIGNET_VERIFIER", "poll=2h")], "");
    assert!(by_variable.stderr.contains("SG0250"));
    let in_time = workspace.run("check --verifier poll=30m");
    assert!(!in_time.stderr.contains("SG0250"), "{}", in_time.stderr);
}

#[test]
fn check_counts_the_lead_from_the_time_of_the_file() {
    let (workspace, _) = with_next_key(3_600, 7_200);
    assert!(!workspace.run("check --verifier poll=2h").stderr.contains("SG0250"), "three hours ahead");
    assert!(workspace.run("check --verifier poll=4h").stderr.contains("SG0250"));
}

#[test]
fn check_reminds_of_keys_that_are_uploaded_by_hand() {
    let (workspace, _) = with_next_key(86_400, 5);
    let output = workspace.run("check --verifier cloudflare");
    assert!(
        output.stderr.contains("warning[SG0251]") && !output.stderr.contains("SG0250"),
        "{}",
        output.stderr
    );
    let steady = Workspace::ready().run("check --verifier cloudflare,apisix");
    assert!(!steady.stderr.contains("SG025"), "nothing is next: {}", steady.stderr);
}

/// What the documentation shows is what the command makes.
#[test]
fn the_pictures_of_the_documentation_are_up_to_date() {
    let workspace = Workspace::empty();
    for (file, arguments) in [
        ("key-rotation.svg", "--lead 24h --verifier envoy,trino,istio,jose,aspnet"),
        (
            "key-at-once.svg",
            "--lead 0s --verifier envoy,trino,istio,jwx,jose,pyjwt,spring,keyfunc,aspnet,kafka",
        ),
    ] {
        let command = format!("{SUPPOSED} {arguments} --svg -");
        let made = workspace.run(&command).stdout;
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/src").join(file);
        assert!(
            std::fs::read_to_string(path).is_ok_and(|kept| kept == made),
            "signet {command} > docs/src/{file}"
        );
        let page = std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/src/caching.md"));
        let page =
            page.expect("the page").replace("\\\n", "").split_whitespace().collect::<Vec<_>>().join(" ");
        assert!(
            page.contains(&format!("signet {SUPPOSED} {arguments} --svg {file}")),
            "{file} has no command"
        );
    }
}

/// One row for each model, with what the simulator makes of it.
#[test]
fn the_table_of_the_documentation_is_the_table_of_models() {
    let page = std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/src/caching.md"));
    let page = page.expect("the page");
    let rows: Vec<&str> = page.lines().filter(|line| line.starts_with("| `")).collect();
    let wanted: Vec<String> = VERIFIERS
        .iter()
        .map(|verifier| {
            let refuses = match verifier.refuses_seconds(0) {
                Some(0) => "no time".to_owned(),
                Some(seconds) => duration(seconds),
                None => "until uploaded".to_owned(),
            };
            format!(
                "| `{}` | {} | {} | {refuses} | {} | {} |",
                verifier.name,
                verifier.title,
                verifier.describe(),
                verifier.keeps_withdrawn(),
                verifier.evidence.name()
            )
        })
        .collect();
    assert!(rows == wanted, "docs/src/caching.md must hold:\n{}", wanted.join("\n"));
}

#[test]
fn the_picture_says_in_words_what_it_shows_and_runs_nothing() {
    let (workspace, _) = with_next_key(3_600, 5);
    let output = workspace.run("keys plan --simulate --verifier poll=2h,envoy --svg plan.svg");
    assert_eq!(output.code, 1, "{}", output.all());
    let svg = std::fs::read_to_string(workspace.path().join("plan.svg")).expect("a picture");
    for part in [
        "role=\"img\"",
        "<title id=",
        "<desc id=",
        "your poller refuses tokens from",
        "Envoy jwt_authn refuses nothing",
        "prefers-color-scheme:dark",
        ">now</text>",
    ] {
        assert!(svg.contains(part), "{part}");
    }
    for never in ["<script", "href", "http:", "https:", "@import", " onload", " onclick"] {
        let own = svg.replace("xmlns=\"http://www.w3.org/2000/svg\"", "");
        assert!(!own.contains(never), "{never}");
    }
    assert_eq!(open_elements(&svg), Vec::<String>::new(), "every element is closed");
    assert_eq!(open_elements("<svg><g/><text>a</svg>"), ["svg", "text"]);
}

/// The elements of an XML text that are not closed, or not in order.
fn open_elements(text: &str) -> Vec<String> {
    let mut open = Vec::new();
    for tag in text.split('<').skip(1) {
        let tag = tag.split('>').next().expect("an end of the tag");
        let name = tag.trim_start_matches('/').split([' ', '/']).next().expect("a name").to_owned();
        match (tag.starts_with('/'), tag.ends_with('/')) {
            (true, _) if open.last() == Some(&name) => {
                open.pop();
            }
            (true, _) => return open,
            (false, true) => {}
            (false, false) => open.push(name),
        }
    }
    open
}
