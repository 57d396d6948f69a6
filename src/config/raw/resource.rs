//! One entry of `resources`.

use super::super::members::{Members, Spanned};
use super::super::schema::resource::MEMBERS;
use super::super::{Options, nearest, shown};
use super::{RawResource, Values, audience, lifetime, scopes};
use crate::client::TokenType;
use crate::diagnostic::catalogue::clients as codes;
use crate::diagnostic::{Finding, Findings, Span};
use crate::jose::Algorithm;
use crate::oauth::Audience;
use crate::section::table::names;

pub(super) fn read(
    mut members: Members,
    options: &Options,
    values: &mut Values,
    findings: &mut Findings,
) -> RawResource {
    let audience = audience_of(&mut members, values, findings);
    let (typ, typ_span) = typ(&mut members, findings);
    let resource = RawResource {
        source: members.source.clone(),
        span: members.span,
        audience,
        name: members.note("name", findings),
        scopes: scopes(&mut members, "scopes", values, findings).unwrap_or_default(),
        typ,
        typ_span,
        signing_alg: signing_alg(&mut members, options, findings),
        lifetime_seconds: lifetime(&mut members, findings),
        owner: members.note("owner", findings),
    };
    members.close("a resource", names(MEMBERS), findings);
    resource
}

fn audience_of(
    members: &mut Members,
    values: &mut Values,
    findings: &mut Findings,
) -> Option<Spanned<Audience>> {
    if members.has("audience") {
        let text = members.text("audience", findings)?;
        let place = members.place(text.span);
        return audience(text, place, values, findings);
    }
    let place = members.place(members.span);
    findings.push(
        Finding::new(&codes::MEMBER_MISSING, "a resource has no `audience`")
            .at(place, "this resource")
            .help("add `audience: https://api.example.com`, the exact `aud` of its tokens"),
    );
    None
}

fn typ(members: &mut Members, findings: &mut Findings) -> (TokenType, Option<Span>) {
    let Some(text) = members.text("typ", findings) else { return (TokenType::AccessTokenJwt, None) };
    let typ = TokenType::from_name(&text.value).unwrap_or_else(|| {
        let names: Vec<&str> = TokenType::ALL.iter().map(|typ| typ.as_str()).collect();
        let help = match nearest(&text.value, names.iter().copied()) {
            Some(known) => format!("did you mean `{known}`?"),
            None => format!("known are: {}", names.join(", ")),
        };
        let place = members.place(text.span);
        let message = format!("`{}` is no token type", shown(&text.value));
        findings.push(Finding::new(&codes::TYP_UNKNOWN, message).at(place, "not known").help(help));
        TokenType::AccessTokenJwt
    });
    (typ, Some(text.span))
}

fn signing_alg(members: &mut Members, options: &Options, findings: &mut Findings) -> Algorithm {
    let default = Algorithm::Rs256;
    let Some(text) = members.text("signing_alg", findings) else { return default };
    let supported = |algorithm: &Algorithm| options.known_algorithms.contains(algorithm);
    if let Some(algorithm) = Algorithm::from_name(&text.value).filter(supported) {
        return algorithm;
    }
    let names: Vec<&str> = options.known_algorithms.iter().map(|algorithm| algorithm.name()).collect();
    let help = match nearest(&text.value, names.iter().copied()) {
        Some(known) if Algorithm::from_name(&text.value).is_none() => format!("did you mean `{known}`?"),
        _ => format!("supported are: {}", names.join(", ")),
    };
    let place = members.place(text.span);
    let message = format!("`{}` is not supported for signatures", shown(&text.value));
    findings.push(Finding::new(&codes::SIGNING_ALG_UNKNOWN, message).at(place, "not supported").help(help));
    default
}
