//! `teams`: which files may hand out which audiences. An audience that a team lists is granted by
//! files of such a team only; a file of a team grants what its teams list; everything else is free.

use std::collections::HashMap;

use super::super::raw::{RawTeam, ReadFile};
use super::asked::Asked;
use super::resources::Index;
use crate::client::Granted;
use crate::diagnostic::catalogue::clients as codes;
use crate::diagnostic::{Finding, Findings, Span};
use crate::section::nearest;

pub(super) struct Checker<'r> {
    teams: &'r [RawTeam],
    /// Numbers of the teams of each file, by the name that findings show.
    by_file: HashMap<&'r str, Vec<usize>>,
    /// Numbers of the teams that list an audience.
    by_audience: HashMap<&'r str, Vec<usize>>,
}

impl<'r> Checker<'r> {
    /// `files` are all files that were read, whole or not.
    pub(super) fn new(teams: &'r [RawTeam], files: &'r [ReadFile]) -> Self {
        let mut by_file: HashMap<&str, Vec<usize>> = HashMap::new();
        let mut by_audience: HashMap<&str, Vec<usize>> = HashMap::new();
        for (number, team) in teams.iter().enumerate() {
            for file in files.iter().filter(|file| team.covers(&file.relative)) {
                by_file.entry(&file.name).or_default().push(number);
            }
            for audience in &team.audiences {
                by_audience.entry(audience.value.as_str()).or_default().push(number);
            }
        }
        Self { teams, by_file, by_audience }
    }

    /// What the teams name and nobody has: only a list that was read whole can tell.
    pub(super) fn check_names(&self, files: &[ReadFile], index: &Index<'_>, findings: &mut Findings) {
        for team in self.teams {
            for audience in team.audiences.iter().filter(|audience| index.audience(&audience.value).is_none())
            {
                let message =
                    format!("{} lists the audience `{}`, which no resource declares", team, audience.value);
                let finding = Finding::new(&codes::TEAM_AUDIENCE_UNDECLARED, message)
                    .at(team.place(audience.span), "not declared");
                findings.push(match nearest(audience.value.as_str(), index.audiences()) {
                    Some(near) => finding.help(format!("did you mean `{near}`?")),
                    None => finding.help("declare it under `resources`, or remove it here"),
                });
            }
            for pattern in &team.files {
                if files.iter().any(|file| pattern.value.matches(&file.relative)) {
                    continue;
                }
                let message = format!("`{}` of {team} matches no file", pattern.value.as_str());
                findings.push(
                    Finding::new(&codes::TEAM_FILES_UNMATCHED, message)
                        .at(team.place(pattern.span), "no file of the list")
                        .help(
                            "paths are relative to the directory of `--clients`; `**` goes into directories",
                        ),
                );
            }
        }
    }

    /// A team that could edit `teams` could give itself every audience.
    pub(super) fn check_homes(&self, findings: &mut Findings) {
        self.teams.iter().for_each(|team| self.check_home(team, findings));
    }

    fn check_home(&self, team: &RawTeam, findings: &mut Findings) {
        let matching = |other: &'r RawTeam| {
            let pattern = other.files.iter().find(|pattern| pattern.value.matches(&team.relative))?;
            Some((other, pattern))
        };
        let Some((owner, pattern)) = self.teams.iter().find_map(matching) else { return };
        let message = format!("`teams` stands in a file that belongs to {owner}");
        findings.push(
            Finding::new(&codes::TEAMS_IN_TEAM_FILE, message)
                .at(team.place(team.span), "this team could be changed by another")
                .related(owner.place(pattern.span), "this pattern matches the file")
                .help("keep `teams` in a file that no team's `files` match, and review that file"),
        );
    }

    /// May the file of the entry grant what it is granted?
    pub(super) fn check(&self, asked: &Asked<'_>, granted: &[Granted], findings: &mut Findings) {
        if self.teams.is_empty() {
            return;
        }
        let of_file = self.by_file.get(&**asked.file).map_or(&[][..], Vec::as_slice);
        for granted in granted {
            let audience = granted.resource.audience.as_str();
            let of_audience = self.by_audience.get(audience).map_or(&[][..], Vec::as_slice);
            let is_free = of_file.is_empty() && of_audience.is_empty();
            if is_free || of_file.iter().any(|team| of_audience.contains(team)) {
                continue;
            }
            let place = asked.place(granting_span(asked, granted));
            let found = match (of_audience.first(), of_file.first()) {
                (Some(owner), _) => self.outside(asked, audience, *owner),
                (None, Some(team)) => self.unlisted(asked, audience, *team),
                (None, None) => None,
            };
            if let Some(finding) = found {
                findings.push(finding.at(place, "granted here"));
            }
        }
    }

    fn outside(&self, asked: &Asked<'_>, audience: &str, team: usize) -> Option<Finding> {
        let team = self.teams.get(team)?;
        let listed = team.audiences.iter().find(|listed| listed.value.as_str() == audience)?;
        let message = format!("{asked} reaches `{audience}`, which only files of {team} grant");
        let place = team.place(listed.span);
        let files: Vec<&str> = team.files.iter().map(|pattern| pattern.value.as_str()).collect();
        let help = format!("move the client to a file of {team} ({place}), which has {}", files.join(", "));
        let finding = Finding::new(&codes::TEAM_AUDIENCE_FOREIGN, message);
        Some(finding.related(place, "the team lists it here").help(help))
    }

    fn unlisted(&self, asked: &Asked<'_>, audience: &str, team: usize) -> Option<Finding> {
        let team = self.teams.get(team)?;
        let message = format!("{asked} reaches `{audience}`, which {team} does not list");
        let place = team.place(team.span);
        let help = format!("add the audience to the team ({place}), or move the client out of its files");
        let finding = Finding::new(&codes::TEAM_AUDIENCE_UNLISTED, message);
        Some(finding.related(place, "the file belongs to this team").help(help))
    }
}

/// Where the client names the audience, or else the first of its scopes there.
fn granting_span(asked: &Asked<'_>, granted: &Granted) -> Span {
    let audiences = asked.audiences.iter().flatten();
    let named = audiences.filter(|one| one.value == granted.resource.audience).map(|one| one.span).next();
    let scopes = asked.scopes.iter().flatten();
    let scoped = || scopes.filter(|scope| granted.scopes.contains(&scope.value)).map(|one| one.span).next();
    named.or_else(scoped).unwrap_or(asked.span)
}
