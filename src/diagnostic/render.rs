//! Rendering.
use super::Findings;
pub fn human(_findings: &Findings) -> String {
    String::new()
}
pub fn json(_findings: &Findings) -> String {
    String::new()
}
