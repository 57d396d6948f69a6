//! 0540 to 0559: why a client assertion is refused (RFC 7523 §3). All of them are `invalid_client`
//! to the client, with the same words; the log has the code.

super::codes! {
    ASSERTION_TYPE_MISSING = "SG0540" "assertion_type_missing" Error
        "client_assertion was sent without client_assertion_type"
        "RFC 7521 section 4.2: both parameters belong together. The type is \
         `urn:ietf:params:oauth:client-assertion-type:jwt-bearer`.";
    ASSERTION_TYPE_WRONG = "SG0541" "assertion_type_wrong" Error
        "client_assertion_type is not the one for JWTs"
        "RFC 7523 section 2.2: the type is `urn:ietf:params:oauth:client-assertion-type:jwt-bearer`, \
         letter by letter.";
    ASSERTION_MISSING = "SG0542" "assertion_missing" Error
        "client_assertion_type was sent without client_assertion"
        "RFC 7521 section 4.2: both parameters belong together. Perhaps the client found no key to sign \
         with.";
    ASSERTION_MALFORMED = "SG0543" "assertion_malformed" Error
        "the client assertion is not a JWT in compact form"
        "Three parts of base64url without padding with a dot between them, at most 16 KiB; header and \
         claims are JSON objects in which no member stands twice. Encrypted JWTs (five parts) and the \
         JSON forms are not read (RFC 7515 section 7.1).";
    ASSERTION_HEADER = "SG0544" "assertion_header" Error
        "the header of the client assertion asks for what is never followed"
        "`crit`, embedded keys (`jwk`, `x5c`), places of keys (`jku`, `x5u`), `b64`, `zip` and members of \
         encryption are refused (RFC 8725 section 3.10). The key is the registered one.";
    ASSERTION_TYP = "SG0545" "assertion_typ" Error
        "the client assertion is another kind of token"
        "`typ` is absent, `JWT` or `client-authentication+jwt`. Access tokens, DPoP proofs and security \
         events are signed by the same keys in places, and must not pass for each other (RFC 8725 \
         section 3.11).";
    ASSERTION_ALGORITHM = "SG0546" "assertion_algorithm" Error
        "the client assertion names another algorithm than its key is registered for"
        "A key has one algorithm: the `alg` of its JWK, else RS256 for RSA, ES256 for P-256, EdDSA for \
         Ed25519. The header may only say the same (RFC 8725 section 3.1). For PS256 register the key with \
         `alg: PS256`.";
    ASSERTION_KEY_UNKNOWN = "SG0547" "assertion_key_unknown" Error
        "the client assertion names a key that the client has not registered"
        "No registered key has the `kid` of the header, and none has it as its RFC 7638 thumbprint. \
         Register the new key beside the old one before the client signs with it.";
    ASSERTION_SIGNATURE = "SG0548" "assertion_signature" Error
        "the signature of the client assertion does not verify"
        "None of the client's registered keys made this signature, or the assertion was changed on its \
         way.";
    ASSERTION_ISSUER = "SG0549" "assertion_issuer" Error
        "iss and sub of the client assertion are not both the client id"
        "RFC 7523 section 3: `iss` and `sub` are both the `client_id`, as text.";
    ASSERTION_AUDIENCE = "SG0550" "assertion_audience" Error
        "the client assertion is addressed to somebody else"
        "`aud` is the issuer as one plain text, compared letter by letter; the metadata says it under \
         `issuer`. A client whose library sends the token endpoint or a list of one can be allowed to: \
         `accept_audience: [token_endpoint, array]` beside its keys. An assertion for several servers can \
         be replayed by each of them (CVE-2025-27370).";
    ASSERTION_EXPIRY = "SG0551" "assertion_expiry" Error
        "the client assertion has no exp that is a whole number"
        "RFC 7523 section 3: `exp` is required; seconds since 1970 as a JSON number.";
    ASSERTION_EXPIRED = "SG0552" "assertion_expired" Error
        "the client assertion has expired"
        "Its `exp` has passed. Make a new assertion for every request; if it is new, the clock of the client \
         is behind.";
    ASSERTION_LIFETIME = "SG0553" "assertion_lifetime" Error
        "the client assertion lives too long"
        "`exp` may lie at most 5 minutes ahead, and `iat` may not be older than that. A client whose library \
         takes longer ones can be allowed up to an hour: `max_lifetime: 1h` beside its keys.";
    ASSERTION_NOT_YET = "SG0554" "assertion_not_yet" Error
        "the client assertion is of the future"
        "`iat` or `nbf` lies more than 60 seconds ahead, or is no whole number. Compare the clocks of client \
         and server.";
    ASSERTION_JTI = "SG0555" "assertion_jti" Error
        "the client assertion has no usable jti"
        "`jti` is text of 1 to 256 bytes that the client uses once, for example a UUID. Without it a stolen \
         assertion could be used again.";
    ASSERTION_REPLAYED = "SG0556" "assertion_replayed" Error
        "the client assertion was used before"
        "RFC 7523 section 3: a `jti` is used once. A client that keeps an assertion, or repeats a request \
         with the same one, gets this; so does a thief.";
    REPLAY_MEMORY_FULL = "SG0557" "replay_memory_full" Error
        "too many client assertions are in use; try again later"
        "Every assertion is remembered until it ends, so that none is accepted twice. The memory is full, \
         so new ones are refused rather than accepted unchecked. `--replay-entries-max` sets the limit; \
         shorter assertions and tokens that clients keep until they end need less of it.";
    CLIENT_KEYS_UNAVAILABLE = "SG0558" "client_keys_unavailable" Error
        "the keys of the client are not at hand; try again later"
        "The client publishes its keys at an address of its own (`jwks_uri`). They were not fetched yet since the \
         start of this replica, or the last good set is older than `jwks-uri-max-age`. A request never makes the \
         server fetch; it does so by itself, and the log says why it could not (`SG0560`). The client is neither \
         accepted nor called wrong: it may ask again, here or at another replica.";
    REPLAY_STORE_DOWN = "SG0575" "replay_store_down" Error
        "the store of used client assertions cannot be asked; try again later"
        "Replicas share a Valkey or Redis (`--replay-store`), so that an assertion is used once in all of them. It \
         does not answer, or does not take writes, so whether this assertion was used elsewhere is unknown. The \
         log line with this code has the cause; `signet_replay_store_up` is 0 until it is back. Clients with \
         secrets are not affected. The assertion may be sent again; when the store had noted it and only its \
         answer came late, it is refused as used, and a new one is needed. \
         `--replay-store-down local` accepts assertions meanwhile, each once at every replica.";
}
