//! Reads a token a line and answers a line each: `signet-snippets MODULE KEY_SET_FILE`.

use std::io::BufRead as _;

// MODULES

fn main() {
    let arguments: Vec<String> = std::env::args().collect();
    let text = std::fs::read_to_string(&arguments[2]).expect("a key set");
    let keys: jsonwebtoken::jwk::JwkSet = serde_json::from_str(&text).expect("a key set");
    for token in std::io::stdin().lock().lines() {
        let token = token.expect("a line");
        let client_id = match arguments[1].as_str() {
            // CASES
            other => panic!("no module {other}"),
        };
        match client_id {
            Ok(client_id) if !client_id.is_empty() => println!("accepted"),
            Ok(_) => println!("refused: no client_id"),
            Err(error) => println!("refused {error:?}"),
        }
    }
}
