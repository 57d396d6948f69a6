//! The members that a metadata document may have, with their types: "OAuth Authorization Server
//! Metadata" (IANA), OpenID Connect Discovery 1.0 §3, and what its extensions add.

use reqwest::Url;
use serde_json::Value;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Secrets or trust depend on where it leads.
    Endpoint,
    /// A page for people.
    Page,
    Text,
    Texts,
    Boolean,
    Object,
}

impl Kind {
    pub const fn name(self) -> &'static str {
        match self {
            Self::Endpoint | Self::Page => "an absolute URL",
            Self::Text => "text",
            Self::Texts => "a list of texts",
            Self::Boolean => "true or false",
            Self::Object => "an object",
        }
    }

    pub fn fits(self, value: &Value) -> bool {
        match self {
            Self::Endpoint | Self::Page => value.as_str().is_some_and(|text| Url::parse(text).is_ok()),
            Self::Text => value.is_string(),
            Self::Texts => value.as_array().is_some_and(|list| list.iter().all(Value::is_string)),
            Self::Boolean => value.is_boolean(),
            Self::Object => value.is_object(),
        }
    }
}

/// `None` for a member that is not registered.
pub fn kind(name: &str) -> Option<Kind> {
    MEMBERS.iter().find(|(_, names)| names.contains(&name)).map(|(kind, _)| *kind)
}

/// The registered name that a misspelt one looks like.
pub fn nearest(name: &str) -> Option<&'static str> {
    /// `token_endpont`, `jwks_url`; not every pair that ends with `_supported`.
    const DISTANCE_MAX: usize = 2;
    let names = MEMBERS.iter().flat_map(|(_, names)| names.iter().copied());
    let near = names.map(|known| (strsim::osa_distance(known, name), known));
    near.filter(|(distance, _)| *distance <= DISTANCE_MAX).min().map(|(_, known)| known)
}

static MEMBERS: &[(Kind, &[&str])] = &[
    (Kind::Text, &["issuer", "signed_metadata"]),
    (
        Kind::Endpoint,
        &[
            "authorization_endpoint",
            "token_endpoint",
            "jwks_uri",
            "registration_endpoint",
            "revocation_endpoint",
            "introspection_endpoint",
            "device_authorization_endpoint",
            "pushed_authorization_request_endpoint",
            "backchannel_authentication_endpoint",
            "userinfo_endpoint",
            "end_session_endpoint",
        ],
    ),
    (Kind::Page, &["service_documentation", "op_policy_uri", "op_tos_uri", "check_session_iframe"]),
    (
        Kind::Texts,
        &[
            "scopes_supported",
            "response_types_supported",
            "response_modes_supported",
            "grant_types_supported",
            "token_endpoint_auth_methods_supported",
            "token_endpoint_auth_signing_alg_values_supported",
            "ui_locales_supported",
            "revocation_endpoint_auth_methods_supported",
            "revocation_endpoint_auth_signing_alg_values_supported",
            "introspection_endpoint_auth_methods_supported",
            "introspection_endpoint_auth_signing_alg_values_supported",
            "introspection_signing_alg_values_supported",
            "introspection_encryption_alg_values_supported",
            "introspection_encryption_enc_values_supported",
            "code_challenge_methods_supported",
            "nfv_token_signing_algs_supported",
            "acr_values_supported",
            "subject_types_supported",
            "id_token_signing_alg_values_supported",
            "id_token_encryption_alg_values_supported",
            "id_token_encryption_enc_values_supported",
            "userinfo_signing_alg_values_supported",
            "userinfo_encryption_alg_values_supported",
            "userinfo_encryption_enc_values_supported",
            "request_object_signing_alg_values_supported",
            "request_object_encryption_alg_values_supported",
            "request_object_encryption_enc_values_supported",
            "authorization_signing_alg_values_supported",
            "authorization_encryption_alg_values_supported",
            "authorization_encryption_enc_values_supported",
            "display_values_supported",
            "claim_types_supported",
            "claims_supported",
            "claims_locales_supported",
            "prompt_values_supported",
            "backchannel_token_delivery_modes_supported",
            "backchannel_authentication_request_signing_alg_values_supported",
            "authorization_details_types_supported",
            "dpop_signing_alg_values_supported",
            "protected_resources",
        ],
    ),
    (
        Kind::Boolean,
        &[
            "claims_parameter_supported",
            "request_parameter_supported",
            "request_uri_parameter_supported",
            "require_request_uri_registration",
            "require_signed_request_object",
            "require_pushed_authorization_requests",
            "tls_client_certificate_bound_access_tokens",
            "authorization_response_iss_parameter_supported",
            "frontchannel_logout_supported",
            "frontchannel_logout_session_supported",
            "backchannel_logout_supported",
            "backchannel_logout_session_supported",
            "backchannel_user_code_parameter_supported",
            "client_id_metadata_document_supported",
        ],
    ),
    (Kind::Object, &["mtls_endpoint_aliases"]),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_misspelt_member_finds_its_name_and_a_vendors_own_finds_none() {
        assert_eq!(nearest("token_endpont"), Some("token_endpoint"));
        assert_eq!(nearest("jwks_url"), Some("jwks_uri"));
        assert_eq!(nearest("http_logout_supported"), None);
        assert_eq!(nearest("cloud_instance_name"), None);
    }

    #[test]
    fn values_are_told_by_their_type() {
        for (kind, good, bad) in [
            (Kind::Endpoint, r#""https://a.example/b""#, r#""/b""#),
            (Kind::Text, r#""x""#, "1"),
            (Kind::Texts, r#"["x"]"#, r#"["x",1]"#),
            (Kind::Texts, "[]", r#""x""#),
            (Kind::Boolean, "true", r#""true""#),
            (Kind::Object, "{}", "null"),
        ] {
            let value = |text: &str| serde_json::from_str(text).expect("JSON");
            assert!(kind.fits(&value(good)), "{good}");
            assert!(!kind.fits(&value(bad)), "{bad}");
        }
    }
}
