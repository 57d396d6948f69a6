//! 05xx: why a request is refused. The title becomes `error_description` (RFC 6749 §5.2), except
//! for failed authentication, which always reads the same.

pub use super::assertions::*;
pub use super::registration::*;

super::codes! {
    BAD_FORM_ENCODING = "SG0501" "bad_form_encoding" Error
        "the form is not valid: a broken percent-escape, or text that is not UTF-8"
        "RFC 6749 Appendix B: names and values are UTF-8, percent-encoded, `+` for a space. A `%` must \
         be followed by two hexadecimal digits. Nothing is repaired, because a repaired secret would \
         equal another one.\n\nLet your HTTP client encode the form (`curl --data-urlencode`).";
    PARAMETER_REPEATED = "SG0502" "parameter_repeated" Error
        "a parameter stands more than once"
        "RFC 6749 section 3.2: request parameters must not be included more than once. Taking the first \
         or the last would let two programs read one request differently. Only `resource` and \
         `audience` may be repeated.";
    SCOPE_NOT_GRANTED = "SG0503" "scope_not_granted" Error
        "the scope is not granted to this client"
        "The request names a scope that the client's registration does not grant for the chosen \
         audience. Scopes are never narrowed in silence: ask for exactly what is granted, or add the \
         scope to the client in `clients.yaml`. Scopes are case-sensitive.";
    SCOPE_MALFORMED = "SG0504" "scope_malformed" Error
        "the scope parameter holds a character that no scope may hold, or too many scopes"
        "RFC 6749 section 3.3: scopes are separated by spaces and made of visible ASCII characters \
         without quotation mark and backslash. At most 256 may be asked for at once.";
    NO_DEFAULT_SCOPE = "SG0505" "no_default_scope" Error
        "no scope was asked for and the client has no default for this audience"
        "The client has scopes at this audience, but its `default_scope` names none of them. Ask for a \
         scope, or extend `default_scope` in `clients.yaml`.";
    TARGET_NOT_GRANTED = "SG0506" "target_not_granted" Error
        "the resource or audience is unknown or not granted to this client"
        "RFC 8707 section 2. The value of `resource` or `audience` is compared byte for byte with the \
         audiences that the client may reach: no case folding, no slash added or removed, no port \
         filled in.";
    TARGET_MALFORMED = "SG0507" "target_malformed" Error
        "resource must be an absolute URI without a fragment"
        "RFC 8707 section 2. `resource=https://api.example.com` is right; a relative reference or a `#` \
         is not. A name that is no URI goes into `audience`.";
    TARGETS_DISAGREE = "SG0508" "targets_disagree" Error
        "resource and audience name different targets"
        "`resource` (RFC 8707) and `audience` (the habit of other issuers) mean the same here. When a \
         request sends both they must name the same audiences.";
    TARGET_AMBIGUOUS = "SG0509" "target_ambiguous" Error
        "the audience does not follow from the scopes: name a resource"
        "The client may reach several audiences, and the request leaves open which one it means. Send \
         `resource=` with the audience, ask for scopes of one resource, or give the client a \
         `default_scope` whose scopes belong to one resource.";
    TARGETS_TOO_MANY = "SG0510" "targets_too_many" Error
        "this client may name one audience in a request"
        "A token for several audiences can be replayed by each of them at the others. Ask for one token \
         an audience, or set `multiple_audiences: true` for the client; the resources must then agree \
         on `typ` and `signing_alg`.";
    GRANT_TYPE_MISSING = "SG0511" "grant_type_missing" Error
        "the parameter grant_type is missing"
        "RFC 6749 section 4.4.2: send `grant_type=client_credentials` in the form body.";
    GRANT_TYPE_UNSUPPORTED = "SG0512" "grant_type_unsupported" Error
        "this grant type is not supported"
        "The grants that work are listed in the metadata (`grant_types_supported`). The value is \
         case-sensitive. The password and implicit grants are not offered by design (RFC 9700 \
         section 2.4).";
    GRANT_NOT_ALLOWED = "SG0513" "grant_not_allowed" Error
        "this client may not use this grant type"
        "The client's `grant_types` in `clients.yaml` does not list the grant.";
    TWO_CREDENTIALS = "SG0514" "two_credentials" Error
        "more than one client credential was sent"
        "RFC 6749 section 2.3: a client must not use more than one authentication method in a request. \
         Send either the Authorization header, or `client_id` and `client_secret` in the body, never \
         both, even when one of them is right.";
    CLIENT_ID_MISMATCH = "SG0515" "client_id_mismatch" Error
        "client_id in the body differs from the authenticated client"
        "`client_id` may stand in the body beside another form of authentication, but only with the \
         same value.";
    AUTHORIZATION_MALFORMED = "SG0516" "authorization_malformed" Error
        "the Authorization header is malformed"
        "RFC 7617: `Basic`, one space, and base64 of `client_id:client_secret`, once. At most 4 KiB.";
    CREDENTIALS_MISSING = "SG0517" "credentials_missing" Error
        "no client credential was sent"
        "Send the client's secret with HTTP Basic (`curl --user ID:SECRET`) or as `client_id` and \
         `client_secret` in the form body. Credentials in the query string are never read.";
    CLIENT_UNKNOWN = "SG0518" "client_unknown" Error
        "no client has this id"
        "The id stands in no file of the client list that is in force. Ids are case-sensitive. Compare \
         `config_revision` of the log line with the revision you expect.";
    SECRET_WRONG = "SG0519" "secret_wrong" Error
        "the secret is not one of the client's"
        "No live `client_secret` of the client has the digest of what was sent. `signet secret verify` \
         says which credential of `clients.yaml` a secret fits.";
    CREDENTIAL_EXPIRED = "SG0520" "credential_expired" Error
        "the credential is right but has expired"
        "The credential matches, but its `expires` has passed. Add a new credential beside it, roll it \
         out, then remove the old one.";
    CREDENTIAL_NOT_YET_VALID = "SG0521" "credential_not_yet_valid" Error
        "the credential is right but not valid yet"
        "The credential matches, but its `not_before` lies ahead.";
    CLIENT_DISABLED = "SG0522" "client_disabled" Error
        "the client is disabled"
        "`disabled: true` stands at the client. Removing it takes effect with the next reload.";
    METHOD_NOT_ALLOWED = "SG0523" "method_not_allowed" Error
        "the client may not use this authentication method"
        "The client is pinned by `token_endpoint_auth_method` to another method, or has no credential \
         of the kind that was presented.";
    METHOD_UNSUPPORTED = "SG0524" "method_unsupported" Error
        "this authentication method is not supported"
        "The methods that work are listed in the metadata \
         (`token_endpoint_auth_methods_supported`).";
    HTTP_METHOD = "SG0525" "http_method" Error
        "the token endpoint takes POST only"
        "RFC 6749 section 3.2: the client must use POST at the token endpoint.";
    MEDIA_TYPE = "SG0526" "media_type" Error
        "send the parameters as a form: Content-Type application/x-www-form-urlencoded in UTF-8"
        "RFC 6749 section 4.4.2. JSON, multipart and other bodies are not read. With curl, `-d` sets \
         the right type by itself.";
    CONTENT_ENCODING = "SG0527" "content_encoding" Error
        "send the body without Content-Encoding"
        "A compressed body is never unpacked: a token request is a few hundred bytes, and unpacking \
         would let a small request cost much memory.";
    BODY_UNREADABLE = "SG0529" "body_unreadable" Error
        "the body did not arrive whole"
        "The connection ended or stalled before the body was complete.";
    SIGNING_FAILED = "SG0530" "signing_failed" Error
        "the token could not be signed"
        "The signing key failed, or its signature did not verify and was withheld. The log of the \
         server has the cause; the key files and the machine need a look.";
    NO_SIGNING_KEY = "SG0531" "no_signing_key" Error
        "no key is active for the algorithm of this resource"
        "The resource wants a `signing_alg` for which `keys/` holds no active key. `signet keys list` \
         shows the keys and their states.";
    SIGNING_QUEUE_FULL = "SG0559" "signing_queue_full" Error
        "too many tokens wait for their signature; try again later"
        "More tokens are asked for than this replica can sign: the next one would wait longer than a quarter of \
         a second. Clients that keep a token until shortly before it expires ask rarely; more replicas or cores \
         sign more.";
    SLOW_CHECKS_BUSY = "SG0532" "slow_checks_busy" Error
        "too many secrets are being checked; try again later"
        "Imported password hashes (argon2, bcrypt, PBKDF2) take long by design, so few are checked at once, and \
         at most four of one client. Somebody guesses at a client's secret, or many clients with imported hashes \
         start together. A secret of `signet secret new` is never affected.";
    SECRET_TYPO = "SG0533" "secret_typo" Error
        "the secret is one of ours with a typing error"
        "Secrets of `signet secret new` begin with `sgs_` and end with a checksum, which does not match here: a \
         character was lost or changed on the way. Copy the secret again.";
    TOO_MANY_FAILURES = "SG0534" "too_many_failures" Error
        "authentication failed too often; try again later"
        "The client, or many from the same network, failed to authenticate more often than \
         `--failures-per-minute` allows, so the answer no longer says more than that. A request with the right \
         credential passes all the same. The member `throttled` of the log line has the reason.";
}
