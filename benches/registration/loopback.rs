//! The server: tokens of listed and registered clients in turns, and its memory after registrations.

use std::path::Path;
use std::time::Duration;

use signet::clock::{Clock as _, SystemClock};
use signet::keys::generate::Activation;
use signet::keys::seal;

use crate::in_process::{LISTED, METADATA, REGISTRARS, clients, pair, registrar};
use crate::shared::http::{Connection, basic, json_request, token_request};
use crate::shared::load::{Load, Outcome, Pace};
use crate::shared::report::Report;
use crate::shared::server::Server;
use crate::shared::{inputs, median};

const CONNECTIONS: usize = 16;
const THROUGHPUT_MIN: f64 = 0.97;
const GROWN_MIB_MAX: f64 = 2.0;

pub fn serve(directory: &Path) -> Server {
    inputs::write_keys(directory);
    seal::new_file(&directory.join("keys"), SystemClock.now(), Activation::Now).expect("a seal key");
    std::fs::write(directory.join("clients.yaml"), clients()).expect("a client list");
    Server::start(directory, "aws-lc-rs")
}

fn request(number: usize, metadata: &str) -> Vec<u8> {
    json_request("/oauth2/register", &basic(&registrar(number)), metadata)
}

pub fn tokens(server: &Server, turn: Duration, turns: usize, report: &mut Report) {
    let mut connection = Connection::open(server.address);
    assert_eq!(connection.ask(&request(0, METADATA[0].1)).expect("an answer"), 201);
    let pairs = [LISTED.to_owned(), pair(connection.body())];
    let loads = pairs.map(|pair| Load::same(token_request(Some(&basic(&pair)), inputs::FORM), &[200]));
    let drive = |load: &Load, time| load.drive(server, CONNECTIONS, Pace::Closed, time);
    let ratio = |of: fn(&Outcome) -> f64, [one, other]: &[Outcome; 2]| of(one) / of(other);
    for load in &loads {
        drive(load, turn / 10);
    }
    let outcomes: Vec<[Outcome; 2]> =
        (0..turns).map(|_| loads.each_ref().map(|load| drive(load, turn))).collect();
    let rates: Vec<f64> = outcomes.iter().map(|turn| 1.0 / ratio(Outcome::per_second, turn)).collect();
    let times: Vec<f64> = outcomes.iter().map(|turn| ratio(Outcome::cpu_micros, turn)).collect();
    for (at, name) in ["a listed client", "a registered client"].iter().enumerate() {
        let of_turns: Vec<f64> = outcomes.iter().map(|turn| turn[at].per_second()).collect();
        report.figure(&format!("tokens of {name}"), median(&of_turns), "/s");
    }
    report.at_least("registered / listed", median(&rates), THROUGHPUT_MIN);
    report.figure("the same by the time on the server's core", median(&times), "");
}

pub fn memory(server: &Server, registrations: usize, report: &mut Report) {
    let register = |each: usize| {
        std::thread::scope(|scope| {
            for number in 0..REGISTRARS {
                scope.spawn(move || {
                    let mut connection = Connection::open(server.address);
                    let request = request(number, METADATA[1].1);
                    for _ in 0..each {
                        assert_eq!(connection.ask(&request).expect("an answer"), 201);
                    }
                });
            }
        });
    };
    let each = registrations / REGISTRARS;
    register(each / 100);
    let before = server.resident_mib();
    let began = std::time::Instant::now();
    register(each - each / 100);
    let rate = (each - each / 100) as f64 * REGISTRARS as f64 / began.elapsed().as_secs_f64();
    report.figure("registrations", rate, "/s");
    report.figure("memory before", before, "MiB");
    report.at_most("MiB more after them", server.resident_mib() - before, GROWN_MIB_MAX);
}
