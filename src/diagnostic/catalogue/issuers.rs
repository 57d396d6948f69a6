//! 0401 to 0449: what a live issuer shows to the outside, and who in the field cannot work with it
//! (`signet doctor`).

super::codes! {
    METADATA_NOT_FOUND = "SG0401" "metadata_not_found" Error
        "no metadata is found below the issuer"
        "Clients and verifiers that are given an issuer look for its metadata at \
         `HOST/.well-known/oauth-authorization-server/PATH` (RFC 8414 section 3.1) or at \
         `ISSUER/.well-known/openid-configuration` (OpenID Connect Discovery section 4). Neither answers with a \
         document. Check the URL, and what a proxy in front of the issuer passes on.";
    METADATA_SPELLING = "SG0402" "metadata_spelling_missing" Warning
        "the metadata stands at one of its two places only"
        "Some programs know only RFC 8414's place (MCP clients ask there first), others only OpenID's (go-oidc and \
         with it Kubernetes, ASP.NET Core, Istio, most gateways). Serve the same document at both.";
    DOCUMENT_UNAVAILABLE = "SG0403" "document_unavailable" Error
        "a document of the issuer cannot be fetched"
        "It does not answer in time, the connection breaks, the answer is too large to be read (256 KiB), or the \
         status is not 200 (metadata that answers 404 has codes of its own). Metadata and key set are public: verifiers send no credentials, and MCP \
         clients and Spring Security give up at a 5xx where a 404 would let them look at the other place.";
    REDIRECTED = "SG0404" "document_redirected" Error
        "a document of the issuer is answered with a redirect"
        "jose, oauth4webapi, openid-client, PyJWT and Trino do not follow redirects, for good reason: whoever can \
         redirect chooses the keys. `doctor` does not follow them either. Serve the document where it is \
         announced, or announce where it is served.";
    NOT_JSON = "SG0405" "document_not_json" Error
        "a document of the issuer is not one JSON object"
        "Metadata and key set are JSON objects. A member that stands twice counts as wrong too: readers disagree \
         about which of the two is meant. A page in HTML at this place is usually a login page or the front end of \
         a proxy.";
    CONTENT_TYPE = "SG0406" "document_content_type" Warning
        "a document of the issuer does not say that it is JSON"
        "`Content-Type` should be `application/json` (RFC 8414 section 3.2); for a key set \
         `application/jwk-set+json` is as good. oauth4webapi and openid-client refuse anything else.";
    METADATA_DIFFERS = "SG0407" "metadata_differs" Warning
        "the metadata differs between its places"
        "Clients read one place or the other and would come to different endpoints, keys or methods. Serve the same \
         bytes at all places.";
    ISSUER_MISMATCH = "SG0408" "issuer_mismatch" Error
        "the metadata speaks of another issuer"
        "`issuer` must be the URL that was asked for, byte for byte (RFC 8414 section 3.3), and is the `iss` of every \
         token. A slash at the end, another case, a port or `http` for `https` make it another one: go-oidc, Spring \
         Security, MCP clients, PostgreSQL and Envoy refuse it. Either the issuer is configured under another name \
         than it is reached by, or you were sent to somebody else's.";
    ISSUER_FORM = "SG0409" "issuer_form" Error
        "the issuer is no URL that an issuer may have"
        "RFC 8414 section 2: `https`, no query, no fragment. Only loopback hosts may use `http`. Clients refuse \
         everything else, and over `http` anybody on the way can put in keys of their own.";
    ISSUER_SLASH = "SG0410" "issuer_slash" Note
        "the issuer ends with a slash"
        "Allowed, and a steady source of refused tokens: it has to be in the configuration of every client and \
         verifier, because `iss` is compared byte for byte, while the places of the metadata are made without it. \
         An issuer that is in use cannot drop it; a new one should not have it.";
    MEMBER_MISSING = "SG0411" "metadata_member_missing" Error
        "the metadata lacks a member that it needs"
        "RFC 8414 section 2 requires `issuer`, `response_types_supported` (an empty list will do for an issuer of \
         machine tokens), `token_endpoint` for every grant but implicit, and \
         `token_endpoint_auth_signing_alg_values_supported` where a method signs assertions. Without `jwks_uri` no \
         verifier finds the keys.";
    MEMBER_TYPE = "SG0412" "metadata_member_type" Error
        "a member of the metadata has the wrong type"
        "Libraries in typed languages refuse the whole document for one such member: a text where a list belongs, \
         `null`, \"true\" in quotation marks, a URL that is none. RFC 8414 section 2 and OpenID Connect Discovery \
         section 3 give the types.";
    MEMBER_WANTED = "SG0413" "metadata_member_wanted" Warning
        "the metadata lacks a member that clients in the field insist on"
        "No rule of RFC 8414 asks for these, and widespread clients refuse the document without them: MCP clients and \
         openidconnect for Rust want `authorization_endpoint`; Spring Security reads the OpenID place by \
         OpenID's rules, which add `subject_types_supported` and `id_token_signing_alg_values_supported`. Where \
         `grant_types_supported` is absent it means `authorization_code` and `implicit`, so an issuer of machine \
         tokens has to say `client_credentials`.";
    MEMBER_EMPTY = "SG0414" "metadata_member_empty" Warning
        "a list in the metadata is empty"
        "RFC 8414 section 3.2: members without a value are left out. Clients read an empty list as \"nothing is \
         offered\". The exception is `response_types_supported`, which is required and empty where there is no \
         login.";
    MEMBER_UNKNOWN = "SG0415" "metadata_member_unknown" Note
        "the metadata has members that are not registered"
        "Clients ignore what they do not know, so a misspelt member does nothing. Members of a vendor's own are \
         allowed (RFC 8414 section 2); those are listed so that somebody looks.";
    ENDPOINT_FORM = "SG0416" "endpoint_form" Error
        "an endpoint in the metadata is no https URL"
        "Secrets go to the token endpoint and trust comes from the key set: both need `https` and an absolute URL \
         without a fragment. `http` is for issuers on loopback only. `doctor` does not visit such a URL.";
    ENDPOINT_ELSEWHERE = "SG0417" "endpoint_elsewhere" Warning
        "endpoints in the metadata are on another host than the issuer"
        "Allowed, and refused by Duende IdentityModel unless its policy is loosened; firewalls and allow-lists have \
         to know the other host too. If that host is a surprise, the issuer takes its own name from a header of \
         the request: fix the issuer's setting.";
    ALGORITHMS_DISAGREE = "SG0418" "published_algorithms_disagree" Warning
        "the metadata does not list an algorithm that the keys are for"
        "go-oidc (and with it Kubernetes) and express-oauth2-jwt-bearer take \
         `id_token_signing_alg_values_supported` for the list of algorithms that tokens may have. A token signed \
         with a key whose `alg` is not in it is refused.";
    ASSERTION_NONE = "SG0419" "assertion_none_offered" Error
        "the metadata offers assertions without a signature"
        "`token_endpoint_auth_signing_alg_values_supported` must not contain `none` (RFC 8414 section 2): anybody \
         could make such an assertion.";
    KEY_SET_UNUSABLE = "SG0420" "key_set_unusable" Error
        "the key set holds no key that a token could be verified with"
        "A key set is `{\"keys\": [...]}` with at least one public key for signatures (RFC 7517 section 5). Without \
         one every verifier refuses every token.";
    JWK_PRIVATE = "SG0421" "jwk_private" Error
        "the key set shows a private or a symmetric key"
        "Whoever has fetched the key set can sign tokens for every client. The key is lost: withdraw it now \
         (`signet keys revoke`), sign with another, and refuse tokens of the old one everywhere. Then find out what \
         published it. The members are `d`, `p`, `q`, `dp`, `dq`, `qi`, `oth` of RSA, `d` of EC and OKP, and `k` of \
         symmetric keys (RFC 7518 section 6).";
    JWK_KID = "SG0422" "jwk_kid_missing" Warning
        "a key in the key set has no kid"
        "PyJWT and Trino find keys by `kid` alone, Cloudflare requires it, and with more than one key jwks-rsa and \
         joserfc do too; then this is an error. A rotation is impossible without: for its time there are two keys.";
    JWK_KID_REPEATED = "SG0423" "jwk_kid_repeated" Error
        "two keys in the key set have one kid"
        "RFC 7517 section 4.5 asks for different ones. jose refuses a token for which two keys fit, others take the \
         first and fail for every token of the second.";
    JWK_ALG = "SG0424" "jwk_alg_missing" Warning
        "a key in the key set does not say its algorithm"
        "A key is for one algorithm (RFC 8725 section 3.1). Without `alg` every verifier guesses: PyJWT assumes RS256, \
         Spring Security allows the whole family, others what the token says.";
    JWK_USE = "SG0425" "jwk_use_missing" Note
        "a key in the key set does not say that it is for signatures"
        "`use` is optional (RFC 7517 section 4.2). With `\"use\": \"sig\"` no reader takes the key for one to encrypt \
         to, and FAPI asks for it.";
    JWK_TWO_ALGORITHMS = "SG0426" "jwk_two_algorithms" Error
        "one key is published for two algorithms"
        "A key must be used with one algorithm only (RFC 8725 section 3.1): proofs of security do not hold across \
         two, and a verifier can be led to the weaker. Make a key for each algorithm.";
    JWK_REPEATED = "SG0427" "jwk_repeated" Warning
        "one key stands twice in the key set"
        "Under two names the same key does nothing that it does not do under one; jose refuses a token for which two \
         keys fit. It is usually a rotation that did not make a new key.";
    JWK_WEAK = "SG0428" "jwk_weak" Error
        "a key in the key set is too weak"
        "RS256 and PS256 require 2048 bits (RFC 7518 sections 3.3 and 3.5), and common libraries refuse less: a key of \
         1024 bits can be factored by whoever has the means. A public exponent below 65537 (FIPS 186-5 appendix A.1.1) \
         is a warning: it is sound where verifiers check the padding to the last bit, and some have not.";
    JWK_MALFORMED = "SG0429" "jwk_malformed" Error
        "a key in the key set is malformed"
        "Members are base64url without padding, integers without leading zero octets, coordinates at full length \
         (RFC 7518 section 6); `alg` belongs to the type of the key; `key_ops`, if present, lists `verify`. Lenient \
         readers pass over it, strict ones (jose) refuse the key.";
    JWK_OTHER = "SG0430" "jwk_not_judged" Note
        "a key in the key set is of a kind that is not judged here"
        "Keys for encryption, other curves and newer types are allowed in a key set, and readers skip what they do not \
         know (RFC 7517 section 5). Verifiers that do not know them see one key fewer.";
    GATEWAY_LIMIT = "SG0431" "gateway_limit" Warning
        "the issuer passes a limit of gateways in the field"
        "AWS load balancers take a key set of at most 10 keys and 150 KB, and an issuer and a URL of the key set of at \
         most 256 characters; Cloudflare API Shield takes 16 keys; Kafka a `kid` of at most 1000 characters. \
         jwks-rsa and Ktor remember 5 keys: with more they fetch over and over, which is a note.";
    NO_RS256 = "SG0432" "no_rs256_key" Note
        "no key in the key set is for RS256"
        "RS256 is the one algorithm that every verifier knows. AWS load balancers take nothing else, AWS HTTP APIs \
         only RSA, NGINX Plus no PS256, Kubernetes and Spring Security's discovery no EdDSA. Fine when all your \
         verifiers are known.";
    CACHE_UNSAID = "SG0433" "cache_control_missing" Warning
        "the key set does not say how long it may be kept"
        "Without `Cache-Control` every verifier chooses: Confluent Cloud keeps the set for 24 hours, caches by RFC \
         9111 guess. A new key is then known when they happen to look. Five minutes (`max-age=300`) suit all.";
    CACHE_LONG = "SG0434" "cache_control_long" Warning
        "the key set may be kept for longer than keys are announced ahead"
        "Caches that obey the header may use an old copy for `max-age`, and for `stale-if-error` or \
         `stale-while-revalidate` more. For so long a new key must be published before it signs, or they refuse its \
         tokens; for so long they accept a withdrawn one. Above the lead (`--lead`, 24 hours unless \
         set) it is a warning; a `max-age` above one hour is a note.";
    CACHE_NONE = "SG0435" "cache_control_none" Note
        "the key set may not be kept"
        "`no-store`, `no-cache` or `max-age=0`: verifiers that obey ask the issuer again and again, and cannot verify \
         while it is down. Just before a change of the set it is right; otherwise allow some minutes.";
    NOT_VALIDATED = "SG0436" "etag_not_honoured" Note
        "the key set cannot be validated with a 304"
        "It has no `ETag`, or the server answers 200 with the whole set to `If-None-Match` with the tag that it gave \
         (RFC 9110 section 13.1.2). Verifiers that poll then fetch everything each time.";
    CORS_MISSING = "SG0437" "cors_missing" Note
        "a document of the issuer cannot be read by programs in browsers"
        "It lacks `Access-Control-Allow-Origin`. MCP clients and tools that run in a page cannot read it. The documents \
         are public, so `*` gives nothing away.";
    CLOCK_SKEW = "SG0438" "clock_skew" Warning
        "the clocks of the issuer and of this machine differ"
        "Told from the `Date` of the answers, less the time that they took. PyJWT refuses a token whose `iat` lies \
         three seconds ahead, jose one that expired this second; most verifiers allow 60 seconds, so above that it \
         is an error. One of the two clocks is wrong: look at both with a time service.";
    DATE_MISSING = "SG0439" "date_missing" Note
        "no answer of the issuer has a Date"
        "A server with a clock sends `Date` (RFC 9110 section 6.6.1). Without it nobody can tell from outside whether \
         its clock is right, and caches cannot tell how old a copy is.";
    CERTIFICATE_REFUSED = "SG0440" "certificate_refused" Error
        "the TLS certificate is not accepted"
        "Clients and verifiers refuse the connection: the certificate has expired, is for another name, or comes from \
         an authority that this machine does not trust. Of an incomplete chain browsers make do, libraries do not: \
         send the intermediate certificates after the server's own. For an authority of your own, name its \
         certificate with `--cacert`, and make sure that every verifier has it.";
    CERTIFICATE_ENDS = "SG0441" "certificate_expires_soon" Warning
        "the TLS certificate expires soon"
        "When it ends, nobody gets tokens and nobody fetches keys. Certificates that renew themselves usually \
         do so weeks before, so a late one is a renewal that does not work, or a server that does not read \
         the new file. `--certificate-expiring-within` says what soon is.";
    TLS_VERSION = "SG0442" "tls_version_old" Note
        "the server does not speak TLS 1.3"
        "TLS 1.2 is sound with the suites that this client offers (RFC 9325). TLS 1.3 costs one round trip less and \
         hides the certificate; every current server has it.";
    TOKEN_ENDPOINT = "SG0443" "token_endpoint_answer" Error
        "the token endpoint does not answer like one"
        "`doctor` asks for a token without any credentials. The right answer is 400 or 401 with a JSON object that has \
         `error` (RFC 6749 section 5.2). Client libraries read `error` to tell a wrong secret from an outage; a page \
         in HTML, a 404 or a 5xx at this place is a proxy or a wrong path.";
    TOKEN_FOR_NOBODY = "SG0444" "token_without_credentials" Error
        "the token endpoint gives a token to a caller without credentials"
        "`doctor` sent nothing but `grant_type=client_credentials`. RFC 6749 section 4.4.2 requires the client to \
         authenticate. Close it: everybody who reaches the endpoint gets tokens.";
    TOKEN_REFUSED = "SG0445" "token_refused" Error
        "a token of the issuer does not verify"
        "The token of `--token` was checked with the metadata and the key set as they are served now, without any \
         tolerance. A `kid` that the set does not hold means a key that signs before it is published, or replicas \
         that do not have the same keys. `signet verify` shows all checks.";
    TLS_FAILED = "SG0446" "tls_failed" Error
        "no TLS connection to the issuer comes about"
        "The handshake fails before a certificate is seen: the server speaks no TLS at this port, only versions before \
         TLS 1.2, or only suites that are not safe any more.";
    TLS_OLD = "SG0447" "tls_old_accepted" Warning
        "the server agrees to a version of TLS that is not safe any more"
        "RFC 8996 forbids TLS 1.0 and 1.1: they rest on SHA-1 and MD5. Whoever sits between client and server may try \
         to make them use it, and audits fail for it. It is asked of the issuer's host, past any proxy of yours.";
}
