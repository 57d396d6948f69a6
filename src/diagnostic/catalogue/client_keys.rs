//! 0560 to 0569: what a running server says about keys that clients publish (`jwks_uri`).

super::codes! {
    CLIENT_KEYS_FETCH_FAILED = "SG0560" "client_keys_fetch_failed" Warning
        "the keys of a client cannot be fetched"
        "A fetch of `jwks_uri` failed; the log says how. The last good set stays in use, and after \
         `jwks-uri-max-age` the client is refused (`SG0558`). It is tried again after a minute, then less often.\n\n\
         `forbidden`: the name leads to an address that is not public; name its network in `jwks-uri-networks` if \
         that is meant. `unreachable`: no connection, or a certificate that is not trusted; `jwks-uri-ca` names \
         another authority. `redirect`: no redirect is followed; write the final address into the list. `timeout`: \
         10 seconds for everything. `too_large`: 64 KiB. `malformed`: no JWK Set with one to eight keys that can \
         be used.";
    CLIENT_KEYS_EXPIRED = "SG0561" "client_keys_expired" Error
        "the last good keys of a client are too old to be used"
        "The source of `jwks_uri` has given no usable set for longer than `jwks-uri-max-age`. From now on the \
         client is refused with 503 until a fetch succeeds: whoever can keep a source from answering must not be \
         able to keep a withdrawn key alive.";
    CLIENT_KEYS_IGNORED = "SG0562" "client_keys_ignored" Warning
        "a key that a client publishes is not used"
        "RFC 7517 section 5 says to ignore keys that are not understood; the others of the set are used. An \
         assertion that is signed with this key is refused. Keys for encryption (`use: enc`) in the set are the \
         usual and harmless cause. A key that shows a private member is no secret any more.";
}
