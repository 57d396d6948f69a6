//! 035x: why a running server does not take what the files say now.

super::codes! {
    END_MARKER_GONE = "SG0352" "reload_end_marker_gone" Error
        "a client file lost its end marker, so it may have been cut off"
        "The file in force ended with the YAML end marker `...`, and the new one does not. A file that is \
         still being written, or was cut off, looks like this, and YAML cannot tell: a list that stops early \
         is a valid, shorter list. The server keeps the list in force.\n\nIf the file is not complete, write \
         it again. If it is meant to have no end marker, send SIGHUP twice within 60 seconds, or restart. \
         `require-end-marker: false` switches the rule off.";
    REMOVES_MANY = "SG0353" "reload_removes_many" Error
        "a reload would remove or disable a large part of the clients"
        "More than 20 clients may get tokens now, and the new files would take that from more of them than \
         `max-removed` allows (25 percent unless it is set). That is more often an accident (a volume that is \
         mounted in part, a file that was cut off, a wrong branch) than a plan, so the server keeps the list in \
         force.\n\nIf it is meant, send SIGHUP twice within 60 seconds, or restart. Both SIGHUPs must find the \
         same files. `max-removed: 100` switches the rule off.";
    FILES_UNSETTLED = "SG0354" "reload_files_unsettled" Error
        "the files changed each time they were read"
        "A reload takes one state of all files or none. Here the files changed while they were read, several \
         times in a row, so what was read may never have been a whole. The server keeps what is in force and \
         looks again with the next poll.\n\nReplace files as a whole: write beside them and rename, or swap one \
         link for all of them, as Kubernetes does.";
    CERTIFICATE_REFUSED = "SG0355" "reload_certificate_refused" Error
        "the certificate of the public listener cannot be used"
        "The files behind `tls-certificate` and `tls-key` changed and are not a chain and its key: one cannot \
         be read, is no PEM, or they do not belong together, which happens between the two writes of a renewal. \
         The certificate in force stays until both are right.";
}
