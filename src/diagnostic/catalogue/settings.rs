//! 03xx: the settings file, and what settings, clients and keys must agree on.

super::codes! {
    SETTINGS_UNREADABLE = "SG0301" "settings_unreadable" Error
        "the settings file cannot be read"
        "`--config` (or `SIGNET_CONFIG`) names a file that does not exist, cannot be opened, is larger than 1 MiB or \
         is not UTF-8. Settings can also be given as flags or environment variables alone.";
    SETTINGS_SHAPE = "SG0302" "settings_shape" Error
        "the settings file is not a mapping of plain values"
        "The file is a YAML mapping, for example:\n\nissuer: https://auth.example.com\nlisten: 0.0.0.0:8080\n\
         access-token-lifetime: 10m\n\nEach member is named like the flag without the dashes before it and holds \
         text, a whole number, true or false.";
    SETTING_UNKNOWN = "SG0303" "setting_unknown" Error
        "the settings file has a member that no flag is named like"
        "Members are named like the flags of `signet serve --help`, with dashes: `admin-listen`, not \
         `admin_listen`. Secrets have no flag and no member.";
    ALGORITHM_WITHOUT_KEY = "SG0304" "algorithm_without_key" Error
        "a resource wants an algorithm for which there is no key"
        "`signing_alg` of a resource names an algorithm, and the key directory holds no private key for it. Every \
         request for this resource would fail. Make a key with `signet keys new`, or change `signing_alg`.";
    SETTING_VALUE = "SG0305" "setting_value" Error
        "a member of the settings file has a value that its flag would refuse"
        "A member of the settings file takes what the flag of the same name takes; `signet serve --help` says what \
         that is. It is refused even where a flag or a variable of the environment is stronger, because it would be \
         in force as soon as that is gone.";
    TOKEN_OUTLIVES_KEY = "SG0306" "token_outlives_key" Error
        "tokens would outlive the publication of the key that signed them"
        "A resource server verifies a token with the published key set. A key stays in it after its successor took \
         over, for as long as its last token may still be accepted: the longest lifetime of clients and resources \
         plus the clock allowance. Here it would leave earlier, and good tokens would be refused. Shorten the \
         lifetimes, or the clock allowance.";
    LIFETIME_SETTING_LONG = "SG0307" "lifetime_setting_long" Warning
        "the default lifetime of tokens is above one hour"
        "`--access-token-lifetime` is for every token for which neither client nor resource sets one. An access \
         token cannot be called back, so a long one belongs to the single client or resource that needs it \
         (RFC 9700 section 2.2).";
    SEAL_KEY_MISSING = "SG0308" "seal_key_missing" Error
        "clients may be registered, and there is no seal key"
        "`registration: policies` lets clients of the list register others. Their ids are sealed with a key that \
         every replica has, a file `ACTIVATION.seal.key` among `keys/`: `signet keys new --seal` makes one. Without \
         one nothing can be registered, and nobody who was registered is recognised. While all seal keys are still to \
         become active, it is a warning.";
}
