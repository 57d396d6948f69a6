//! One entry of `teams`.

use super::super::pattern::Pattern;
use super::super::schema::team::{AUDIENCES_MAX, MEMBERS, PATTERNS_MAX};
use super::{RawTeam, Values, audience};
use crate::diagnostic::catalogue::clients as codes;
use crate::diagnostic::{Finding, Findings};
use crate::oauth::Audience;
use crate::section::members::{Members, Spanned};
use crate::section::shown;
use crate::section::table::names;

/// `relative` is the file where the entry stands.
pub(super) fn read(
    mut members: Members,
    relative: &str,
    values: &mut Values,
    findings: &mut Findings,
) -> RawTeam {
    let team = RawTeam {
        source: members.source.clone(),
        span: members.span,
        relative: relative.into(),
        name: members.note("name", findings),
        files: patterns(&mut members, findings),
        audiences: audiences(&mut members, values, findings),
    };
    members.close("a team", names(MEMBERS), findings);
    team
}

fn patterns(members: &mut Members, findings: &mut Findings) -> Vec<Spanned<Pattern>> {
    let mut patterns = Vec::new();
    for text in texts(members, "files", "files: payments/**", PATTERNS_MAX, findings) {
        match Pattern::parse(&text.value) {
            Ok(value) => patterns.push(Spanned { value, span: text.span }),
            Err(help) => {
                let place = members.place(text.span);
                let message = format!("`{}` is no pattern for files", shown(&text.value));
                findings.push(
                    Finding::new(&codes::TEAM_PATTERN_MALFORMED, message).at(place, "not read").help(help),
                );
            }
        }
    }
    patterns
}

fn audiences(members: &mut Members, values: &mut Values, findings: &mut Findings) -> Vec<Spanned<Audience>> {
    let example = "audiences: [https://api.example.com]";
    let texts = texts(members, "audiences", example, AUDIENCES_MAX, findings);
    let parse = |text: Spanned<String>| {
        let place = members.place(text.span);
        audience(text, place, values, findings)
    };
    texts.into_iter().filter_map(parse).collect()
}

/// A member without which a team would restrict nothing, or everything.
fn texts(
    members: &mut Members,
    name: &str,
    example: &str,
    most: usize,
    findings: &mut Findings,
) -> Vec<Spanned<String>> {
    let is_there = members.has(name);
    let mut texts = members.texts(name, false, findings);
    if !is_there || texts.as_ref().is_some_and(Vec::is_empty) {
        let place = members.place(members.span);
        findings.push(
            Finding::new(&codes::MEMBER_MISSING, format!("a team has no `{name}`"))
                .at(place, "this team")
                .help(format!("write, for example, `{example}`")),
        );
    }
    if let Some(first) = texts.as_ref().and_then(|texts| texts.get(most)) {
        let message = format!("a team lists more than {most} {name}");
        let place = members.place(first.span);
        findings.push(Finding::new(&codes::LIMIT_EXCEEDED, message).at(place, "the first one too many"));
    }
    texts.iter_mut().for_each(|texts| texts.truncate(most));
    texts.unwrap_or_default()
}
