//! 01xx: client files. How they are read (SG0101 to SG0116), clients and resources (SG0117 to
//! SG0139), credentials (SG0140 to SG0151), teams (SG0152 to SG0157).

super::codes! {
    PATH_MISSING = "SG0101" "clients_path_missing" Error
        "the client list is not there"
        "`--clients` names a file or a directory that does not exist. The default is `clients.yaml` in the \
         working directory. The server never starts with an empty list by accident.\n\nGive the right path, \
         or write a first list; `signet dev` works without one.";
    FILE_UNREADABLE = "SG0102" "clients_file_unreadable" Error
        "a client file cannot be read"
        "The system refused to open or read the file, or it is no regular file. Pipes, sockets and devices \
         are refused: reading one could wait for ever, and its content could not be read again at the next \
         reload. A directory that contains itself through a link is refused as well.\n\nCheck owner and mode \
         of the file and of every directory above it.";
    NO_FILES = "SG0103" "clients_directory_empty" Error
        "the directory holds no client file"
        "Every `*.yaml` and `*.yml` below the directory is read; names that begin with a dot are skipped. \
         None was found. A volume that is not mounted yet looks like this, so it is an error rather than an \
         empty list.";
    FILE_TOO_LARGE = "SG0104" "clients_file_too_large" Error
        "a client file is larger than the limit"
        "One file may have 64 MiB, all files together 1 GiB in 10,000 files. Split a larger list into \
         several files of one directory.";
    NOT_UTF8 = "SG0105" "clients_file_not_utf8" Error
        "a client file is not plain UTF-8"
        "The file holds bytes that are not UTF-8, begins with a byte order mark, or is UTF-16. Two programs \
         could read such a file differently. Save it as UTF-8 without a byte order mark.";
    YAML_SYNTAX = "SG0106" "yaml_syntax" Error
        "the file is not valid YAML"
        "What follows the place could not be read, so nothing of this file is used; other files were read \
         all the same. Usual causes: a tab in the indentation, a missing quotation mark or bracket, a text \
         with `: ` or ` #` in it that needs quotes.";
    SCOPE_UNDEFINED = "SG0107" "scope_undefined" Error
        "a client asks for a scope that no resource defines"
        "Scopes are defined by resources (`resources: - audience: … scopes: […]`); a client is granted some \
         of them. A scope that no resource defines has no audience, so no token could carry it. Correct the \
         spelling (scopes are case-sensitive), or define the scope at its resource.";
    YAML_FEATURE = "SG0108" "yaml_feature" Error
        "anchors, aliases, tags and merge keys are not read"
        "These features of YAML make a file mean something else than a reviewer sees at the line, and make \
         small files expand without bound. Write the value out where it is used.";
    SECOND_DOCUMENT = "SG0109" "yaml_second_document" Error
        "a file holds one YAML document"
        "After `---` a second document begins. Tools differ in which one they read. Move it to a file of \
         its own, or join the lists.";
    DUPLICATE_KEY = "SG0110" "yaml_duplicate_key" Error
        "a key stands twice in one mapping"
        "YAML demands unique keys; readers differ in which value wins. Remove one, or join the two.";
    TOO_DEEP = "SG0111" "yaml_too_deep" Error
        "the file is nested too deeply, or one entry is too large"
        "No valid client list is nested deeper than 16, and no entry of a list has more than 100,000 \
         values. The limits keep a hostile file from costing memory.";
    FILE_EMPTY = "SG0112" "clients_file_empty" Error
        "a client file holds nothing"
        "The file has no content but perhaps comments. A file that was cut off while it was being written \
         looks like this, so it is an error. A list without entries is written `clients: []`.";
    MEMBER_UNKNOWN = "SG0113" "member_unknown" Error
        "a member is not known here"
        "A misspelt member would be ignored in silence, and with it perhaps a restriction. Correct the \
         spelling or remove it. The value of an unknown member is never shown, because it may be a secret.";
    WRONG_TYPE = "SG0114" "wrong_type" Error
        "a value has the wrong type"
        "YAML reads unquoted `123`, `1.5`, `true` and `null` as a number, a boolean or nothing. Where text \
         is wanted, put it into quotation marks: `client_id: \"123\"`.";
    MEMBER_MISSING = "SG0115" "member_missing" Error
        "a required member is missing"
        "A resource needs `audience`, a client needs `client_id`. Nothing is guessed.";
    SECTION_UNSUPPORTED = "SG0116" "section_unsupported" Error
        "this section is not supported by this version"
        "`issuers` is a reserved word of the client file. This version cannot act on it; to ignore it would \
         drop a credential that the file promises.";
    CLIENT_ID_MALFORMED = "SG0117" "client_id_malformed" Error
        "a client id holds characters that are not allowed"
        "A client id is 1 to 128 characters of `A-Z a-z 0-9 . _ ~ -`. Such an id reads the same raw, \
         percent-encoded, in a path and in HTTP Basic, and cannot be mistaken for the name of a person \
         (`alice@example.com`) or a workload (`system:serviceaccount:…`) in the `sub` claim (RFC 9068 \
         section 5).";
    CLIENT_DUPLICATE = "SG0118" "client_duplicate" Error
        "a client id is registered twice"
        "All files form one list, and an id stands once in it. If two definitions were allowed, the grants \
         of a client would depend on the order of files. Remove or rename one.";
    CLIENT_ID_CASE = "SG0119" "client_id_case" Warning
        "two client ids differ only in the case of letters"
        "Ids are compared byte for byte, so these are two clients. People and log searches will mix them \
         up. Rename one unless both are in use.";
    AUDIENCE_MALFORMED = "SG0120" "audience_malformed" Error
        "an audience holds characters that are not allowed"
        "An audience is 1 to 256 visible ASCII characters without `\"` and `\\`. Resource servers compare \
         it byte for byte; usually it is the URL of the API.";
    AUDIENCE_DUPLICATE = "SG0121" "audience_duplicate" Error
        "an audience is defined twice"
        "Each audience is one resource with one list of scopes and one form of token. Join the two \
         definitions.";
    AUDIENCE_UNDECLARED = "SG0122" "audience_undeclared" Error
        "a client names an audience that no resource declares"
        "`audience` of a client lists audiences of `resources`, byte for byte: a slash at the end or \
         another case of letters is another audience.";
    AUDIENCE_MISSING = "SG0123" "audience_missing" Error
        "a client has no audience that it could reach"
        "A token without an audience would be accepted by whoever does not look (RFC 8725 section 3.9). \
         Give the client a `scope` that a resource defines, or an `audience`.";
    SCOPE_NAME_MALFORMED = "SG0124" "scope_name_malformed" Error
        "a scope holds characters that are not allowed"
        "RFC 6749 section 3.3: a scope is made of visible ASCII characters without space, `\"` and `\\`; \
         here at most 128 of them.";
    SCOPE_AMBIGUOUS = "SG0125" "scope_ambiguous" Error
        "several resources define the scope"
        "The audience of a token follows from its scopes. When several resources define a scope, the client \
         must say which ones it means: list them in its `audience`.";
    SCOPE_OUTSIDE_AUDIENCE = "SG0126" "scope_outside_audience" Error
        "a scope belongs to an audience that the client does not list"
        "The client names its audiences, and none of them defines this scope. Add the audience of the scope \
         to the client, or remove the scope.";
    DEFAULT_SCOPE_OUTSIDE = "SG0127" "default_scope_outside" Error
        "a default scope is not among the scopes of the client"
        "`default_scope` says which of the scopes in `scope` a request without a scope gets. It cannot \
         grant anything by itself.";
    GRANT_TYPE_UNKNOWN = "SG0128" "grant_type_unknown" Error
        "a grant type is not supported"
        "`grant_types` lists what the client may use, out of what this server offers. Grants with a user \
         (authorization code, password, implicit) are not offered by design.";
    AUTH_METHOD_UNKNOWN = "SG0129" "auth_method_unknown" Error
        "a client authentication method is not supported"
        "`token_endpoint_auth_method` (RFC 7591 section 2) pins a client to one method. `none` would make \
         it a public client, and those cannot use the client credentials grant (RFC 6749 section 4.4).";
    LIFETIME_MALFORMED = "SG0130" "lifetime_malformed" Error
        "a lifetime is not a duration of whole seconds above zero"
        "Write a duration with its unit: `900s`, `15m`, `1h 30m`. A bare number is refused, because other \
         tools read it as minutes or milliseconds.";
    LIFETIME_ABOVE_CAP = "SG0131" "lifetime_above_cap" Error
        "a lifetime is above 24 hours"
        "An access token cannot be called back. Whoever finds one uses it until it ends. Machines fetch a \
         new token in milliseconds; 15 minutes is the default and 24 hours the cap.";
    LIFETIME_LONG = "SG0132" "lifetime_long" Warning
        "a lifetime is above one hour"
        "An access token cannot be called back, and a removed client keeps its access until its last token \
         ends. Prefer an hour or less (RFC 9700 section 2.2).";
    REUSE_ABOVE_CAP = "SG0158" "reuse_above_cap" Error
        "`reuse` is above five minutes"
        "Within that time whoever asks for the same gets the same token, with the same `jti` and less of its life \
         left. It is meant for a fleet that starts together; 60 seconds are enough for that. A client that asks \
         for a token more often should keep the one it has.";
    TYP_UNKNOWN = "SG0133" "typ_unknown" Error
        "the token type is not known"
        "`typ` is `at+jwt` (RFC 9068, the default) or `JWT` for resource servers that refuse the first.";
    SIGNING_ALG_UNKNOWN = "SG0134" "signing_alg_unknown" Error
        "the signature algorithm is not supported"
        "`signing_alg` is one of the algorithms that this server signs with; RS256 is the default, because \
         every verifier knows it. `none` and the HMAC algorithms are never offered.";
    CLAIM_RESERVED = "SG0135" "claim_reserved" Error
        "a static claim has a reserved name"
        "The server sets this claim, or verifiers act on it; a static value would change what the token \
         means. Choose another name, best with a prefix of yours.";
    CLAIM_MALFORMED = "SG0136" "claim_malformed" Error
        "a static claim is outside the limits"
        "Claims are values that JSON can hold, nested at most 8 deep, 2 KiB together when serialised. They \
         travel in every request, and proxies refuse large headers.";
    RESOURCES_DISAGREE = "SG0137" "resources_disagree" Error
        "resources that share a token disagree on its form"
        "With `multiple_audiences: true` one token goes to several resources, so they must agree on `typ` \
         and `signing_alg`. Align the resources, or drop `multiple_audiences`.";
    LIMIT_EXCEEDED = "SG0138" "limit_exceeded" Error
        "a limit on the size of the list is exceeded"
        "1,000,000 clients in all; for one client 10,000 scopes, 256 audiences, 64 credentials; 10,000 \
         resources with 10,000 scopes each; 1,000 teams with 64 patterns and 1,000 audiences each; names and \
         notes of 256 characters.";
    TOKEN_LARGE = "SG0139" "token_large" Warning
        "the largest token of a client passes 4 KiB"
        "Proxies and servers limit request headers, often to 8 KiB in all. A request with a larger token \
         fails at the resource server, far from here. Give the client fewer scopes a token with \
         `default_scope`, split it, or shorten its claims.";
    CREDENTIAL_MALFORMED = "SG0140" "credential_malformed" Error
        "a credential names no kind, or several"
        "An entry of `credentials` is a mapping with exactly one kind (`client_secret: …`) and perhaps \
         `not_before`, `expires` and `note`. Several credentials are several entries.";
    CREDENTIAL_KIND_UNSUPPORTED = "SG0141" "credential_kind_unsupported" Error
        "this kind of credential is not supported by this version"
        "The kind is a known word of the client file, but this version cannot check it. To ignore it would \
         lock out the client in silence.";
    DATE_MALFORMED = "SG0142" "date_malformed" Error
        "a date is not understood"
        "Write a day, `2027-03-01`, which means midnight UTC at its beginning, or a time with offset, \
         `2027-03-01T09:00:00+01:00`.";
    DATES_REVERSED = "SG0143" "dates_reversed" Error
        "a credential ends before it begins"
        "`not_before` must lie before `expires`; this credential would never be valid.";
    CREDENTIAL_OUTDATED = "SG0144" "credential_outdated" Warning
        "a credential has expired"
        "It is refused already. Remove it, so that the file shows what is in force.\n\nAn error under \
         `signet check --strict`.";
    CREDENTIAL_EXPIRES_SOON = "SG0145" "credential_expires_soon" Warning
        "a credential expires soon"
        "Add a second credential beside it now, roll it out, then remove this one. Both are valid at the \
         same time.\n\nSoon means within 30 days, or what `signet check --expiring-within` says. An error \
         under `signet check --strict`.";
    CREDENTIAL_NONE_LIVE = "SG0146" "credential_none_live" Warning
        "a client has no credential that is valid now"
        "Every request of this client is refused. Add a credential (`signet secret new`), or set \
         `disabled: true` when that is what you want.\n\nAn error under `signet check --strict`.";
    CREDENTIAL_SHARED = "SG0147" "credential_shared" Warning
        "two clients share a credential"
        "Whoever knows the secret of one client can act as the other, and neither can be renewed alone. \
         Make a secret for each client.";
    SECRET_IN_CLEAR = "SG0148" "secret_in_clear" Error
        "a secret stands in clear in the client file"
        "The file is reviewed, copied and kept in version control, so it holds digests only. Treat the \
         secret as known: make a new one with `signet secret new`, or, when it was never committed, replace \
         it by the output of `signet secret hash`.";
    SECRET_MALFORMED = "SG0149" "secret_malformed" Error
        "the digest of a secret is malformed"
        "A secret is stored as `sha256:` and 43 characters base64url without padding: the SHA-256 of the \
         whole secret. Hexadecimal and padded base64 are refused, so that one secret has one spelling.";
    SECRET_HASH_UNSUPPORTED = "SG0150" "secret_hash_unsupported" Error
        "an imported hash of a secret cannot be used"
        "Read are argon2, bcrypt and PBKDF2 strings within caps on what a check costs: memory and passes of \
         argon2, a cost of 4 to 14 for bcrypt, 2,000,000 rounds of PBKDF2. Make a new secret with \
         `signet secret new`; old and new can be valid side by side.";
    SECRET_WEAK = "SG0151" "secret_weak" Error
        "the secret is one that anybody would guess"
        "The digest is that of a well-known word, or of the client's own id. A client secret needs 128 bits \
         that cannot be guessed (RFC 6749 section 10.10); `signet secret new` makes 256.";
    TEAMS_IN_TEAM_FILE = "SG0152" "teams_in_team_file" Error
        "teams stand in a file that belongs to a team"
        "`teams` says which files may grant which audiences. Whoever may change a file of a team could change \
         the teams that stand in it, and give themselves every audience. Keep `teams` in a file that no \
         team's `files` match, and let the owners of all audiences review it.";
    TEAM_AUDIENCE_FOREIGN = "SG0153" "team_audience_foreign" Error
        "a client is granted an audience of a team from outside the files of that team"
        "An audience that a team lists is granted only by clients in files of such a team. Move the client \
         to a file of the team, take the scope or audience from it, or let the owners of `teams` list the \
         audience for the team of this file as well.";
    TEAM_AUDIENCE_UNLISTED = "SG0154" "team_audience_unlisted" Error
        "a client in a file of a team is granted an audience that the team does not list"
        "A file of a team grants the audiences that its teams list and no others, so that a change of it \
         needs the team's review only. Let the owners of `teams` add the audience, or move the client to a \
         file that belongs to no team.";
    TEAM_AUDIENCE_UNDECLARED = "SG0155" "team_audience_undeclared" Error
        "a team lists an audience that no resource declares"
        "`audiences` of a team are compared with those of `resources`, byte for byte. A misspelt audience \
         would restrict nothing, and nobody would see it.";
    TEAM_FILES_UNMATCHED = "SG0156" "team_files_unmatched" Warning
        "a pattern of a team matches no file"
        "`files` of a team are patterns for paths relative to the directory of `--clients`, with `/` between \
         the parts: `*` stands for any text within a part, `**` for any number of parts. With a single client \
         file they are matched against its name. A pattern without a file may be misspelt, and then the \
         team's files are nobody's.";
    TEAM_PATTERN_MALFORMED = "SG0157" "team_pattern_malformed" Error
        "a pattern for files is malformed"
        "A pattern is a path relative to the directory of `--clients`, for example `payments/**` or \
         `search/*.yaml`. `*` and `**` are the only signs; a pattern does not begin or end with `/` and has no \
         part `.` or `..`.";
    CLIENT_KEYS_MISSING = "SG0180" "client_keys_missing" Error
        "a private_key_jwt credential names no keys"
        "`private_key_jwt` needs the public keys of the client: `jwks` with a JWK Set (RFC 7517 section 5), \
         `jwks_file` with the name of a file that holds one, or one public key as PEM, or `jwks_uri` with the https \
         URL at which the client publishes one.";
    CLIENT_KEYS_MALFORMED = "SG0181" "client_keys_malformed" Error
        "the public keys of a client cannot be used"
        "A JWK Set is a mapping with `keys`, each with `kty` and its public members: `n` and `e` for RSA, `crv` \
         with `x` and `y` for P-256, `crv` with `x` for Ed25519. One key that cannot be used is an error, because \
         the client would be locked out on the day it signs with it. A private or symmetric key is refused: it is \
         no secret any more once it stood here. One key stands there for one algorithm (RFC 8725 section 3.1).";
    CLIENT_KEY_WEAK = "SG0182" "client_key_weak" Error
        "a public key of a client is too weak"
        "RSA keys have 2048 to 4096 bits, an odd exponent of 65537 or more (RFC 7518 section 3.3), and were not made \
         by the smart cards of CVE-2017-15361; a point lies on its curve and is not of small order (RFC 8725 \
         section 3.4). Signatures of other keys can be forged, or cost too much to check.";
    RELAXATION_UNKNOWN = "SG0183" "relaxation_unknown" Error
        "assertions cannot be relaxed like this"
        "`accept_audience` lists `issuer`, `token_endpoint` and `array`; `max_lifetime` is at most an hour.";
    ASSERTION_RELAXED = "SG0184" "assertion_relaxed" Warning
        "assertions of a client are accepted in a looser form"
        "Some libraries address the token endpoint instead of the issuer, send a list of one audience, or make \
         assertions that live for an hour. Each of that makes a stolen or misdirected assertion more useful \
         (CVE-2025-27370). It is counted in `signet_legacy_total`, so you can see when it is not needed any more.";
    CLIENT_KEYS_TWICE = "SG0185" "client_keys_twice" Error
        "a private_key_jwt credential names its keys twice"
        "Keys stand in the client file (`jwks`), in a file beside it (`jwks_file`) or at an address of the client \
         (`jwks_uri`). With two of them in one \
         credential nobody could tell which one counts. A client may have several credentials, each with keys of \
         its own.";
    CLIENT_KEY_FILE_NAME = "SG0186" "client_key_file_name" Error
        "the name of a key file leads out of the directory of the client file"
        "`jwks_file` is a path with `/` between its parts that begins at the directory of the client file and goes \
         down from there. It does not begin with `/`, and no part is `..` or begins with a dot. So whoever reviews \
         a directory sees every key that counts in it.";
    CLIENT_KEY_FILE_UNREADABLE = "SG0187" "client_key_file_unreadable" Error
        "a key file of a client cannot be read"
        "The file that `jwks_file` names is not there, is no regular file, is larger than 64 KiB, or is a link to a \
         place outside of the directory of the list (links within it are followed, as Kubernetes makes them). A list \
         names at most 10,000 files. The file is part of the list: a change of it is a reload and a new revision.";
    JWKS_URI_MALFORMED = "SG0188" "jwks_uri_malformed" Error
        "jwks_uri is not an https URL that can be fetched"
        "Keys are fetched over https only, from a URL without user name, password and fragment, of at most 512 \
         bytes. It is written as every reader understands it: host in small letters, names of other scripts in \
         their `xn--` form, numbers of an address in full, no default port, a path of at least `/`. So whoever \
         reviews the list sees the place that is connected to.";
    JWKS_URI_PRIVATE = "SG0189" "jwks_uri_private" Warning
        "jwks_uri lies inside of the network"
        "The URL names an address that is not of the public internet (RFC 6890): loopback, a private network, a \
         link-local address like the metadata service of a cloud. A list that could make the server connect there \
         would reach what its author cannot (CVE-2026-22752). The server refuses unless `jwks-uri-networks` names \
         the network. Names are judged by their addresses each time that keys are fetched.";
}
