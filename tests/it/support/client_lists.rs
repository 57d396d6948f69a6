//! Valid client lists, drawn at random: a small model, a strategy that draws it, and a renderer
//! to files in many layouts. What is drawn has no error, whatever it is; warnings are possible.
//! No randomness but proptest's, so that a failure shrinks and repeats.

use std::path::Path;

use proptest::prelude::*;
use proptest::sample::{Index, select};
use signet::client_auth::stored_secret;

use super::yaml_text::{Node, document};

#[derive(Clone, Debug, Default, PartialEq)]
pub struct ClientList {
    pub resources: Vec<ResourceEntry>,
    pub clients: Vec<ClientEntry>,
}

#[derive(Clone, Debug, PartialEq)]
pub struct ResourceEntry {
    pub audience: String,
    pub name: Option<String>,
    pub scopes: Vec<String>,
    pub typ: Option<&'static str>,
    pub signing_alg: Option<&'static str>,
    pub access_token_lifetime: Option<&'static str>,
    pub owner: Option<String>,
}

#[derive(Clone, Debug, PartialEq)]
pub struct ClientEntry {
    pub client_id: String,
    pub client_name: Option<String>,
    pub contacts: Vec<String>,
    pub grant_types: Option<Vec<&'static str>>,
    pub token_endpoint_auth_method: Option<&'static str>,
    pub credentials: Vec<CredentialEntry>,
    pub scope: Vec<String>,
    pub default_scope: Option<Vec<String>>,
    pub audience: Option<Vec<String>>,
    pub multiple_audiences: Option<bool>,
    pub access_token_lifetime: Option<&'static str>,
    pub claims: Vec<(String, Node)>,
    pub disabled: Option<bool>,
}

#[derive(Clone, Debug, PartialEq)]
pub struct CredentialEntry {
    /// In clear; the file gets its stored form.
    pub secret: String,
    pub not_before: Option<&'static str>,
    pub expires: Option<&'static str>,
    pub note: Option<String>,
}

/// How a list is written down; its meaning does not depend on it.
#[derive(Clone, Debug)]
pub struct Layout {
    /// 1 to 4.
    pub files: usize,
    /// Collections below entries as `[…]` and `{…}`.
    pub flow: bool,
    /// Every text in quotation marks.
    pub quoted: bool,
    pub comments: bool,
    /// `scope` and `default_scope` as one text (RFC 7591) rather than lists.
    pub scope_as_text: bool,
    pub clients_first: bool,
    pub end_marker: bool,
    /// The members of every entry begin with the one at this position.
    pub first_member: usize,
}

impl Default for Layout {
    fn default() -> Self {
        Self {
            files: 1,
            flow: false,
            quoted: false,
            comments: false,
            scope_as_text: true,
            clients_first: false,
            end_marker: true,
            first_member: 0,
        }
    }
}

pub fn layouts() -> impl Strategy<Value = Layout> {
    (1_usize..=4, any::<[bool; 6]>(), 0_usize..6).prop_map(|(files, flags, first_member)| {
        let [flow, quoted, comments, scope_as_text, clients_first, end_marker] = flags;
        Layout { files, flow, quoted, comments, scope_as_text, clients_first, end_marker, first_member }
    })
}

pub fn client_lists() -> impl Strategy<Value = ClientList> {
    let resources = prop::collection::vec(resource(), 0..5);
    let clients = prop::collection::vec(drawn_client(), 0..7);
    (resources, clients).prop_map(|(resources, drawn)| assemble(resources, drawn))
}

impl ClientList {
    /// One file in the usual layout.
    pub fn yaml(&self) -> String {
        self.render(&Layout::default()).remove(0).1
    }

    /// (Name below the directory, content). One file is `clients.yaml`.
    pub fn render(&self, layout: &Layout) -> Vec<(String, String)> {
        let resources = self.resources.iter().map(|resource| resource.node(layout)).collect();
        let clients: Vec<Node> = self.clients.iter().map(|client| client.node(layout)).collect();
        if layout.files <= 1 {
            let mut sections = vec![("resources", resources), ("clients", clients)];
            if layout.clients_first {
                sections.reverse();
            }
            return vec![("clients.yaml".into(), document(sections, layout))];
        }
        let mut files = vec![("_resources.yaml".into(), document(vec![("resources", resources)], layout))];
        let others = layout.files - 1;
        for number in 0..others {
            let part = clients.iter().skip(number).step_by(others).cloned().collect();
            files.push((format!("team-{number}/clients.yml"), document(vec![("clients", part)], layout)));
        }
        files
    }

    pub fn write(&self, directory: &Path, layout: &Layout) {
        for (name, text) in self.render(layout) {
            let path = directory.join(name);
            std::fs::create_dir_all(path.parent().expect("a parent")).expect("a directory");
            std::fs::write(path, text).expect("a file");
        }
    }
}

impl ResourceEntry {
    fn node(&self, layout: &Layout) -> Node {
        let mut members = vec![("audience", Node::text(&self.audience))];
        add(&mut members, "name", &self.name);
        members.push(("scopes", Node::texts(&self.scopes)));
        add(&mut members, "typ", &self.typ);
        add(&mut members, "signing_alg", &self.signing_alg);
        add(&mut members, "access_token_lifetime", &self.access_token_lifetime);
        add(&mut members, "owner", &self.owner);
        rotated(members, layout)
    }
}

impl ClientEntry {
    fn node(&self, layout: &Layout) -> Node {
        let scopes = |scopes: &[String]| match layout.scope_as_text {
            true => Node::text(scopes.join(" ")),
            false => Node::texts(scopes),
        };
        let mut members = vec![("client_id", Node::text(&self.client_id))];
        add(&mut members, "client_name", &self.client_name);
        if !self.contacts.is_empty() {
            members.push(("contacts", Node::texts(&self.contacts)));
        }
        members.extend(self.grant_types.as_ref().map(|grants| ("grant_types", Node::texts(grants))));
        add(&mut members, "token_endpoint_auth_method", &self.token_endpoint_auth_method);
        let credentials = self.credentials.iter().map(|credential| credential.node(layout)).collect();
        members.push(("credentials", Node::List(credentials)));
        if !self.scope.is_empty() {
            members.push(("scope", scopes(&self.scope)));
        }
        members.extend(self.default_scope.as_ref().map(|defaults| ("default_scope", scopes(defaults))));
        members.extend(self.audience.as_ref().map(|audiences| ("audience", Node::texts(audiences))));
        members.extend(self.multiple_audiences.map(|flag| ("multiple_audiences", Node::Plain(flag.into()))));
        add(&mut members, "access_token_lifetime", &self.access_token_lifetime);
        if !self.claims.is_empty() {
            members.push(("claims", Node::Map(self.claims.clone())));
        }
        members.extend(self.disabled.map(|flag| ("disabled", Node::Plain(flag.into()))));
        rotated(members, layout)
    }
}

impl CredentialEntry {
    fn node(&self, layout: &Layout) -> Node {
        let mut members = vec![("client_secret", Node::text(stored_secret(&self.secret)))];
        add(&mut members, "not_before", &self.not_before);
        add(&mut members, "expires", &self.expires);
        add(&mut members, "note", &self.note);
        rotated(members, layout)
    }
}

fn add(members: &mut Vec<(&'static str, Node)>, name: &'static str, text: &Option<impl AsRef<str>>) {
    members.extend(text.as_ref().map(|text| (name, Node::text(text))));
}

fn rotated(mut members: Vec<(&'static str, Node)>, layout: &Layout) -> Node {
    let by = layout.first_member % members.len();
    members.rotate_left(by);
    Node::Map(members.into_iter().map(|(name, value)| (name.to_owned(), value)).collect())
}

/// Text for people: with what YAML would read otherwise when it stood there as it is.
fn words() -> impl Strategy<Value = String> {
    const PARTS: &[&str] = &[
        "a", "B", "billing", " ", "é", "中", "🔑", "\"", "'", "\\", "#", " # ", ": ", "- ", "{", "}", "[",
        ",", "&", "*", "!", "|", "%", "@", "`", "null", "true", "15", "~", "\n", "\t", "=",
    ];
    prop::collection::vec(select(PARTS), 0..6).prop_map(|parts| parts.concat())
}

/// From a second to the cap; above an hour is a warning.
fn lifetime() -> impl Strategy<Value = &'static str> {
    select(&["1s", "90s", "5m", "15m", "1h", "1h 30m", "1h30m", "24h"])
}

fn resource() -> impl Strategy<Value = ResourceEntry> {
    let audience =
        prop_oneof!["https://[a-d]\\.example\\.com(/[a-z]{1,3})?", "[a-e]{1,3}", "urn:x:[0-9]{1,2}"];
    let scope = prop_oneof!["[a-d]:[rw]", "https://[a-c]\\.example/x", "[!#-\\[\\]-~]{1,4}"];
    let algorithms: Vec<&'static str> =
        signet::keys::algorithms().into_iter().map(|alg| alg.name()).collect();
    (
        audience,
        prop::option::of(words()),
        prop::collection::vec(scope, 0..5),
        prop::option::of(select(&["at+jwt", "JWT"])),
        prop::option::of(select(algorithms)),
        prop::option::of(lifetime()),
        prop::option::of(words()),
    )
        .prop_map(|(audience, name, scopes, typ, signing_alg, access_token_lifetime, owner)| {
            ResourceEntry { audience, name, scopes, typ, signing_alg, access_token_lifetime, owner }
        })
}

/// A client before it is known what there is to reach: positions instead of names.
#[derive(Clone, Debug)]
struct DrawnClient {
    id: String,
    texts: (Option<String>, Vec<String>),
    reach: Vec<Index>,
    scopes: Vec<Index>,
    defaults: Option<Vec<Index>>,
    flags: [bool; 4],
    method: Option<&'static str>,
    credentials: Vec<CredentialEntry>,
    lifetime: Option<&'static str>,
    claims: Vec<(String, Node)>,
}

fn drawn_client() -> impl Strategy<Value = DrawnClient> {
    let several = |most| prop::collection::vec(any::<Index>(), 1..most);
    (
        "[A-Za-z0-9._~-]{1,12}",
        (prop::option::of(words()), prop::collection::vec(words(), 0..3)),
        (several(3), several(5), prop::option::of(prop::collection::vec(any::<Index>(), 0..3))),
        any::<[bool; 4]>(),
        prop::option::of(select(signet::client_auth::methods().collect::<Vec<_>>())),
        prop::collection::vec(credential(), 0..3),
        prop::option::of(lifetime()),
        prop::collection::vec(("my_[a-z]{1,4}", claim()), 0..3),
    )
        .prop_map(
            |(id, texts, (reach, scopes, defaults), flags, method, credentials, lifetime, claims)| {
                DrawnClient {
                    id,
                    texts,
                    reach,
                    scopes,
                    defaults,
                    flags,
                    method,
                    credentials,
                    lifetime,
                    claims,
                }
            },
        )
}

fn credential() -> impl Strategy<Value = CredentialEntry> {
    (
        "[a-zA-Z0-9]{40}",
        prop::option::of(select(&["2020-01-01", "2021-06-01T12:00:00Z", "2081-01-01T09:30:00+01:00"])),
        prop::option::of(select(&["2090-03-01", "2095-12-31T23:59:59Z", "2099-01-01T00:00:00-08:00"])),
        prop::option::of(words()),
    )
        .prop_map(|(secret, not_before, expires, note)| CredentialEntry {
            secret,
            not_before,
            expires,
            note,
        })
}

fn claim() -> impl Strategy<Value = Node> {
    let plain = select(vec![
        serde_json::json!(null),
        serde_json::json!(true),
        serde_json::json!(-7),
        serde_json::json!(1.5),
        serde_json::json!(9_007_199_254_740_993_i64),
    ]);
    let leaf = prop_oneof![words().prop_map(Node::Text), plain.prop_map(Node::Plain)];
    leaf.prop_recursive(3, 8, 3, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..3).prop_map(Node::List),
            prop::collection::btree_map("[a-z: ]{1,4}", inner, 0..3)
                .prop_map(|members| Node::Map(members.into_iter().collect())),
        ]
    })
}

/// Makes one valid list of what was drawn: names once, every scope within reach.
fn assemble(mut resources: Vec<ResourceEntry>, drawn: Vec<DrawnClient>) -> ClientList {
    keep_first(&mut resources, |resource| resource.audience.clone());
    for resource in &mut resources {
        keep_first(&mut resource.scopes, String::clone);
    }
    let mut clients: Vec<ClientEntry> =
        drawn.into_iter().filter_map(|client| client.registered(&resources)).collect();
    keep_first(&mut clients, |client| client.client_id.clone());
    ClientList { resources, clients }
}

fn keep_first<T>(items: &mut Vec<T>, key: impl Fn(&T) -> String) {
    let mut seen = std::collections::HashSet::new();
    items.retain(|item| seen.insert(key(item)));
}

impl DrawnClient {
    fn registered(mut self, resources: &[ResourceEntry]) -> Option<ClientEntry> {
        if resources.is_empty() {
            return None;
        }
        let mut reach: Vec<&ResourceEntry> = self.reach.iter().map(|at| at.get(resources)).collect();
        keep_first(&mut reach, |resource| resource.audience.clone());
        let unambiguous = |scope: &&String| {
            resources.iter().filter(|resource| resource.scopes.contains(*scope)).count() == 1
        };
        let [names_audience, multiple, disabled, says_flags] = self.flags;
        let within: Vec<&String> = reach.iter().flat_map(|resource| &resource.scopes).collect();
        let clear: Vec<&String> = within.iter().copied().filter(unambiguous).collect();
        let names_audience = names_audience || clear.is_empty();
        let choice = if names_audience { &within } else { &clear };
        let mut scope: Vec<String> = match choice.is_empty() {
            true => Vec::new(),
            false => self.scopes.iter().map(|at| (*at.get(choice)).clone()).collect(),
        };
        keep_first(&mut scope, String::clone);
        let default_scope = self.defaults.filter(|_| !scope.is_empty()).map(|positions| {
            let mut defaults: Vec<String> = positions.iter().map(|at| at.get(&scope).clone()).collect();
            keep_first(&mut defaults, String::clone);
            defaults
        });
        let form = |resource: &ResourceEntry| {
            (resource.typ.unwrap_or("at+jwt"), resource.signing_alg.unwrap_or("RS256"))
        };
        let agree = reach.windows(2).all(|pair| form(pair[0]) == form(pair[1]));
        keep_first(&mut self.claims, |(name, _)| name.clone());
        let flag = |flag: bool| (flag || says_flags).then_some(flag);
        Some(ClientEntry {
            client_id: self.id,
            client_name: self.texts.0,
            contacts: self.texts.1,
            grant_types: says_flags.then(|| vec!["client_credentials"]),
            token_endpoint_auth_method: self.method,
            credentials: self.credentials,
            scope,
            default_scope,
            audience: names_audience
                .then(|| reach.iter().map(|resource| resource.audience.clone()).collect()),
            multiple_audiences: flag(multiple && agree),
            access_token_lifetime: self.lifetime,
            claims: self.claims,
            disabled: flag(disabled),
        })
    }
}
