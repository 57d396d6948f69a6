//! How the parts of the picture look: colours for light and for dark, and what does not depend on
//! them. Plain rules without variables, because many viewers of SVG know no more.

/// Selector, property, colour in the light, colour in the dark.
const PALETTE: &[(&str, &str, &str, &str)] = &[
    ("text", "fill", "#1f2328", "#e6eaef"),
    (".ground", "fill", "#ffffff", "#14181e"),
    (".grid", "stroke", "#e4e7eb", "#2a313a"),
    (".track", "stroke", "#d5dae0", "#39424d"),
    (".tick", "fill", "#59636e", "#9aa4af"),
    (".quiet", "fill", "#59636e", "#9aa4af"),
    (".next", "stroke", "#8fb4e3", "#3f6a9c"),
    (".hatch-ground", "fill", "#dde9f8", "#1d3450"),
    (".hatch", "stroke", "#b9d1ef", "#2f5078"),
    (".on-next", "fill", "#12406f", "#d3e4fa"),
    (".signing", "fill", "#1a5fb4", "#5b9cf0"),
    (".on-signing", "fill", "#ffffff", "#08131f"),
    (".retiring", "fill", "#b4bec9", "#4d5863"),
    (".on-retiring", "fill", "#10161d", "#f2f5f8"),
    (".refused", "fill", "#c62828", "#f2554a"),
    (".on-refused", "fill", "#ffffff", "#190605"),
    (".good", "stroke", "#ffffff", "#14181e"),
    (".bad", "stroke", "#ffffff", "#14181e"),
    (".bad", "fill", "#b3261e", "#ff8a80"),
    (".good", "fill", "#1a7f37", "#57c26d"),
    (".now", "stroke", "#9a6700", "#e3b341"),
    (".now-word", "fill", "#9a6700", "#e3b341"),
];

const SHAPES: &str = "\
.signet-timeline{max-width:100%;height:auto;font:13px system-ui,sans-serif}
.signet-timeline .heading{font-size:17px;font-weight:600}
.signet-timeline .track,.signet-timeline .hatch,.signet-timeline .now{stroke-width:2}
.signet-timeline .now{stroke-dasharray:5 3}
.signet-timeline .good,.signet-timeline .bad{stroke-width:5;paint-order:stroke}
.signet-timeline .tick{font-size:11px;text-anchor:middle}
.signet-timeline .in{font-size:12px;text-anchor:middle}
.signet-timeline .now-word{text-anchor:middle}
.signet-timeline .bad,.signet-timeline .now-word,.signet-timeline .on-signing,.signet-timeline .on-refused{font-weight:600}
.signet-timeline .next{fill:url(#signet-timeline-hatching)}
";

/// Waiting keys are hatched as well as pale: the states differ in shape, not in colour alone.
pub const HATCHING: &str = "<defs><pattern id=\"signet-timeline-hatching\" width=\"6\" height=\"6\" \
     patternUnits=\"userSpaceOnUse\" patternTransform=\"rotate(45)\"><rect class=\"hatch-ground\" width=\"6\" \
     height=\"6\"/><line class=\"hatch\" x1=\"0\" x2=\"0\" y1=\"0\" y2=\"6\"/></pattern></defs>";

/// The style sheet; every rule is bound to the picture, so that it changes nothing of a page. The same
/// for every picture, so that a page can allow it by its digest.
pub fn style_sheet() -> String {
    let rule = |selector: &str, property: &str, colour: &str| {
        format!(".signet-timeline {selector}{{{property}:{colour}}}\n")
    };
    let light: String = PALETTE.iter().map(|(part, what, light, _)| rule(part, what, light)).collect();
    let dark: String = PALETTE.iter().map(|(part, what, _, dark)| rule(part, what, dark)).collect();
    format!("\n{light}@media (prefers-color-scheme:dark){{\n{dark}}}\n{SHAPES}")
}
