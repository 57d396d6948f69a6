//! 06xx: how the server is deployed (SG0601 to SG0609), and what writes into client files (SG0610 to
//! SG0619).

super::codes! {
    DEMO_SECRET = "SG0601" "demo_secret" Error
        "a client accepts a secret that is published with this software"
        "The demo list of the source code is public, and so are the secrets that fit it. They are for \
         trying things out; `signet serve` refuses a list that accepts one of them. Replace the credential \
         with one from `signet secret new`, or remove the client.\n\n`signet check` notes it, and refuses it \
         under `--strict`.";
    FILE_IS_LINK = "SG0610" "file_is_link" Error
        "a client file that is a link is not written"
        "`signet fmt` and `signet clients new` put a new file in the place of the old one. In the place of a link \
         that would cut the link, and to write through it would change a file in another directory, perhaps one \
         that others use as well. Name the file that the link leads to. `signet fmt --check` reads links.";
    FORMAT_UNSAFE = "SG0611" "format_unsafe" Error
        "a file cannot be formatted without changing what it says"
        "After formatting, `signet fmt` reads its own result and compares meaning and comments with the file. Here \
         they differ, so nothing was written. That is a mistake of the program: please report it with the part of \
         the file that causes it, secrets removed. The file itself may be perfectly good.";
}
