//! A good file with every member, and what can be wrong with each of them.

/// No secret stands in it; `hunter2` stands for one wherever a bad file has one in clear.
pub const GOOD: &str = r#"resources:
  - audience: https://invoices.example.com
    name: Invoices
    scopes: [invoices:read, invoices:write]
    typ: at+jwt
    signing_alg: RS256
    access_token_lifetime: 15m
    owner: team-payments
clients:
  - client_id: billing-worker
    client_name: Billing worker
    contacts: [payments@example.com]
    grant_types: [client_credentials]
    token_endpoint_auth_method: client_secret_basic
    credentials:
      - client_secret: sha256:jinN5QfVp0RF3ReORXuKZf3b_8c2dcBEsKO0QhhCoOk
        not_before: 2026-01-01
        expires: 2099-03-01
        note: the first one
      - private_key_jwt:
          jwks: {kty: OKP, crv: Ed25519, x: 11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo}
          accept_audience: issuer
          max_lifetime: 5m
    scope: invoices:read invoices:write
    default_scope: invoices:read
    audience: [https://invoices.example.com]
    multiple_audiences: false
    access_token_lifetime: 10m
    reuse: 60s
    claims: {tenant: acme}
    disabled: false
...
"#;

/// Teams stand in a file that none of them owns, so they have a list of their own; here no file is
/// the team's, which is a warning (SG0156) and nothing worse.
pub const GOOD_TEAMS: &str = r#"resources:
  - audience: https://invoices.example.com
teams:
  - name: Payments
    files: payments/**
    audiences: [https://invoices.example.com]
...
"#;

/// Registrars, what they may register, and what is denied.
pub const GOOD_REGISTRATION: &str = r#"resources:
  - audience: https://catalog.example.com
    scopes: [catalog:read]
clients:
  - client_id: portal
    credentials:
      - client_secret: sha256:jinN5QfVp0RF3ReORXuKZf3b_8c2dcBEsKO0QhhCoOk
    scope: catalog:read
registration:
  policies:
    - registrars: [portal]
      scope: catalog:read
      audience: [https://catalog.example.com]
      credentials: [client_secret]
      access_token_lifetime: 10m
      validity: 30d
      per_minute: 60
  denied:
    - client_id_sha256: 47DEQpj8HBSa-_TImW-5JCeuQeRkm5NMpJWZG3hSuFU
      note: laptop lost
    - registrar: portal
      issued_before: 2026-01-01
...
"#;

/// Where an empty text is a good value.
const MAY_BE_EMPTY: &[&str] = &[
    "resource-name",
    "resource-owner",
    "team-name",
    "client-client_name",
    "client-contacts",
    "client-note",
    "client-default_scope",
    "client-accept_audience",
    "policy-scope",
    "denied-note",
];

/// One line of a good list that sets a member.
struct Line<'g> {
    /// `client-audience`.
    name: String,
    /// What stands before the member: the indentation, perhaps with a dash.
    before: &'g str,
    member: &'g str,
    value: &'g str,
    /// Of the line and what belongs to it.
    start: usize,
    end: usize,
}

fn lines(good: &str) -> Vec<Line<'_>> {
    let (mut found, mut start, mut section) = (Vec::new(), 0, "resource");
    for line in good.split_inclusive('\n') {
        let text = line.trim_end();
        let indent = text.len() - text.trim_start_matches([' ', '-']).len();
        let end = start + line.len();
        if let Some((member, value)) = text[indent..].split_once(':') {
            match text {
                "clients:" => section = "client",
                "teams:" => section = "team",
                "registration:" => section = "registration",
                "  denied:" => section = "registration",
                _ => {}
            }
            let rest = good[end..].split_inclusive('\n');
            let deeper = rest.take_while(|line| {
                value.is_empty()
                    && line.len() - line.trim_start().len() > indent - usize::from(text.contains("- ")) * 2
            });
            let end = end + deeper.map(str::len).sum::<usize>();
            let of = if indent == 0 { "file" } else { section };
            match text {
                "  policies:" => section = "policy",
                "  denied:" => section = "denied",
                _ => {}
            }
            found.push(Line {
                name: format!("{of}-{member}"),
                before: &text[..indent],
                member,
                value: value.trim(),
                start,
                end,
            });
        }
        start += line.len();
    }
    found
}

/// Blank, null, empty, of another type, doubled, misspelt.
pub fn mutations() -> Vec<(String, Vec<u8>)> {
    let of_teams = lines(GOOD_TEAMS).into_iter().filter(|line| line.name.contains("team"));
    let own = ["registration", "policy", "denied"];
    let is_own = |line: &Line<'_>| own.iter().any(|section| line.name.contains(section));
    let of_registration = lines(GOOD_REGISTRATION).into_iter().filter(is_own);
    let all = lines(GOOD).into_iter().map(|line| (GOOD, line));
    let all = all.chain(of_teams.map(|line| (GOOD_TEAMS, line)));
    let mut files = Vec::new();
    for (good, line) in all.chain(of_registration.map(|line| (GOOD_REGISTRATION, line))) {
        let Line { name, before, member, value, start, end } = line;
        let whole = &good[start..end];
        let other = match value {
            "true" | "false" => "\"no\"",
            "" => "7",
            number if number.bytes().all(|byte| byte.is_ascii_digit()) => "[7]",
            list if list.starts_with('[') => "{a: b}",
            map if map.starts_with('{') => "[7]",
            _ => "7",
        };
        let mut misspelt: Vec<char> = member.chars().collect();
        let at = if misspelt[1] == misspelt[2] { 2 } else { 1 };
        misspelt.swap(at, at + 1);
        let misspelt: String = misspelt.into_iter().collect();
        let again = format!("{}{}", " ".repeat(before.len()), &whole[before.len()..]);
        for (how, text) in [
            ("blank", format!("{before}{member}:\n")),
            ("null", format!("{before}{member}: null\n")),
            ("empty", format!("{before}{member}: \"\"\n")),
            ("type", format!("{before}{member}: {other}\n")),
            ("doubled", format!("{whole}{again}")),
            ("misspelt", whole.replacen(member, &misspelt, 1)),
        ] {
            if how == "empty" && MAY_BE_EMPTY.contains(&name.as_str()) {
                continue;
            }
            let file = format!("{}{text}{}", &good[..start], &good[end..]);
            files.push((format!("{name}-{how}"), file.into_bytes()));
        }
    }
    files
}
