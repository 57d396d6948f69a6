//! A difference as a comment for a pull request. What comes from the lists stands in fenced blocks,
//! where nothing of it is markup; a `diff` block gets the colours of gains and losses.

use super::Compared;
use crate::client::difference::Line;

/// A group with more lines is folded.
const LINES_OPEN_MAX: usize = 30;
/// GitHub refuses comments above 65,536 characters; the rest is room for headings.
const LINES_BYTES_MAX: usize = 50_000;

pub(super) fn comment(compared: &Compared) -> String {
    let difference = &compared.difference;
    if difference.is_empty() {
        return format!("### No change in access\n\n{}", sources(compared));
    }
    let mut text = format!("### Access: {}\n\n{}", difference.counts(), sources(compared));
    let mut room = LINES_BYTES_MAX;
    let resources = difference.resources.iter().map(|one| (one.audience.as_str(), one.lines()));
    let clients = difference.clients.iter().map(|one| (one.id.as_str(), one.lines()));
    group(&mut text, "Breaks", only(difference.sections(), true), &mut room);
    group(&mut text, "Resources", only(resources, false), &mut room);
    let registration = difference.registration.iter().map(|one| (one.subject.as_str(), one.lines()));
    group(&mut text, "Clients", only(clients, false), &mut room);
    group(&mut text, "Registration", only(registration, false), &mut room);
    text
}

/// The lines that break something, or those that do not: every line stands in one group.
fn only<'d>(
    sections: impl Iterator<Item = (&'d str, Vec<Line>)>,
    breaking: bool,
) -> impl Iterator<Item = (&'d str, Line)> {
    let lines = sections.flat_map(|(subject, lines)| lines.into_iter().map(move |line| (subject, line)));
    lines.filter(move |(_, line)| line.breaks.is_some() == breaking)
}

fn sources(compared: &Compared) -> String {
    let fence = fence(&[&compared.old, &compared.new]);
    format!("{fence}text\nfrom {}\nto   {}\n{fence}\n", compared.old, compared.new)
}

fn group<'d>(
    text: &mut String,
    heading: &str,
    lines: impl Iterator<Item = (&'d str, Line)>,
    room: &mut usize,
) {
    let mut shown: Vec<String> = Vec::new();
    let mut left_out = 0_usize;
    for (subject, line) in lines {
        let breaks = line.breaks.map_or_else(String::new, |who| format!("; breaks {who}"));
        let row = format!("{} {subject}: {}{breaks}", line.sign.as_str(), line.text);
        match room.checked_sub(row.len().saturating_add(1)).filter(|_| left_out == 0) {
            Some(left) => {
                *room = left;
                shown.push(row);
            }
            None => left_out = left_out.saturating_add(1),
        }
    }
    let count = shown.len().saturating_add(left_out);
    if count == 0 {
        return;
    }
    if left_out > 0 {
        shown.push(format!("  … and {left_out} more: run signet diff"));
    }
    let fence = fence(&shown);
    let body = format!("{fence}diff\n{}\n{fence}\n", shown.join("\n"));
    text.push_str(&match count > LINES_OPEN_MAX {
        true => {
            format!("\n<details><summary><b>{heading}</b>: {count} lines</summary>\n\n{body}\n</details>\n")
        }
        false => format!("\n**{heading}**\n\n{body}"),
    });
}

/// Longer than any run of backticks in what it encloses (CommonMark §4.5); a scope may hold them.
fn fence(lines: &[impl AsRef<str>]) -> String {
    let runs = lines.iter().flat_map(|line| line.as_ref().split(|c| c != '`')).map(str::len);
    "`".repeat(runs.max().unwrap_or(0).saturating_add(1).max(3))
}
