//! Findings as text for people and as JSON for programs.

mod human;
mod json;

pub use human::human;
pub use json::json;
