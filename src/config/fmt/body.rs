//! Scalars of several lines with another indentation (YAML 1.2.2 §7.3, §8.1).

/// A plain or quoted scalar: white space around its line breaks is folded away, so it may be any.
/// `is_double_quoted` says that a backslash at the end of a line keeps what follows it.
pub(super) fn folded(text: &str, column: usize, is_double_quoted: bool, out: &mut String) {
    let last = text.matches('\n').count();
    for (number, line) in text.split('\n').enumerate() {
        let line = if number == 0 { line } else { line.trim_start_matches([' ', '\t']) };
        let trimmed = line.trim_end_matches([' ', '\t']);
        let escapes = trimmed.len() - trimmed.trim_end_matches('\\').len();
        let kept = match line.get(trimmed.len()..).and_then(|rest| rest.chars().next()) {
            Some(space) if is_double_quoted && escapes % 2 == 1 => trimmed.len() + space.len_utf8(),
            _ => trimmed.len(),
        };
        let line = if number == last { line } else { line.get(..kept).unwrap_or(line) };
        if number > 0 {
            out.push('\n');
            indent(if line.is_empty() { 0 } else { column }, out);
        }
        out.push_str(line);
    }
}

/// Where the content of a block scalar stands, before and after.
pub(super) struct Indentation {
    pub old_parent: usize,
    pub new_parent: usize,
}

/// The lines of a block scalar below its header. Spaces beyond the indentation, and at the ends of
/// lines, are content and stay. Blank lines at the end are content only where the header has a `+`.
pub(super) fn block(header: &str, text: &str, indentation: &Indentation, out: &mut String) {
    let explicit = header.chars().find_map(|c| c.to_digit(10)).map(|digit| digit as usize);
    let spaces = |line: &str| line.len() - line.trim_start_matches(' ').len();
    let found = text.lines().find(|line| !line.trim_start_matches(' ').is_empty()).map(spaces);
    let (old, new) = match explicit {
        Some(more) => (indentation.old_parent + more, indentation.new_parent + more),
        None => (found.unwrap_or(usize::MAX), indentation.new_parent + super::layout::STEP),
    };
    let mut lines: Vec<&str> = text
        .split_terminator('\n')
        .map(|line| line.get(spaces(line).min(old)..).unwrap_or_default())
        .collect();
    if !header.contains('+') {
        let kept = lines.iter().rposition(|line| !line.is_empty()).map_or(0, |last| last + 1);
        lines.truncate(kept);
    }
    for line in lines {
        out.push('\n');
        if !line.is_empty() {
            indent(new, out);
            out.push_str(line);
        }
    }
}

pub(super) fn indent(column: usize, out: &mut String) {
    out.extend(std::iter::repeat_n(' ', column));
}
