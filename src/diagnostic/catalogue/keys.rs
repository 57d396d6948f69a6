//! 02xx: the directory of signing keys.

super::codes! {
    KEYS_DIRECTORY_MISSING = "SG0201" "keys_directory_missing" Error
        "the directory of signing keys does not exist"
        "Signing keys are files in a directory, `keys` unless `--keys` says otherwise. signet never \
         invents a key by itself: replicas would each make their own, and every restart would make \
         all tokens invalid.\n\n`signet keys new` makes the directory (readable by its owner alone) and \
         the first key in it.";
    NO_KEYS = "SG0202" "no_keys" Error
        "the directory holds no signing key"
        "A token cannot be issued without a key. `signet keys new` makes the first one, active at \
         once.\n\nIn Kubernetes an empty directory is often a Secret that was mounted with `items` or \
         with another name.";
    KEY_UNREADABLE = "SG0203" "key_unreadable" Error
        "a key file or the directory of keys cannot be read"
        "The operating system's reason stands in the message. The file must be a regular file of a \
         few kilobytes, or a link to one, and readable by the account that runs signet.";
    KEY_NAME = "SG0204" "key_name" Error
        "a .pem file is not named as keys are"
        "The name of a key file is `ACTIVATION.ALG.pem`: the moment from which the key signs, in UTC, \
         as `YYYYMMDDTHHMMSSZ`; a dot; `rs256`, `ps256`, `es256` or `eddsa`; and `.pem`, or `.pub.pem` \
         for a public half alone. Example: `20261122T190000Z.rs256.pem`.\n\nThe state of every key is computed from the names \
         and the clock alone, so a file without a time in its name has no place in the plan. To keep \
         a file that is no key, move it elsewhere.";
    KEY_DATE = "SG0205" "key_date" Error
        "the activation in the name of a key file does not exist"
        "The name has the right shape, but the month, day, hour, minute or second is one that no \
         calendar has: the 31st of April, month 13, 24:00, a leap second. It is not corrected, \
         because a key that becomes active at another time than was meant breaks verifiers.";
    KEY_EXPOSED = "SG0206" "key_exposed" Error
        "a key file can be used by others"
        "Whoever can read a private key can issue tokens for every client. So a private half must \
         have no permission at all for other accounts, and none for its group: mode 600 or \
         400.\n\nOne exception: a file that belongs to root may be readable by its group when signet \
         does not run as root. Kubernetes mounts Secrets like this: set `defaultMode: 0400` on the \
         volume and `fsGroup` in the security context, and the file becomes `root:fsGroup` with mode \
         440. The default mode of Secret volumes, 0644, is refused. Writing by the group and any \
         permission of others are refused always.\n\nA public half (`.pub.pem`) may be read by \
         everybody, but not written: whoever can write it can have tokens of their own accepted.\n\nA \
         key that was readable by others should be replaced, not only its permissions: \
         `signet keys new --now`.";
    KEY_ENCRYPTED = "SG0207" "key_encrypted" Error
        "a private key is encrypted with a passphrase"
        "A server starts without anybody to type a passphrase, and one that stands beside the key \
         protects nothing. Store the key in clear with mode 600, on a disk or in a secret store that \
         is encrypted itself.";
    KEY_NOT_PEM = "SG0208" "key_not_pem" Error
        "a key file is not PEM, or not a form of PEM that is read"
        "Read are: `PRIVATE KEY` (PKCS#8), `RSA PRIVATE KEY` (PKCS#1) and `EC PRIVATE KEY` (SEC 1) in \
         `.pem`, and `PUBLIC KEY` in `.pub.pem`, each with its BEGIN and END line. Text before and \
         after is allowed. `openssl pkey` converts every other form.";
    KEY_CERTIFICATE = "SG0209" "key_certificate" Error
        "a key file holds a certificate"
        "Tokens are signed with a bare key; certificates are not used and not published. Most often \
         this is a TLS file in the wrong directory. Do not sign tokens with the key of a \
         certificate: one key has one purpose.";
    KEY_SEVERAL = "SG0210" "key_several" Error
        "a key file holds more than one key"
        "One file is one key with one activation. Which of several was meant cannot be known.";
    KEY_WRONG_HALF = "SG0211" "key_wrong_half" Error
        "a key file holds the other half than its name says"
        "`.pem` is a private half, `.pub.pem` a public one. A private key under a public name is \
         serious: such files are copied and published without care. Treat the key as known to \
         others.";
    KEY_WRONG_TYPE = "SG0212" "key_wrong_type" Error
        "a key is of another type than the algorithm in its file name needs"
        "`rs256` and `ps256` need an RSA key (rsaEncryption), `es256` one on the curve P-256, `eddsa` one \
         on Ed25519. A key of the type RSA-PSS (RFC 8017 Appendix A.2.3) may carry parameters that \
         verifiers cannot see, so it is not read for `ps256` either.";
    KEY_TOO_SMALL = "SG0213" "key_too_small" Error
        "an RSA key is too weak"
        "RFC 7518 sections 3.3 and 3.5: RSA keys have 2048 bits or more. Smaller ones can be factored, \
         and strict verifiers refuse their signatures. Public exponents below 65537 are refused \
         as well (NIST SP 800-56B), and so are keys of smart cards that can be factored whatever their \
         size (CVE-2017-15361).";
    KEY_TOO_LARGE = "SG0214" "key_too_large" Error
        "an RSA key is too large"
        "Above 4096 bits signing becomes very slow, tokens grow, and several verifiers refuse the \
         key. 2048 bits are enough for tokens that live minutes and keys that live months; 3072 is \
         the choice where a rule asks for 128 bits of security.";
    KEY_MALFORMED = "SG0215" "key_malformed" Error
        "a key is not valid"
        "The file is PEM, but the key in it cannot be decoded, or its numbers do not belong together \
         (a damaged copy, a key put together by hand). A key with wrong CRT parameters would make \
         signatures that give the private key away, so it is never used. Copy the file again, or \
         make another key.";
    KEY_SELF_TEST = "SG0216" "key_self_test" Error
        "a key fails its self-test"
        "Before a key is used it signs two messages, and its public half must verify both. This key's \
         did not: the two halves do not belong together, the file is damaged, or the machine \
         computes wrongly. Nothing was signed with it for anybody.";
    SAME_INSTANT = "SG0217" "same_instant" Error
        "two different keys are named for the same algorithm and instant"
        "The key with the latest activation signs, and here two have it. This happens when a \
         `.pub.pem` stands beside a `.pem` and is not its public half. Give one of them a later \
         activation, or remove it.";
    SAME_KEY = "SG0218" "same_key" Error
        "the same key stands in two files"
        "RFC 8725 section 3.1: a key is used with exactly one algorithm. And a key that becomes \
         active a second time was no change of keys at all. Each file must hold its own key.";
    ALGORITHM_NOT_OFFERED = "SG0219" "algorithm_not_offered" Error
        "nothing here signs with the algorithm in the name of a key file"
        "The algorithm is a registered one, but no backend of this build signs with it, or not the \
         backend that the settings name. The help line lists what does.";
    NO_ACTIVE_KEY = "SG0220" "no_active_key" Warning
        "no key of an algorithm is active yet"
        "All keys of the algorithm lie in the future. They are published, so that verifiers know them \
         in time, but nothing is signed until the first of them becomes active; that happens by \
         itself. If this is a surprise, the clock of the machine is probably behind.";
    SIGNING_KEY_PUBLIC = "SG0221" "signing_key_public" Error
        "the key that should sign has only its public half here"
        "A private half may be replaced by its `.pub.pem` once a later key has taken over, not \
         before.";
    NEXT_KEY_PUBLIC = "SG0222" "next_key_public" Warning
        "a key that will sign has only its public half here"
        "The key is published ahead of its activation, which is fine while its private half is kept \
         elsewhere. At its activation the private half must be in the directory, or signing stops.";
    MANY_KEYS_PUBLISHED = "SG0223" "many_keys_published" Warning
        "more keys are published than verifiers do best with"
        "Verifiers fetch the whole set, some try every key, and some gateways cap its size. Usual are \
         one key that signs, one that is next and one that retires, for each algorithm.";
    TOO_MANY_KEYS_PUBLISHED = "SG0224" "too_many_keys_published" Error
        "too many keys would be published"
        "More than ten published keys are never needed, and several verifiers stop reading a set \
         there, so that tokens would be refused here and there. Most often next keys were made in a \
         loop; remove those that are not needed yet.";
    FOREIGN_FILE = "SG0225" "foreign_file" Warning
        "a file in the directory of keys is not read"
        "Only files named `ACTIVATION.ALG.pem` are keys. `README*` and names that start with a dot \
         are expected here; everything else may be a key with a wrong name or a forgotten copy of \
         one.";
    REVOKED_KEY_PRESENT = "SG0230" "revoked_key_present" Warning
        "a file holds a key that is withdrawn"
        "A file `ACTIVATION.ALG.revoked.pem` withdraws the key of that activation and algorithm, and every \
         file with the same key in it. It wins over the key's own file, so that a copy that comes back from a \
         backup or an older volume does no harm. The key is not published and signs nothing; delete the \
         file.";
    REVOKED_BY_NAME = "SG0231" "revoked_by_name" Warning
        "a file that withdraws a key does not hold the key's public half"
        "The key is withdrawn: the name of the file says which one. But the same key under another name would \
         not be known. `signet keys revoke` writes the public half into the file for that.";
    ALL_REVOKED = "SG0232" "all_revoked" Warning
        "the keys of an algorithm are withdrawn and none can sign"
        "A revocation takes effect whatever follows from it: the withdrawn key is out of the key set, and \
         requests for tokens of this algorithm are answered with `server_error` until a key is there. \
         `signet keys new --now` makes one that signs at once. This is a warning and no error, because \
         refusing the files would leave the withdrawn key in force.";
    LEFTOVER = "SG0233" "key_leftover" Note
        "a half-written file lies in the directory of keys"
        "A key file is written under a name of its own, `.new-` and 16 digits, and gets its real name when it is \
         whole. When the machine or the command stops in between, the first file stays. Nothing reads it, but it \
         may hold a whole private key. `signet keys prune --yes` deletes what is older than ten minutes.";
    SEAL_KEY_MALFORMED = "SG0240" "seal_key_malformed" Error
        "a seal key is not what a seal key is"
        "A file `ACTIVATION.seal.key` holds one line: 256 random bits in base64url, 43 characters, without \
         padding. `signet keys new --seal` makes one. Registered clients are recognised with it, so that a \
         damaged file would lock all of them out; nothing is guessed.";
    LEAD_TOO_SHORT = "SG0250" "lead_too_short" Warning
        "a key signs before every verifier in use can know it"
        "A verifier that polls sees a key at its next poll. When the key signs sooner than that after \
         its file appeared, tokens are refused until the poll, at the worst for the poll less the \
         lead. The verifiers are those that `--verifier` names, with their default settings unless the \
         name carries others (`jose:poll=20m:cooldown=2m`); `poll=DURATION` stands for any other one \
         that polls. What would be refused for a minute or less is not reported.\n\nWhen a file \
         appeared is taken from the time at which it was last written. A copy of later, and a volume \
         that was mounted anew, make it look younger than it is.\n\nGive the key a later activation by renaming its file, while it \
         does not sign yet. `signet keys new` leaves 24 hours unless told otherwise, which is enough \
         for every verifier that fetches keys by itself.";
    KEY_SET_UPLOAD = "SG0251" "key_set_upload" Warning
        "a verifier that is given the key set by hand needs the next key"
        "Some verifiers fetch nothing: somebody uploads the key set. `--verifier` names one, and a key \
         waits for its activation. Upload the set before that; it holds the next key as soon as the \
         file is there. Until the upload every token of the new key is refused there.";
}
