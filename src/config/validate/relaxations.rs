//! What loosens a default on purpose: notes for whoever reviews the list. Long lifetimes are
//! warnings of their own and come from where a lifetime is read.

use super::super::raw::{RawClient, RawResource};
use crate::client::TokenType;
use crate::diagnostic::catalogue::rules;
use crate::diagnostic::{Finding, Findings};

pub(super) fn note(resources: &[RawResource], clients: &[RawClient], findings: &mut Findings) {
    for resource in resources.iter().filter(|resource| resource.typ == TokenType::Jwt) {
        let Some(span) = resource.typ_span else { continue };
        let audience = resource.audience.as_ref().map_or("?", |audience| audience.value.as_str());
        let message = format!("resource `{audience}` takes tokens of the type JWT");
        findings.push(
            Finding::new(&rules::TYP_JWT, message)
                .at(resource.place(span), "not at+jwt")
                .help("drop the line when the resource server accepts `at+jwt`"),
        );
    }
    for client in clients {
        let Some(allowed) = client.multiple_audiences.as_ref().filter(|allowed| allowed.value) else {
            continue;
        };
        let message = format!("client `{}` may have one token for several audiences", client.id_text());
        findings.push(
            Finding::new(&rules::MULTIPLE_AUDIENCES, message)
                .at(client.place(allowed.span), "each of them can use it at the others")
                .help("drop the line when the client can fetch one token for each audience"),
        );
    }
}
