//! Which audiences and scopes a request reaches: RFC 6749 §3.3, RFC 8707 §2. Asked for more than
//! is granted, the answer is no: nothing is narrowed in silence.

use crate::client::{Client, Granted, Resource};
use crate::oauth::{Params, Refusal, ScopeToken, parse_scope};

crate::oauth::reasons! {
    SCOPE_MALFORMED = InvalidScope SCOPE_MALFORMED;
    SCOPE_NOT_GRANTED = InvalidScope SCOPE_NOT_GRANTED;
    NO_DEFAULT_SCOPE = InvalidScope NO_DEFAULT_SCOPE;
    TARGET_NOT_GRANTED = InvalidTarget TARGET_NOT_GRANTED;
    TARGET_MALFORMED = InvalidTarget TARGET_MALFORMED;
    TARGETS_DISAGREE = InvalidTarget TARGETS_DISAGREE;
    TARGET_AMBIGUOUS = InvalidTarget TARGET_AMBIGUOUS;
    TARGETS_TOO_MANY = InvalidTarget TARGETS_TOO_MANY;
}

/// Form parameters that [`reach`] reads.
pub const PARAMETERS: &[&str] = &["scope", "resource", "audience"];

/// The granted audiences (at least one; several agree on `typ` and algorithm) and scopes.
#[derive(Debug)]
pub struct Reach<'s> {
    first: &'s Resource,
    others: Vec<&'s Resource>,
    scopes: Vec<&'s ScopeToken>,
}

impl<'s> Reach<'s> {
    fn new(targets: &[&'s Granted], scopes: Vec<&'s ScopeToken>) -> Result<Self, Refusal> {
        let (first, others) = targets.split_first().ok_or(&TARGET_AMBIGUOUS)?;
        let others = others.iter().map(|granted| &*granted.resource).collect();
        Ok(Self { first: &first.resource, others, scopes })
    }

    /// The resource that gives the token its form.
    pub fn resource(&self) -> &'s Resource {
        self.first
    }

    pub fn resources(&self) -> impl Iterator<Item = &'s Resource> {
        std::iter::once(self.first).chain(self.others.iter().copied())
    }

    pub fn scopes(&self) -> impl Iterator<Item = &'s ScopeToken> {
        self.scopes.iter().copied()
    }

    /// Space-separated (RFC 6749 §3.3); empty when no scope is granted.
    pub fn scope(&self) -> String {
        let mut text = String::new();
        for scope in &self.scopes {
            if !text.is_empty() {
                text.push(' ');
            }
            text.push_str(scope.as_str());
        }
        text
    }
}

/// Works out the reach of a request of `client`.
///
/// # Errors
/// `invalid_scope` or `invalid_target`.
pub fn reach<'s>(client: &'s Client, params: &Params<'_>) -> Result<Reach<'s>, Refusal> {
    let asked = match params.get("scope") {
        Some(text) => Some(parse_scope(text).map_err(|()| &SCOPE_MALFORMED)?),
        None => None,
    };
    let asked = asked.filter(|scopes| !scopes.is_empty());
    let targets = named_targets(client, params)?;
    match (targets.is_empty(), asked) {
        (false, Some(asked)) => Reach::new(&targets, pick(&targets, &asked)?),
        (false, None) => Reach::new(&targets, defaults(&targets)?),
        (true, Some(asked)) => targets_of_scopes(client, &asked),
        (true, None) => default_target(client),
    }
}

/// The audiences named by `resource` and `audience`, compared byte for byte.
fn named_targets<'s>(client: &'s Client, params: &Params<'_>) -> Result<Vec<&'s Granted>, Refusal> {
    let mut targets: Vec<&Granted> = Vec::new();
    for resource in params.all("resource") {
        if !is_absolute_uri_without_fragment(resource) {
            return TARGET_MALFORMED.refuse();
        }
        add_target(client, resource, &mut targets)?;
    }
    let mut named: Vec<&Granted> = Vec::new();
    for audience in params.all("audience") {
        add_target(client, audience, &mut named)?;
    }
    if targets.is_empty() {
        targets = named;
    } else if !named.is_empty() {
        let same = |a: &[&Granted], b: &[&Granted]| a.iter().all(|x| b.iter().any(|y| std::ptr::eq(*x, *y)));
        if !same(&targets, &named) || !same(&named, &targets) {
            return TARGETS_DISAGREE.refuse();
        }
    }
    if targets.len() > 1 && !client.multiple_audiences {
        return TARGETS_TOO_MANY.refuse();
    }
    Ok(targets)
}

fn add_target<'s>(client: &'s Client, name: &str, targets: &mut Vec<&'s Granted>) -> Result<(), Refusal> {
    let granted = client.granted.iter().find(|granted| granted.resource.audience.as_str() == name);
    let granted = granted.ok_or(&TARGET_NOT_GRANTED)?;
    if !targets.iter().any(|known| std::ptr::eq(*known, granted)) {
        targets.push(granted);
    }
    Ok(())
}

/// The scopes asked for, each granted at one of `targets`; in the order of the request.
fn pick<'s>(targets: &[&'s Granted], asked: &[&str]) -> Result<Vec<&'s ScopeToken>, Refusal> {
    let find =
        |name: &str| targets.iter().flat_map(|target| &target.scopes).find(|scope| scope.as_str() == name);
    asked.iter().map(|name| find(name).ok_or_else(|| Refusal::naming(&SCOPE_NOT_GRANTED, name))).collect()
}

/// The default scopes at `targets`. An audience that has scopes for the client but no default
/// needs a word of the client; one without scopes gives a token without scope.
fn defaults<'s>(targets: &[&'s Granted]) -> Result<Vec<&'s ScopeToken>, Refusal> {
    if targets.iter().any(|target| target.default_scopes.is_empty() && !target.scopes.is_empty()) {
        return NO_DEFAULT_SCOPE.refuse();
    }
    let mut scopes: Vec<&ScopeToken> = Vec::new();
    for scope in targets.iter().flat_map(|target| &target.default_scopes) {
        if !scopes.contains(&scope) {
            scopes.push(scope);
        }
    }
    Ok(scopes)
}

/// No audience was named: it follows from the scopes, or it is asked for.
fn targets_of_scopes<'s>(client: &'s Client, asked: &[&str]) -> Result<Reach<'s>, Refusal> {
    let all: Vec<&Granted> = client.granted.iter().collect();
    let scopes = pick(&all, asked)?;
    let has = |granted: &Granted, name: &str| granted.scopes.iter().any(|scope| scope.as_str() == name);
    let mut holds_all = all.iter().filter(|granted| asked.iter().all(|name| has(granted, name)));
    match (holds_all.next(), holds_all.next()) {
        (Some(only), None) => Reach::new(&[only], scopes),
        (None, _) if client.multiple_audiences => {
            let involved: Vec<_> =
                all.into_iter().filter(|granted| asked.iter().any(|name| has(granted, name))).collect();
            let unique =
                asked.iter().all(|name| involved.iter().filter(|granted| has(granted, name)).count() == 1);
            if unique { Reach::new(&involved, scopes) } else { TARGET_AMBIGUOUS.refuse() }
        }
        _ => TARGET_AMBIGUOUS.refuse(),
    }
}

/// Neither audience nor scope was named.
fn default_target(client: &Client) -> Result<Reach<'_>, Refusal> {
    let target = client.granted_by_default().ok_or(&TARGET_AMBIGUOUS)?;
    Reach::new(&[target], defaults(&[target])?)
}

/// RFC 3986 §4.3 as far as it matters here: a scheme, a colon, something after it, no fragment.
fn is_absolute_uri_without_fragment(text: &str) -> bool {
    let Some((scheme, rest)) = text.split_once(':') else { return false };
    let mut characters = scheme.chars();
    characters.next().is_some_and(|first| first.is_ascii_alphabetic())
        && characters.all(|c| c.is_ascii_alphanumeric() || "+-.".contains(c))
        && !rest.is_empty()
        && rest.bytes().all(|byte| byte.is_ascii_graphic() && byte != b'#')
}
