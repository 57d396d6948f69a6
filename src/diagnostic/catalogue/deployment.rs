//! 06xx: how the server is deployed.

super::codes! {
    DEMO_SECRET = "SG0601" "demo_secret" Error
        "a client accepts a secret that is published with this software"
        "The demo list of the source code is public, and so are the secrets that fit it. They are for \
         trying things out; `signet serve` refuses a list that accepts one of them. Replace the credential \
         with one from `signet secret new`, or remove the client.";
}
