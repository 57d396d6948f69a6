//! Who a `federated` credential lets in. The kind itself is not built yet and is refused as a whole;
//! a subject that is too wide is said already, because whoever writes it will write it again.

use crate::diagnostic::catalogue::rules;
use crate::diagnostic::{Finding, Findings, Section, Value};

/// How Kubernetes names a service account: `system:serviceaccount:NAMESPACE:NAME`.
const SERVICE_ACCOUNT: &str = "system:serviceaccount:";

/// `section` is the value of the member `federated`.
pub(super) fn check(section: &Section, findings: &mut Findings) {
    let Value::Map(entries) = &section.value else { return };
    let Some(subject) = entries.iter().find(|entry| entry.key == "subject") else { return };
    let Value::Text(text) = &subject.value.value else { return };
    let place = subject.value.place();
    if text.contains('*') {
        findings.push(
            Finding::new(&rules::SUBJECT_WILDCARD, "the subject of a federated credential has a `*`")
                .at(place, "names no single workload")
                .help("write one credential for each workload, with its exact subject"),
        );
    } else if text.strip_prefix(SERVICE_ACCOUNT).is_some_and(|account| account.ends_with(":default")) {
        let message = "the subject of a federated credential is a default service account";
        findings.push(
            Finding::new(&rules::SUBJECT_DEFAULT, message)
                .at(place, "every pod of the namespace that names no other")
                .help("give the workload a service account of its own, and name that"),
        );
    }
}
