//! 0576 to 0599: registration of clients (RFC 7591), and requests of clients that were registered.

super::codes! {
    METADATA_GRANT = "SG0576" "metadata_grant" Error
        "only the grant client_credentials can be registered, and no response type"
        "This server issues tokens to machines. `grant_types` is `[\"client_credentials\"]` or absent, `response_types` \
         empty or absent (RFC 7591 section 2.1 wants the two to fit).";
    METADATA_NAME = "SG0577" "metadata_name" Error
        "the client name is longer than 64 bytes or holds a control character"
        "The name travels in the client id, and people read it in logs: control characters, and those that turn the \
         direction of text, have no place there.";
    METADATA_SCOPE_BEYOND = "SG0578" "metadata_scope_beyond" Error
        "the policy of the registrar does not grant this scope"
        "A registered client may have what the policy of its registrar lists, at the audiences that the request \
         names. Scopes are never narrowed in silence: ask for less, or for none to get all of the policy.";
    METADATA_AUDIENCE_BEYOND = "SG0579" "metadata_audience_beyond" Error
        "the policy of the registrar does not grant this audience"
        "`audience` is compared byte for byte with the audiences of the policy.";
    REGISTRATION_SEAL_BROKEN = "SG0580" "registration_seal_broken" Error
        "the id of a registered client was not made here"
        "An id that begins with `sgc_` is a registration under the seal of this deployment. This one does not \
         open: a character of it was changed, it was made by another deployment or for another issuer, or its seal \
         key is no longer among `keys/`. Register the client again.";
    REGISTRATION_DENIED = "SG0581" "registration_denied" Error
        "the registered client is denied"
        "An entry under `registration: denied` in `clients.yaml` names it: by the digest of its id, by its \
         registrar, or by the time of its registration. `signet why` shows the line.";
    REGISTRATION_WITHOUT_POLICY = "SG0582" "registration_without_policy" Error
        "no policy names the registrar of this client any more"
        "Registered clients stand and fall with the policy of their registrar under `registration: policies`. The \
         policy was removed, or its `registrars` no longer name this one.";
    REGISTRATION_NOTHING_LEFT = "SG0583" "registration_nothing_left" Error
        "nothing of what the client was registered for is granted any more"
        "A registered client may do what its id says and its policy grants today, whichever is less. Every scope \
         that it was registered with has gone from the policy or from the resources. Register it again.";
    REGISTRATION_TOKEN_REFUSED = "SG0584" "registration_token_refused" Error
        "the access token is not one that registers clients here"
        "A token for the registration endpoint is signed by this issuer, names the issuer itself as its only \
         audience, has not expired, is bound to no key, and is of a client that is still in the list. \
         `signet verify --audience ISSUER` says what is wrong with one.";
    REGISTRATION_TOKEN_SCOPE = "SG0585" "registration_token_scope" Error
        "the access token lacks the scope clients:register"
        "Declare a resource whose audience is the issuer and which has the scope `clients:register`, grant it to \
         the registrar, and ask for the token with `resource=` and the issuer.";
    REGISTRATION_NO_POLICY = "SG0586" "registration_no_policy" Error
        "this client may not register others"
        "It proved itself, but no policy under `registration: policies` in `clients.yaml` names it among its \
         `registrars`.";
    REGISTRATION_QUOTA_USED_UP = "SG0587" "registration_quota_used_up" Error
        "this registrar has registered too many clients in a minute; try again later"
        "The policy's `per_minute` is used up at this replica. Attempts that were refused count as well.";
    REGISTRATION_UNAVAILABLE = "SG0588" "registration_unavailable" Error
        "nothing can be registered now: no seal key is active"
        "Registrations are sealed with a key of its own, `ACTIVATION.seal.key` among `keys/`. `signet keys new --seal` \
         makes one, `signet keys list` shows when it becomes active.";
    REGISTRATION_TOO_LONG = "SG0589" "registration_too_long" Error
        "the registration does not fit into a client id of 600 characters"
        "The id of a registered client carries what it was granted. Fewer scopes, a shorter name, or a shorter key \
         make it shorter: one for ES256 or EdDSA takes 65 or 32 bytes, one of RSA 256 and more.";
    REGISTRATION_MEDIA_TYPE = "SG0590" "registration_media_type" Error
        "send the metadata of the client as JSON: Content-Type application/json"
        "RFC 7591 section 3.1: a registration is a JSON object in UTF-8, sent with POST.";
    REGISTRATION_HTTP_METHOD = "SG0591" "registration_http_method" Error
        "the registration endpoint takes POST only: registrations are not stored, so none can be read or changed"
        "There is no management protocol (RFC 7592) here, because nothing is kept that it could manage. A new \
         registration takes the place of an old one; an old one ends by itself, or by an entry under \
         `registration: denied` in `clients.yaml`.";
    METADATA_MALFORMED = "SG0592" "metadata_malformed" Error
        "the body is not one JSON object in which no member stands twice"
        "RFC 7591 section 3.1. A member that stands twice would be read one way here and another way there. Values \
         nest at most 128 deep.";
    METADATA_TYPE = "SG0593" "metadata_type" Error
        "a member of the client metadata has a value of the wrong type"
        "RFC 7591 section 2 says the type of each member: `scope` is one text, `grant_types` and `contacts` are lists \
         of texts, `jwks` is an object. `access_token_lifetime` and `validity` are whole seconds above zero. \
         Members that are not known are ignored.";
    METADATA_URL = "SG0594" "metadata_url" Error
        "a URL of the client metadata is no web address"
        "`client_uri`, `logo_uri`, `tos_uri`, `policy_uri` and `redirect_uris` begin with https:// or http://. They \
         are checked and forgotten: none is ever opened, and this server redirects nobody.";
    SOFTWARE_STATEMENT = "SG0595" "software_statement" Error
        "software statements are not accepted here"
        "RFC 7591 section 3.1.1: what a statement says would win over the rest of the request, so that one which is \
         not trusted cannot be ignored. No issuer of statements is trusted; leave it out. One that is no signed JWT \
         at all is `invalid_software_statement`.";
    METADATA_JWKS_URI = "SG0596" "metadata_jwks_uri" Error
        "jwks_uri cannot be registered: send the keys themselves in jwks"
        "Nothing is fetched because of a request, so nobody can make this server call an address (CVE-2026-22752). A \
         client whose keys stand at an address belongs into `clients.yaml`. Beside `jwks`, RFC 7591 section 2 \
         forbids it as well.";
    METADATA_KEYS = "SG0597" "metadata_keys" Error
        "the keys of the registration cannot be used"
        "`jwks` is a JWK Set (RFC 7517) of at most eight public keys: RSA of 2048 to 4096 bits, P-256, or Ed25519. No \
         private member may stand there.";
    METADATA_METHOD = "SG0598" "metadata_method" Error
        "this authentication method cannot be registered like this"
        "`client_secret_basic` and `client_secret_post` get a secret, `private_key_jwt` needs the keys in `jwks` and \
         gets none. Public clients (`none`) and certificates cannot be registered.";
    METADATA_CREDENTIAL_BEYOND = "SG0599" "metadata_credential_beyond" Error
        "the policy of the registrar does not allow this authentication method"
        "`credentials` of the policy lists the kinds that may be registered: `client_secret`, `private_key_jwt`.";
}
