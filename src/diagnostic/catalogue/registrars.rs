//! 01xx, continued: the section `registration` of a client list (SG0190 to SG0199).

super::codes! {
    REGISTRAR_UNKNOWN = "SG0190" "registrar_unknown" Error
        "a policy names a registrar that no client is"
        "`registrars` are ids of clients of the same list: who registers clients proves itself like any client. \
         A name that no client has would let nobody register, and whoever adds a client of that name later would \
         be let in without a word about it.";
    REGISTRAR_TWICE = "SG0191" "registrar_twice" Error
        "a registrar stands in two policies"
        "What a registered client may do follows from the one policy of its registrar. Which of two would hold is \
         nothing that may be guessed. Join the policies, or give the portal a client for each of them.";
    REGISTRATION_VALIDITY = "SG0192" "registration_validity" Error
        "registrations may be valid for a year at most"
        "The id of a registered client is its registration: it ends by itself, or by an entry of `denied`. The seal \
         keys of the last year are kept for what they sealed, and no longer.";
    REGISTRATION_QUOTA = "SG0193" "registration_quota" Error
        "the quota of a policy is no number from 1 to 60000"
        "`per_minute` bounds what a registrar that was taken over can do. Each replica counts for itself, so that \
         the bound of a fleet is this number times its replicas.";
    REGISTRATION_SCOPE = "SG0194" "registration_scope" Error
        "a policy grants the scope with which clients are registered"
        "A registered client with `clients:register` would be a registrar that stands in no file. Registrars are \
         clients of the list.";
    REGISTRAR_WITHOUT_PROOF = "SG0195" "registrar_without_proof" Warning
        "a registrar has no way to prove itself at the registration endpoint"
        "A registrar sends its secret (HTTP Basic) or a token of this issuer with the scope `clients:register`. \
         This client has no secret and is not granted that scope, so that all of its registrations are refused. \
         Declare a resource whose audience is the issuer and which has that scope, and grant it.";
    DENIED_MALFORMED = "SG0196" "denied_malformed" Error
        "an entry of denied does not say which clients it is about"
        "An entry names one client by the digest of its id, `client_id_sha256`, or many: those of a `registrar`, those \
         `issued_before` a moment, or with both, those of both.";
    REGISTRATION_CREDENTIAL = "SG0197" "registration_credential" Error
        "credentials of this kind cannot be registered"
        "What can be registered are `client_secret`, which the server derives, and `private_key_jwt` with keys that \
         stand in the request. Certificates and foreign issuers belong into the list.";
}
