//! The directory of signing keys: what is refused and in which words, which key signs when, and
//! how new files are made.

use std::collections::BTreeSet;
use std::fs;
use std::os::unix::fs::{PermissionsExt, symlink};

use rstest::rstest;
use signet::diagnostic::catalogue;
use signet::jose::Algorithm;
use signet::keys::generate::{Activation, GenerateError, new_file};
use signet::keys::{LoadOptions, State, directory, load, public_key_pem};

use crate::key_fixtures::{
    DAY, KeyDirectory, NOW, RsaIntegers, another, generated, options, pem, rfc7515_a2, rfc7520_3_4,
};

/// Active an hour before `NOW`.
const ACTIVE: &str = "20261122T180000Z.rs256.pem";
/// Active a day after `NOW`.
const AHEAD: &str = "20261123T190000Z.rs256.pem";
/// Active a month before `NOW`.
const OLD: &str = "20261022T180000Z.rs256.pem";

fn key(number: usize) -> String {
    another(number).0.pem().to_string()
}

fn public(number: usize) -> String {
    public_key_pem(another(number).1.public_key())
}

#[test]
fn one_good_key_signs_and_says_nothing() {
    let keys = KeyDirectory::new().with(ACTIVE, key(0)).with("README.md", "words").with(".gitignore", "*");
    let (keyring, findings) = keys.load(NOW);
    assert!(findings.is_empty(), "{findings:?}");
    let keyring = keyring.expect("a keyring");
    let signer = keyring.signing(Algorithm::Rs256, NOW).expect("a signing key");
    assert_eq!(signer.kid(), another(0).1.kid());
    assert!(keyring.signing(Algorithm::Es256, NOW).is_none());
    assert_eq!(keyring.algorithms(), [Algorithm::Rs256]);
}

#[rstest]
#[case::pkcs8(pem("PRIVATE KEY", &rfc7520_3_4().pkcs8()))]
#[case::pkcs1(pem("RSA PRIVATE KEY", &rfc7520_3_4().pkcs1()))]
#[case::windows_lines(pem("PRIVATE KEY", &rfc7520_3_4().pkcs8()).replace('\n', "\r\n"))]
#[case::text_around(format!("Key of billing\n{}done\n", pem("PRIVATE KEY", &rfc7520_3_4().pkcs8())))]
fn every_form_that_is_promised_is_read(#[case] content: String) {
    assert_eq!(KeyDirectory::new().with(ACTIVE, content).codes(NOW), (vec![], true));
}

#[test]
fn every_backend_can_be_chosen_and_others_are_named() {
    let keys = KeyDirectory::new().with(ACTIVE, key(0));
    for (name, loads) in
        [(None, true), (Some("ring"), true), (Some("aws-lc-rs"), true), (Some("other"), false)]
    {
        let (keyring, findings) = load(keys.path(), NOW, &LoadOptions { backend: name, ..options() });
        assert_eq!(keyring.is_some(), loads, "{name:?}");
        assert_eq!(findings.iter().any(|finding| finding.code.id == "SG0219"), !loads);
    }
}

#[test]
fn no_directory_and_no_key_name_the_command_that_helps() {
    let keys = KeyDirectory::new();
    assert_eq!(keys.codes(NOW), (vec!["SG0202"], false));
    let (keyring, findings) = load(&keys.file("none"), NOW, &options());
    let finding = findings.iter().next().expect("a finding");
    assert!(keyring.is_none());
    assert_eq!(finding.code.id, "SG0201");
    assert!(finding.help.as_deref().is_some_and(|help| help.starts_with("signet keys new")));
}

/// Refused contents under a good name.
#[rstest]
#[case::c15_an_encrypted_pem_is_refused_by_name("SG0207", pem("ENCRYPTED PRIVATE KEY", b"secret-content"))]
#[case::c15_a_key_of_1024_bits("SG0213", pem("PRIVATE KEY", &RsaIntegers::of_size(1024).pkcs8()))]
#[case::c15_a_key_of_1536_bits("SG0213", pem("RSA PRIVATE KEY", &RsaIntegers::of_size(1536).pkcs1()))]
#[case::a_key_of_8192_bits("SG0214", pem("PRIVATE KEY", &RsaIntegers::of_size(8192).pkcs8()))]
#[case::no_pem("SG0208", "secret-content".to_owned())]
#[case::cut_off("SG0208", key(0)[..800].to_owned())]
#[case::a_certificate("SG0209", pem("CERTIFICATE", b"secret-content"))]
#[case::key_and_certificate("SG0209", key(0) + &pem("CERTIFICATE", b"secret-content"))]
#[case::several_keys("SG0210", key(0) + &key(1))]
#[case::a_public_key("SG0211", public(0))]
#[case::c15_a_key_of_another_type("SG0212", pem("EC PRIVATE KEY", b"secret-content"))]
#[case::numbers_that_are_no_key("SG0215", pem("PRIVATE KEY", &RsaIntegers::of_size(2048).pkcs8()))]
#[case::too_large("SG0203", " ".repeat(40_000))]
fn c15_contents_that_are_refused_name_the_file_and_not_the_content(
    #[case] code: &str,
    #[case] content: String,
) {
    let keys = KeyDirectory::new().with(ACTIVE, key(2)).with(AHEAD, &content);
    let (keyring, findings) = keys.load(NOW);
    assert!(keyring.is_none(), "one bad key stops the load; the keys in force stay");
    let found: Vec<_> = findings.iter().collect();
    assert_eq!(found.iter().map(|finding| finding.code.id).collect::<Vec<_>>(), [code]);
    let text = format!("{} {:?} {:?}", found[0].message, found[0].help, found[0].label);
    assert!(text.contains(AHEAD), "{text}");
    assert!(found[0].help.is_some() && found[0].file.as_deref().is_some_and(|file| file.ends_with(AHEAD)));
    for line in content.lines().filter(|line| line.len() > 12 && !line.starts_with("-----")) {
        assert!(!text.contains(line), "{text}");
    }
    assert!(!text.contains("secret-content"));
}

#[test]
fn c16_a_key_with_damaged_numbers_is_refused_with_every_backend() {
    let mut damaged = rfc7515_a2();
    damaged.dp[20] ^= 4;
    let keys = KeyDirectory::new().with(ACTIVE, pem("PRIVATE KEY", &damaged.pkcs8()));
    for name in ["aws-lc-rs", "ring"] {
        let (keyring, findings) = load(keys.path(), NOW, &LoadOptions { backend: Some(name), ..options() });
        let codes: Vec<_> = findings.iter().map(|finding| finding.code.id).collect();
        assert!(keyring.is_none());
        assert!(codes == ["SG0215"] || codes == ["SG0216"], "{name}: {codes:?}");
    }
}

#[rstest]
#[case::a_private_key_in_a_public_file("SG0211", key(0))]
#[case::a_small_one("SG0213", pem("PUBLIC KEY", &[0x30, 0x1d, 0x30, 0x0d, 6, 9, 0x2a, 0x86, 0x48, 0x86, 0xf7,
    0x0d, 1, 1, 1, 5, 0, 3, 0x0c, 0, 0x30, 9, 2, 2, 0x10, 1, 2, 3, 1, 0, 1]))]
#[case::broken("SG0215", pem("PUBLIC KEY", b"content"))]
#[case::pkcs1("SG0208", pem("RSA PUBLIC KEY", b"content"))]
fn public_halves_are_checked_too(#[case] code: &str, #[case] content: String) {
    let keys = KeyDirectory::new().with(ACTIVE, key(2)).with(&OLD.replace(".pem", ".pub.pem"), content);
    assert_eq!(keys.codes(NOW), (vec![code], false));
}

#[rstest]
#[case("key.pem", "SG0204")]
#[case("20261123T190000Z.RS256.pem", "SG0204")]
#[case("20261399T000000Z.rs256.pem", "SG0205")]
#[case("20260230T000000Z.rs256.pem", "SG0205")]
fn misnamed_pem_files_are_refused(#[case] name: &str, #[case] code: &str) {
    let keys = KeyDirectory::new().with(ACTIVE, key(0)).with(name, key(1));
    assert_eq!(keys.codes(NOW), (vec![code], false));
}

#[test]
fn other_files_are_a_warning_and_other_directories_nothing() {
    let keys = KeyDirectory::new().with(ACTIVE, key(0)).with("20261122T180000Z.rs256.pem.bak", key(1));
    fs::create_dir(keys.file("archive")).expect("made");
    assert_eq!(keys.codes(NOW), (vec!["SG0225"], true));
}

#[rstest]
#[case(0o600, true)]
#[case(0o400, true)]
#[case(0o644, false)]
#[case(0o640, false)]
#[case(0o604, false)]
#[case(0o660, false)]
fn c15_a_private_key_that_others_can_read_is_refused(#[case] mode: u32, #[case] loads: bool) {
    let keys = KeyDirectory::new().with_mode(ACTIVE, key(0), mode);
    let (keyring, findings) = keys.load(NOW);
    assert_eq!(keyring.is_some(), loads);
    for finding in findings.iter() {
        assert_eq!(finding.code.id, "SG0206");
        assert_eq!(finding.help, Some(format!("chmod 600 {}", keys.file(ACTIVE).display())));
    }
    let lax = LoadOptions { require_private_permissions: false, ..options() };
    assert!(load(keys.path(), NOW, &lax).0.is_some());
}

#[test]
fn a_public_half_may_be_readable_by_all_but_not_writable() {
    let old = OLD.replace(".pem", ".pub.pem");
    let with = |mode| KeyDirectory::new().with(ACTIVE, key(0)).with_mode(&old, public(1), mode).codes(NOW);
    assert_eq!(with(0o644), (vec![], true));
    assert_eq!(with(0o646), (vec!["SG0206"], false));
}

#[test]
fn what_is_no_regular_file_is_refused_without_waiting_for_it() {
    let keys = KeyDirectory::new().with(ACTIVE, key(0));
    fs::create_dir(keys.file(AHEAD)).expect("made");
    symlink("nowhere", keys.file("20261124T190000Z.rs256.pem")).expect("linked");
    symlink("/dev/zero", keys.file("20261125T190000Z.rs256.pem")).expect("linked");
    assert_eq!(keys.codes(NOW), (vec!["SG0203"; 3], false));
}

#[test]
fn all_findings_come_at_once() {
    let keys = KeyDirectory::new()
        .with("key.pem", "")
        .with("20261399T000000Z.rs256.pem", "")
        .with_mode(ACTIVE, key(0), 0o644)
        .with(AHEAD, "nothing");
    assert_eq!(keys.codes(NOW), (vec!["SG0204", "SG0205", "SG0206", "SG0208"], false));
}

#[test]
fn the_links_of_a_kubernetes_secret_volume_work() {
    let keys = KeyDirectory::new();
    let version = |name: &str, number: usize| {
        fs::create_dir(keys.file(name)).expect("made");
        let path = keys.file(name).join(ACTIVE);
        fs::write(&path, key(number)).expect("written");
        fs::set_permissions(&path, fs::Permissions::from_mode(0o400)).expect("permissions");
    };
    version("..2026_11_22_18_00_00.1", 0);
    symlink("..2026_11_22_18_00_00.1", keys.file("..data")).expect("linked");
    symlink(format!("..data/{ACTIVE}"), keys.file(ACTIVE)).expect("linked");
    assert_eq!(keys.codes(NOW), (vec![], true));
    let before = directory::digest(keys.path()).expect("read");
    version("..2026_11_22_19_00_00.2", 1);
    assert_eq!(directory::digest(keys.path()).expect("read"), before, "not switched yet");
    symlink("..2026_11_22_19_00_00.2", keys.file("..data_tmp")).expect("linked");
    fs::rename(keys.file("..data_tmp"), keys.file("..data")).expect("switched");
    assert_ne!(directory::digest(keys.path()).expect("read"), before);
    let keyring = keys.load(NOW).0.expect("a keyring");
    assert_eq!(keyring.published(NOW)[0].jwk, &another(1).1);
}

#[test]
fn the_digest_changes_with_names_contents_and_permissions_and_with_nothing_else() {
    let keys = KeyDirectory::new().with(ACTIVE, key(0));
    let digest = || directory::digest(keys.path()).expect("read");
    let first = digest();
    assert_eq!(keys.load(NOW).0.map(|keyring| *keyring.digest()), Some(first));
    fs::write(keys.file(".new-0123"), "half a key").expect("written");
    fs::write(keys.file(ACTIVE), key(0)).expect("written again");
    assert_eq!(digest(), first);
    fs::set_permissions(keys.file(ACTIVE), fs::Permissions::from_mode(0o400)).expect("permissions");
    let second = digest();
    fs::rename(keys.file(ACTIVE), keys.file(AHEAD)).expect("renamed");
    let third = digest();
    fs::remove_file(keys.file(AHEAD)).expect("removed");
    assert_eq!(BTreeSet::from([first, second, third, digest()]).len(), 4);
}

#[test]
fn c17_the_same_key_under_two_names_is_refused() {
    assert_eq!(
        KeyDirectory::new().with(ACTIVE, key(0)).with(AHEAD, key(0)).codes(NOW),
        (vec!["SG0218"], false)
    );
    let other_half = OLD.replace(".pem", ".pub.pem");
    let keys = KeyDirectory::new().with(ACTIVE, key(0)).with(&other_half, public(0));
    assert_eq!(keys.codes(NOW), (vec!["SG0218"], false));
}

#[test]
fn two_different_keys_for_one_instant_are_refused_and_a_pair_is_one_key() {
    let twin = ACTIVE.replace(".pem", ".pub.pem");
    let with = |number| KeyDirectory::new().with(ACTIVE, key(0)).with(&twin, public(number));
    assert_eq!(with(1).codes(NOW), (vec!["SG0217"], false));
    assert_eq!(with(0).codes(NOW), (vec![], true));
    let keyring = with(0).load(NOW).0.expect("a keyring");
    assert_eq!(keyring.published(NOW).len(), 1);
    assert!(keyring.signing(Algorithm::Rs256, NOW).is_some());
}

#[test]
fn a_retired_private_half_may_become_a_public_one_but_not_the_one_that_signs() {
    let half = |name: &str| name.replace(".pem", ".pub.pem");
    let yesterday = "20261122T120000Z.rs256.pub.pem";
    let retired = KeyDirectory::new().with(ACTIVE, key(0)).with(yesterday, public(1));
    assert_eq!(retired.codes(NOW), (vec![], true));
    let keyring = retired.load(NOW).0.expect("a keyring");
    assert_eq!(keyring.published(NOW)[1].state, State::Retiring);
    let signing = KeyDirectory::new().with(&half(ACTIVE), public(0));
    assert_eq!(signing.codes(NOW), (vec!["SG0221"], false));
    let next = KeyDirectory::new().with(ACTIVE, key(0)).with(&half(AHEAD), public(1));
    assert_eq!(next.codes(NOW), (vec!["SG0222"], true));
}

#[test]
fn c13_the_next_key_takes_over_by_the_clock_without_a_reload() {
    let keys = KeyDirectory::new().with(ACTIVE, key(0)).with(AHEAD, key(1));
    let keyring = keys.load(NOW).0.expect("a keyring");
    let kid = |now| keyring.signing(Algorithm::Rs256, now).map(|key| key.kid().to_owned());
    let takes_over = NOW.plus(DAY);
    assert_eq!(kid(takes_over.minus(1)).as_deref(), Some(another(0).1.kid()));
    assert_eq!(kid(takes_over).as_deref(), Some(another(1).1.kid()));
    assert_eq!(kid(takes_over.plus(1000 * DAY)).as_deref(), Some(another(1).1.kid()));
    let states = |now| keyring.states(now).iter().map(|status| status.state).collect::<Vec<_>>();
    assert_eq!(states(NOW), [State::Signing, State::Next]);
    assert_eq!(states(takes_over.plus(DAY)), [State::Gone, State::Signing]);
    assert_eq!(keyring.next_change(NOW), Some(takes_over));
}

#[test]
fn before_the_first_activation_nothing_signs_and_a_warning_says_so() {
    let keys = KeyDirectory::new().with(AHEAD, key(0));
    assert_eq!(keys.codes(NOW), (vec!["SG0220"], true));
    let keyring = keys.load(NOW).0.expect("a keyring");
    assert!(keyring.signing(Algorithm::Rs256, NOW).is_none());
    assert_eq!(keyring.published(NOW).len(), 1, "published ahead all the same");
    assert!(keyring.signing(Algorithm::Rs256, NOW.plus(DAY)).is_some());
}

/// Public halves of distinct moduli: they need not be usable, only published.
fn with_next_keys(count: u8) -> KeyDirectory {
    let mut keys = KeyDirectory::new().with(ACTIVE, key(0));
    for number in 0..count {
        let mut n = generated(2048).1.public_key().rsa_components().expect("RSA").0.to_vec();
        n[100] = number;
        let public = signet::jose::PublicKey::rsa(&n, &[1, 0, 1]).expect("RSA");
        let name = format!("202612{:02}T000000Z.rs256.pub.pem", number + 1);
        keys = keys.with(&name, public_key_pem(&public));
    }
    keys
}

#[test]
fn more_than_four_published_keys_are_a_warning_and_more_than_ten_an_error() {
    let about_numbers = |count| {
        let (keyring, findings) = with_next_keys(count).load(NOW);
        let codes: Vec<_> =
            findings.iter().map(|finding| finding.code.id).filter(|id| *id != "SG0222").collect();
        (codes, keyring.is_some())
    };
    assert_eq!(about_numbers(3), (vec![], true));
    assert_eq!(about_numbers(4), (vec!["SG0223"], true));
    assert_eq!(about_numbers(9), (vec!["SG0223"], true));
    assert_eq!(about_numbers(10), (vec!["SG0224"], false));
}

#[test]
fn the_codes_are_sorted_and_told_apart() {
    let ids: Vec<_> = catalogue::keys::ALL.iter().map(|code| code.id).collect();
    assert!(ids.is_sorted() && ids.iter().all(|id| id.starts_with("SG02")));
    let names: BTreeSet<_> = catalogue::keys::ALL.iter().map(|code| code.name).collect();
    assert_eq!(names.len(), ids.len());
    assert!(catalogue::keys::ALL.iter().all(|code| code.title.is_ascii() && !code.title.ends_with('.')));
}

// New files.

#[test]
fn the_first_new_key_signs_at_once_and_the_second_in_a_day() {
    let keys = KeyDirectory::new();
    let directory = keys.file("keys");
    let new = |activation| new_file(&directory, Algorithm::Rs256, 2048, NOW, activation);
    let first = new(Activation::default()).expect("made");
    assert_eq!(
        (first.state, first.activation, first.previous, first.bits),
        (State::Signing, NOW, None, 2048)
    );
    assert_eq!(first.path, directory.join("20261122T190000Z.rs256.pem"));
    let mode = |path: &std::path::Path| fs::metadata(path).expect("there").permissions().mode() & 0o777;
    assert_eq!((mode(&directory), mode(&first.path)), (0o700, 0o600));
    let second = new(Activation::default()).expect("made");
    assert_eq!((second.state, second.activation), (State::Next, NOW.plus(DAY)));
    let third = new(Activation::Ahead { seconds: 3_600 }).expect("made");
    assert_eq!(third.activation, NOW.plus(DAY + 3_600), "never before an existing one");
    let (keyring, findings) = load(&directory, NOW, &options());
    assert!(findings.is_empty(), "{findings:?}");
    let kids: Vec<_> = [first, second, third].map(|key| key.jwk.kid().to_owned()).into();
    let keyring = keyring.expect("a keyring");
    assert_eq!(keyring.published(NOW).iter().map(|key| key.jwk.kid()).collect::<Vec<_>>(), kids);
    let names: Vec<_> =
        fs::read_dir(&directory).expect("read").map(|entry| entry.expect("one").file_name()).collect();
    assert_eq!(names.len(), 3, "no temporary file stays: {names:?}");
}

#[test]
fn a_new_key_overwrites_nothing_and_comes_after_all_others() {
    let keys = KeyDirectory::new().with(OLD, key(0));
    let new = |now, activation| new_file(keys.path(), Algorithm::Rs256, 2048, now, activation);
    let emergency = new(NOW, Activation::Now).expect("made");
    assert_eq!((emergency.activation, emergency.state), (NOW, State::Signing));
    let again = new(NOW, Activation::Now).expect_err("the same second");
    assert!(matches!(again, GenerateError::Taken { activation } if activation == NOW), "{again}");
    let soon = new(NOW, Activation::Ahead { seconds: 60 }).expect_err("too soon");
    assert!(matches!(soon, GenerateError::TooSoon { seconds: 60 }), "{soon}");
    let bits = new_file(keys.path(), Algorithm::Rs256, 1024, NOW, Activation::default()).expect_err("weak");
    assert!(matches!(bits, GenerateError::Bits(1024)), "{bits}");
    let other = new_file(keys.path(), Algorithm::Es256, 0, NOW, Activation::default()).expect("made");
    assert_eq!((other.activation, other.previous), (NOW, None), "algorithms are planned apart");
    assert_eq!(fs::read_to_string(keys.file(OLD)).expect("there"), key(0), "untouched");
    assert_eq!(keys.codes(NOW), (vec![], true));
}
