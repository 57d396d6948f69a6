//! A word on each registered member of a header or a claim set (RFC 7515 §4.1, RFC 7519 §4.1, RFC 9068
//! §2.2): what `signet decode` and the decoder of the page say beside its value.

/// Name and meaning. Those of [`DATES`] are followed by the time they name.
pub static MEANINGS: &[(&str, &str)] = &[
    ("alg", "signature algorithm"),
    ("typ", "kind of token"),
    ("kid", "key that signed it"),
    ("iss", "who issued it"),
    ("sub", "whom it speaks of: the client itself"),
    ("client_id", "the client that asked for it"),
    ("aud", "who shall accept it, and nobody else"),
    ("jti", "unique name of this token"),
    ("scope", "what it allows"),
    ("iat", "issued"),
    ("exp", "valid until before"),
    ("nbf", "valid from"),
    ("cnf", "the key that whoever shows it must prove to hold (RFC 7800)"),
    ("act", "who acts for the subject (RFC 8693)"),
    ("authorization_details", "what it allows, in detail (RFC 9396)"),
    ("status", "where its revocation shows"),
];

/// Members whose values are times.
pub static DATES: &[&str] = &["iat", "exp", "nbf"];

/// `None` for a member that is not registered, or that nobody here has a word for.
pub fn meaning(name: &str) -> Option<&'static str> {
    MEANINGS.iter().find(|(known, _)| *known == name).map(|(_, meaning)| *meaning)
}
