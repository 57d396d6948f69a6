//! 01xx, continued: what holds over the whole list, and what loosens a default (SG0160 to SG0179).

super::codes! {
    TYP_JWT = "SG0160" "typ_jwt" Note
        "a resource takes tokens of the type JWT"
        "`typ: JWT` is for resource servers that refuse `at+jwt`. It lets such a server take any JWT of this \
         issuer for an access token (RFC 9068 section 5, RFC 8725 section 3.11), so it is noted for whoever \
         reviews the list. This server issues access tokens only, which makes it safe today; drop the line \
         when the resource server has learned the type.";
    MULTIPLE_AUDIENCES = "SG0161" "multiple_audiences" Note
        "a client may have one token for several audiences"
        "Each of these resource servers can use such a token at the others, as the client. One token an \
         audience costs the client one more request and avoids it (RFC 9700 section 2.3). It is noted for \
         whoever reviews the list.";
    SCOPE_SHARED = "SG0162" "scope_shared" Warning
        "several resources define one scope"
        "A scope should have one owner. When several resources define it, a client that has it must list its \
         audiences, a request that names the scope alone may be refused because the audience does not \
         follow from it, and the owners may come to mean different things by one word. Name the scope \
         after its resource: `invoices:read`.\n\nResources that name the same `owner` may share a scope; \
         then this is a note.";
    SUBJECT_WILDCARD = "SG0163" "subject_wildcard" Error
        "the subject of a federated credential has a wildcard"
        "The subject says which workload may act as the client. It is compared byte for byte; a `*` would be \
         no wildcard but a lock-out, and meant as one it would let in every workload of a namespace, \
         repository or cluster, also those that others create later. Name each workload in a credential of \
         its own.";
    SUBJECT_DEFAULT = "SG0164" "subject_default" Warning
        "the subject of a federated credential is a default service account"
        "Every pod of a Kubernetes namespace that names no service account runs as `default`. So each of \
         them could act as the client, among them pods that somebody adds later. Give the workload a \
         service account of its own: `system:serviceaccount:NAMESPACE:NAME`.";
}
