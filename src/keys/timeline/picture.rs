//! The drawing itself: rows of bars over a scale of time. It knows pixels and words, not why.

use std::fmt::Write as _;

use super::super::simulate::{Refusal, Turn};
use super::super::verifiers::duration;
use super::span;
use crate::clock::UnixTime;

/// Widths and heights in pixels of the drawing.
pub const WIDTH: f64 = 960.0;
const LEFT: f64 = 236.0;
const RIGHT: f64 = 936.0;
const TOP: f64 = 84.0;
const ROW: f64 = 32.0;
const BAR: f64 = 20.0;
/// Room above the legend, for the word under the mark of now.
const LEGEND_GAP: f64 = 24.0;
/// Room that a character takes, generously.
const CHARACTER: f64 = 7.2;

/// The span that is drawn.
#[derive(Clone, Copy, Debug)]
pub struct Scale {
    pub from: UnixTime,
    pub until: UnixTime,
}

impl Scale {
    /// Where an instant stands, within the picture.
    fn x(self, at: UnixTime) -> f64 {
        let share = at.since(self.from) as f64 / self.until.since(self.from).max(1) as f64;
        (LEFT + share * (RIGHT - LEFT)).clamp(LEFT, RIGHT)
    }

    pub fn shows(self, turn: &Turn) -> bool {
        let begins = turn.key.appears.map_or(turn.starts, |at| at.min(turn.starts));
        begins < self.until && turn.gone.is_none_or(|gone| gone > self.from)
    }
}

pub struct Picture {
    scale: Scale,
    body: String,
    /// Top of the next row.
    y: f64,
}

impl Picture {
    pub const fn new(scale: Scale) -> Self {
        Self { scale, body: String::new(), y: TOP }
    }

    /// Some room before what is of another kind.
    pub fn gap(&mut self) {
        self.y += 12.0;
    }

    pub fn height(&self) -> f64 {
        self.y + 8.0
    }

    pub fn into_body(self) -> String {
        self.body
    }

    pub fn key(&mut self, turn: &Turn, name: &str) {
        self.label(name);
        let begins = turn.key.appears.unwrap_or(turn.starts).min(turn.starts);
        let succeeded = turn.succeeded.unwrap_or(self.scale.until);
        self.bar("next", "next", begins, turn.starts, name);
        self.bar("signing", "signing", turn.starts, succeeded, name);
        self.bar("retiring", "retiring", succeeded, turn.gone.unwrap_or(succeeded), name);
        self.y += ROW;
    }

    pub fn verifier(&mut self, name: &str, refusals: &[Refusal], keys: &[String]) {
        self.label(name);
        let line = self.y + BAR / 2.0;
        self.push(&format!(
            "<line class=\"track\" x1=\"{LEFT}\" x2=\"{RIGHT}\" y1=\"{line}\" y2=\"{line}\"/>"
        ));
        if refusals.is_empty() {
            self.beside(LEFT + 8.0, "good", "refuses nothing");
        }
        for (place, refusal) in refusals.iter().enumerate() {
            let key = keys.get(refusal.key).map_or("", String::as_str);
            let until = refusal.until.unwrap_or(self.scale.until);
            self.bar("refused", "", refusal.from, until, &format!("refused, {}: {key}", span(refusal)));
            let words = refusal.seconds().map_or("until uploaded".to_owned(), duration);
            let room = CHARACTER * words.len() as f64 + 14.0;
            let (begin, end) =
                (self.scale.x(refusal.from), self.scale.x(until).max(self.scale.x(refusal.from) + 4.0));
            let next = refusals.get(place.saturating_add(1)).map_or(RIGHT, |next| self.scale.x(next.from));
            if end + room <= next {
                self.beside(end + 6.0, "bad", &words);
            } else if end - begin > room {
                self.centred((begin + end) / 2.0, "on-refused", &words);
            } else if place == 0 {
                self.beside((begin - room).max(LEFT), "bad", &words);
            }
        }
        self.y += ROW;
    }

    /// A row that counts what is not drawn.
    pub fn counted(&mut self, count: usize, what: &str) {
        if count > 0 {
            self.beside(LEFT + 8.0, "quiet", &format!("{count} {what}"));
            self.y += ROW;
        }
    }

    fn bar(&mut self, class: &str, words: &str, from: UnixTime, until: UnixTime, about: &str) {
        if until <= from || until <= self.scale.from || from >= self.scale.until {
            return;
        }
        let (x, end) = (self.scale.x(from), self.scale.x(until));
        let width = (end - x).max(if class == "refused" { 4.0 } else { 1.5 });
        let about = if words.is_empty() {
            escaped(about)
        } else {
            escaped(&format!("{about}: {words} from {from} until {until}"))
        };
        let y = self.y;
        self.push(&format!(
            "<rect class=\"{class}\" x=\"{x:.1}\" y=\"{y}\" width=\"{width:.1}\" height=\"{BAR}\" rx=\"3\">\
             <title>{about}</title></rect>"
        ));
        if !words.is_empty() && width > CHARACTER * words.len() as f64 + 10.0 {
            self.centred(x + width / 2.0, &format!("on-{class}"), words);
        }
    }

    fn label(&mut self, name: &str) {
        let y = self.y + 14.5;
        let name = escaped(&shortened(name));
        self.push(&format!("<text x=\"24\" y=\"{y}\">{name}</text>"));
    }

    fn beside(&mut self, x: f64, class: &str, words: &str) {
        let y = self.y + 14.5;
        self.push(&format!("<text class=\"{class}\" x=\"{x:.1}\" y=\"{y}\">{}</text>", escaped(words)));
    }

    fn centred(&mut self, x: f64, class: &str, words: &str) {
        let y = self.y + 14.5;
        let words = escaped(words);
        self.push(&format!("<text class=\"in {class}\" x=\"{x:.1}\" y=\"{y}\">{words}</text>"));
    }

    pub fn legend(&mut self, refusals: bool) {
        self.y += LEGEND_GAP;
        let mut x = LEFT;
        let of_verifiers = ("refused", "tokens refused");
        let of_keys = [
            ("next", "next: published, not used"),
            ("signing", "signing"),
            ("retiring", "retiring: last tokens expire"),
        ];
        for (class, words) in of_keys.into_iter().chain(refusals.then_some(of_verifiers)) {
            let y = self.y + 3.0;
            self.push(&format!(
                "<rect class=\"{class}\" x=\"{x:.1}\" y=\"{y}\" width=\"14\" height=\"14\" rx=\"3\"/>"
            ));
            self.beside(x + 20.0, "quiet", words);
            x += 20.0 + CHARACTER * words.len() as f64 + 18.0;
        }
        self.y += ROW;
    }

    /// Ticks at round times in UTC, the date where it changes.
    pub fn axis(&self) -> String {
        let span = self.scale.until.since(self.scale.from);
        let step = STEPS.iter().copied().find(|step| span.div_euclid(*step) <= 8);
        let step = step.unwrap_or_else(|| span.div_euclid(8).max(1));
        let first = self.scale.from.seconds().div_euclid(step).saturating_add(1).saturating_mul(step);
        let mut text = String::new();
        let mut date = String::new();
        let bottom = self.y - ROW - LEGEND_GAP;
        let mut at = UnixTime::from_seconds(first);
        while at < self.scale.until {
            let x = self.scale.x(at);
            let words = at.to_string();
            let (day, time) = (words.get(..10).unwrap_or(&words), words.get(11..16).unwrap_or_default());
            let _ = writeln!(
                text,
                "<line class=\"grid\" x1=\"{x:.1}\" x2=\"{x:.1}\" y1=\"74\" y2=\"{bottom}\"/>"
            );
            let time = if step >= 86_400 { "" } else { time };
            if !time.is_empty() {
                let _ = writeln!(text, "<text class=\"tick\" x=\"{x:.1}\" y=\"69\">{time}</text>");
            }
            if date != day {
                let y = if time.is_empty() { 69 } else { 54 };
                let _ = writeln!(text, "<text class=\"tick\" x=\"{x:.1}\" y=\"{y}\">{day}</text>");
                day.clone_into(&mut date);
            }
            at = at.plus(step);
        }
        text
    }

    pub fn now(&self, now: Option<UnixTime>) -> String {
        let Some(now) = now.filter(|now| *now > self.scale.from && *now < self.scale.until) else {
            return String::new();
        };
        let (x, bottom) = (self.scale.x(now), self.y - ROW - LEGEND_GAP);
        format!(
            "<line class=\"now\" x1=\"{x:.1}\" x2=\"{x:.1}\" y1=\"74\" y2=\"{bottom}\"/>\n\
             <text class=\"now-word\" x=\"{x:.1}\" y=\"{}\">now</text>\n",
            bottom + 13.0
        )
    }

    fn push(&mut self, element: &str) {
        self.body.push_str(element);
        self.body.push('\n');
    }
}

/// Seconds between two ticks, from half a minute to a year.
const STEPS: &[i64] = &[
    30, 60, 120, 300, 600, 1_800, 3_600, 10_800, 21_600, 43_200, 86_400, 172_800, 604_800, 1_209_600,
    2_592_000, 7_776_000, 31_536_000,
];

/// A name that fits beside the drawing: 28 characters.
fn shortened(name: &str) -> String {
    if name.chars().count() <= 29 {
        return name.to_owned();
    }
    name.chars().take(28).chain(['…']).collect()
}

/// Text for an XML document; what XML cannot hold becomes a question mark.
pub fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '&' => out.push_str("&amp;"),
            '"' => out.push_str("&quot;"),
            other if other.is_control() => out.push('?'),
            other => out.push(other),
        }
    }
    out
}
