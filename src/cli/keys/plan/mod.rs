//! `signet keys plan`: what happens to the keys and when, and what verifiers would make of it.

mod print;

use anyhow::Context as _;
use clap::Args;

use super::DirectoryArgs;
use super::seal::id_text;
use crate::cli::exit::failure;
use crate::cli::verifier_args::{VerifierArgs, duration};
use crate::cli::{Exit, Global, output};
use crate::clock::{Clock as _, SystemClock, UnixTime};
use crate::config;
use crate::inputs;
use crate::jose::Algorithm;
use crate::keys::seal::SealStatus;
use crate::keys::simulate::{Refusal, Rotation};
use crate::keys::timeline::Timeline;
use crate::keys::verifiers::{self, VERIFIERS, Verifier};
use crate::keys::{Retention, State, directory, lead};
use crate::section::words;

pub const EXAMPLES: &str = "\
Examples:
  signet keys plan                                   what happens to the keys of keys/, and when
  signet keys plan --simulate                        which verifiers would refuse tokens, and when
  signet keys plan --simulate --verifier envoy,poll=12h
  signet keys plan --simulate --verifier jose:poll=20m:cooldown=2m
  signet keys plan --simulate --lead 1h --every 90d  a plan that has no files yet
  signet keys plan --svg plan.svg                    the same as a picture

Exit code 1 when a verifier that --verifier names would refuse tokens.";

/// Keys that a plan without files may have: one a day for almost three years.
const KEYS_MAX: i64 = 1_000;

#[derive(Args)]
pub struct PlanArgs {
    #[command(flatten)]
    directory: DirectoryArgs,
    /// Play the plan against models of verifiers
    #[arg(long)]
    simulate: bool,
    #[command(flatten)]
    verifiers: VerifierArgs,
    /// Lifetime of tokens
    #[arg(long, value_name = "DURATION", default_value = "15m", value_parser = config::seconds)]
    lifetime: u32,
    /// Moment of the verifiers' first fetch after the start [default: the worst for each key]
    #[arg(long, value_name = "DURATION", value_parser = duration, requires = "simulate")]
    phase: Option<i64>,
    /// Write a picture (SVG) as well; `-` is standard output, instead of the text
    #[arg(long, value_name = "FILE")]
    svg: Option<String>,
    #[command(flatten)]
    supposed: SupposedArgs,
}

/// A plan without files.
#[derive(Args)]
#[command(next_help_heading = "Instead of the files in --keys")]
struct SupposedArgs {
    /// How long before its activation every key is published
    #[arg(long, value_name = "DURATION", value_parser = duration)]
    lead: Option<i64>,
    /// Time from one key to the next
    #[arg(long, value_name = "DURATION", value_parser = duration, default_value = "90d", requires = "lead")]
    every: i64,
    /// Length of the plan
    #[arg(long = "for", value_name = "DURATION", value_parser = duration, default_value = "365d",
          requires = "lead")]
    length: i64,
    /// Its beginning [default: now]
    #[arg(long, value_name = "TIME", value_parser = instant, requires = "lead")]
    start: Option<UnixTime>,
}

/// A plan with what there is to say about its keys, in the order of the rotation's turns.
struct Subject {
    title: String,
    rotation: Rotation,
    keys: Vec<Shown>,
    /// The instant from which things are told; the clock's for files.
    start: UnixTime,
    end: UnixTime,
    now: Option<UnixTime>,
    seals: Vec<SealEvents>,
}

/// What happens to a seal key, by its id. No verifier sees any of it.
struct SealEvents {
    id: String,
    seals: UnixTime,
    opens_only: Option<UnixTime>,
    gone: Option<UnixTime>,
}

struct Shown {
    /// As short as a picture wants it.
    label: String,
    /// The kid, where there is one.
    key: String,
    file: Option<String>,
    state: Option<State>,
}

type Outcome = (Verifier, Vec<Refusal>);

pub fn run(args: &PlanArgs, global: Global) -> anyhow::Result<Exit> {
    let subject = match args.supposed.lead {
        Some(lead) => supposed(args, lead)?,
        None => match of_files(args, global) {
            Ok(subject) => subject,
            Err(exit) => return Ok(exit),
        },
    };
    let outcomes = args.simulate.then(|| simulate(&subject, args));
    if let Some(file) = &args.svg {
        let picture = picture(&subject, outcomes.as_deref().unwrap_or_default());
        if file == "-" {
            output::data(&picture);
        } else {
            std::fs::write(file, picture).with_context(|| format!("cannot write {file}"))?;
        }
    }
    if args.svg.as_deref() != Some("-") {
        print::plan(&subject, outcomes.as_deref(), global.format);
    }
    let refused = outcomes.iter().flatten().any(|(_, refusals)| !refusals.is_empty());
    Ok(if refused && args.verifiers.named().is_some() { Exit::Refused } else { Exit::Fine })
}

/// The plan of the directory; the findings are printed.
fn of_files(args: &PlanArgs, global: Global) -> Result<Subject, Exit> {
    let now = SystemClock.now();
    let retention = inputs::retention(0);
    let keyring = args.directory.load(now, global)?;
    let states = keyring.states(now);
    let shown = states.iter().map(|key| Shown {
        label: format!("{} {}", key.algorithm, key.kid.get(..12).unwrap_or(key.kid)),
        key: key.kid.to_owned(),
        file: Some(key.file.to_owned()),
        state: Some(key.state),
    });
    let rotation = lead::rotation(&states, directory::written, now, retention, args.lifetime.into());
    let last = keyring.change_instants().last().copied();
    Ok(Subject {
        title: format!("Signing keys in {}", args.directory.keys.display()),
        keys: shown.collect(),
        rotation,
        start: now,
        end: last.map_or(now, |last| last.max(now)).plus(1),
        now: Some(now),
        seals: keyring.seals().states(now).iter().map(SealEvents::of).collect(),
    })
}

fn supposed(args: &PlanArgs, lead: i64) -> anyhow::Result<Subject> {
    let SupposedArgs { every, length, start, .. } = args.supposed;
    if every == 0 || length.checked_div(every).is_none_or(|keys| keys > KEYS_MAX) {
        return Err(failure(Exit::Usage, format!("a plan has at most {KEYS_MAX} keys: enlarge --every")));
    }
    let start = start.unwrap_or_else(|| SystemClock.now());
    let end = start.plus(length);
    let lifetime = args.lifetime.into();
    let retention = Retention::for_lifetime(i64::from(config::LIFETIME_SECONDS_MAX).max(lifetime), 0);
    let rotation = Rotation::regular(Algorithm::Rs256, (start, end), every, lead, retention, lifetime);
    let shown = (1..=rotation.turns().len()).map(|number| Shown {
        label: format!("key {number}"),
        key: format!("key {number}"),
        file: None,
        state: None,
    });
    Ok(Subject {
        title: match lead {
            0 => format!("A key every {} that signs at once", verifiers::duration(every)),
            lead => {
                let (every, lead) = (verifiers::duration(every), verifiers::duration(lead));
                format!("A key every {every}, published {lead} before it signs")
            }
        },
        keys: shown.collect(),
        rotation,
        start,
        end,
        now: None,
        seals: Vec::new(),
    })
}

impl SealEvents {
    fn of(key: &SealStatus<'_>) -> Self {
        Self { id: id_text(key.id), seals: key.activation, opens_only: key.succeeded, gone: key.gone }
    }
}

fn simulate(subject: &Subject, args: &PlanArgs) -> Vec<Outcome> {
    let verifiers = args.verifiers.named().unwrap_or(VERIFIERS);
    let progress = output::progress(verifiers.len());
    let outcomes = verifiers.iter().map(|verifier| {
        let mut refusals = match args.phase {
            Some(phase) => subject.rotation.refusals(verifier, subject.start.plus(phase), subject.end),
            None => subject.rotation.worst_refusals(verifier),
        };
        refusals.retain(|refusal| refusal.until.is_none_or(|until| until > subject.start));
        progress.inc(1);
        (*verifier, refusals)
    });
    let outcomes = outcomes.collect();
    progress.finish_and_clear();
    outcomes
}

/// A plan that goes on and on is drawn around its first change.
fn picture(subject: &Subject, outcomes: &[Outcome]) -> String {
    let drawn = if subject.now.is_some() { subject.keys.len() } else { 2 };
    let labels: Vec<String> = subject.keys.iter().take(drawn).map(|key| key.label.clone()).collect();
    let of_drawn = |(verifier, refusals): &Outcome| {
        let refusals = refusals.iter().copied().filter(|refusal| refusal.key < drawn);
        (verifier.title, refusals.collect())
    };
    let verifiers: Vec<(&str, Vec<Refusal>)> = outcomes.iter().map(of_drawn).collect();
    Timeline {
        title: &subject.title,
        rotation: &subject.rotation.beginning(drawn),
        keys: &labels,
        verifiers: &verifiers,
        now: subject.now,
    }
    .svg()
}

fn instant(text: &str) -> Result<UnixTime, String> {
    words::time(text).map_err(str::to_owned)
}
