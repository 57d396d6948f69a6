//! A picture of a key plan, and of who would refuse what: an SVG document made of keys and times.
//! It has a title and a description in words, no script and no reference to anything outside, and
//! follows the light or dark scheme of whoever looks at it, so that a page can embed it as it is.

mod of_keyring;
mod picture;
mod style;

use std::fmt::Write as _;

pub use self::of_keyring::of_keyring;
pub use self::style::style_sheet;

use self::picture::{Picture, Scale, WIDTH, escaped};
use self::style::HATCHING;
use super::simulate::{Refusal, Rotation};
use super::verifiers::duration;
use crate::clock::UnixTime;

/// What to draw.
#[derive(Clone, Copy, Debug)]
pub struct Timeline<'t> {
    pub title: &'t str,
    pub rotation: &'t Rotation,
    /// A name for each of the rotation's turns.
    pub keys: &'t [String],
    /// Name and refusals of each verifier, if any were simulated.
    pub verifiers: &'t [(&'t str, Vec<Refusal>)],
    /// Marked, when it is given.
    pub now: Option<UnixTime>,
}

/// More rows than these are not drawn but counted.
const ROWS_MAX: usize = 24;

impl Timeline<'_> {
    pub fn svg(&self) -> String {
        let scale = self.scale();
        let mut picture = Picture::new(scale);
        let said = self.words();
        let keys = self.rotation.turns().iter().zip(self.keys);
        let drawn: Vec<_> = keys.filter(|(turn, _)| scale.shows(turn)).collect();
        for (turn, name) in drawn.iter().take(ROWS_MAX) {
            picture.key(turn, name);
        }
        picture.counted(drawn.len().saturating_sub(ROWS_MAX), "more keys");
        if !self.verifiers.is_empty() {
            picture.gap();
            self.draw_verifiers(&mut picture);
        }
        picture.legend(!self.verifiers.is_empty());
        let height = picture.height();
        let (axis, now) = (picture.axis(), picture.now(self.now));
        let (title, description) = (escaped(self.title), escaped(&said));
        let (body, style) = (picture.into_body(), style_sheet());
        format!(
            "<svg xmlns=\"http://www.w3.org/2000/svg\" class=\"signet-timeline\" viewBox=\"0 0 {WIDTH} {height}\" \
             width=\"{WIDTH}\" height=\"{height}\" role=\"img\" aria-labelledby=\"signet-timeline-title \
             signet-timeline-description\">\n\
             <title id=\"signet-timeline-title\">{title}</title>\n\
             <desc id=\"signet-timeline-description\">{description}</desc>\n\
             <style>{style}</style>\n{HATCHING}\n\
             <rect class=\"ground\" width=\"{WIDTH}\" height=\"{height}\" rx=\"8\"/>\n\
             <text class=\"heading\" x=\"24\" y=\"34\">{title}</text>\n{axis}{body}{now}</svg>\n"
        )
    }

    fn draw_verifiers(&self, picture: &mut Picture) {
        let all_fit = self.verifiers.len() <= ROWS_MAX / 2;
        let rows = self.verifiers.iter().filter(|(_, refusals)| all_fit || !refusals.is_empty());
        rows.clone().take(ROWS_MAX).for_each(|(name, refusals)| picture.verifier(name, refusals, self.keys));
        let refusing = rows.clone().filter(|(_, refusals)| !refusals.is_empty()).count();
        picture.counted(rows.count().saturating_sub(ROWS_MAX), "more verifiers refuse tokens");
        let silent = self.verifiers.len().saturating_sub(refusing);
        picture.counted(if all_fit { 0 } else { silent }, "verifiers refuse nothing");
    }

    /// The span in which something happens, with some room on both sides. Where something is
    /// refused, that is what is shown large: keys that retire go on beyond the edge.
    fn scale(&self) -> Scale {
        let changes = self.rotation.turns().iter().flat_map(|turn| {
            let announced = turn.key.appears.map(|at| [at.min(turn.starts), turn.starts]);
            announced.into_iter().flatten().chain(turn.succeeded).chain(turn.gone)
        });
        let recent =
            |at: &UnixTime| self.now.is_none_or(|now| at.since(now) > RECENT_SECONDS.saturating_neg());
        let first = self.rotation.turns().iter().map(|turn| turn.starts).min();
        let instants: Vec<UnixTime> = changes.filter(recent).chain(self.now).collect();
        let from = instants.iter().copied().min().or(first).unwrap_or(UnixTime::from_seconds(0));
        let refusals = self.verifiers.iter().flat_map(|(_, refusals)| refusals);
        let refused = refusals.filter_map(|refusal| refusal.until).max();
        let until = refused.max(refused.and(self.now)).or_else(|| instants.iter().copied().max());
        let span_min = if refused.is_some() { 60 } else { 86_400 };
        let until = until.unwrap_or(from).max(from.plus(span_min));
        let room = until.since(from).div_euclid(12).max(10);
        Scale { from: from.minus(room), until: until.plus(room.saturating_mul(2)) }
    }

    /// All that the picture shows, for those who do not see it.
    fn words(&self) -> String {
        let mut text = String::new();
        for (turn, name) in self.rotation.turns().iter().zip(self.keys).take(ROWS_MAX) {
            let published = turn.key.appears.map_or(String::new(), |at| format!(" is published at {at},"));
            let retires = turn.succeeded.map_or(String::new(), |at| format!(", retires at {at}"));
            let gone = turn.gone.map_or(String::new(), |at| format!(", is gone at {at}"));
            let _ = write!(text, "{name}{published} signs from {}{retires}{gone}. ", turn.starts);
        }
        for (name, refusals) in self.verifiers {
            match refusals.first() {
                None => {
                    let _ = write!(text, "{name} refuses nothing. ");
                }
                Some(first) => {
                    let _ = write!(text, "{name} refuses tokens {}. ", span(first));
                }
            }
        }
        text.trim_end().to_owned()
    }
}

/// Changes of longer ago are not drawn beside what is now.
const RECENT_SECONDS: i64 = 3 * 86_400;

/// `from … until … (10 min)`.
fn span(refusal: &Refusal) -> String {
    match (refusal.until, refusal.seconds()) {
        (Some(until), Some(seconds)) => {
            format!("from {} until {until} ({})", refusal.from, duration(seconds))
        }
        _ => format!("from {} until somebody uploads the set", refusal.from),
    }
}
