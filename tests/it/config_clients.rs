use signet::clock::UnixTime;
use signet::config::{Options, load};
use signet::diagnostic::{human, json};

#[test]
fn try_it() {
    for p in ["clients.yaml", "/tmp/cfgtest"] {
        let l = load(std::path::Path::new(p), UnixTime::from_seconds(1_795_000_000), &Options::default());
        println!("{}", human(&l.findings, false));
        println!("{:#?} {} {:?}", l.registry, l.revision, l.files);
    }
    panic!();
}
