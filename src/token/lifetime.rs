//! How long a token lives, and who says so: the client, else the shortest of the resources, else
//! the server.

use crate::client::{Client, Resource};
use crate::token::Reach;

/// The lifetime of a token and where it comes from.
#[derive(Clone, Copy, Debug)]
pub struct Lifetime<'s> {
    pub seconds: u32,
    pub source: LifetimeSource<'s>,
}

#[derive(Clone, Copy, Debug)]
pub enum LifetimeSource<'s> {
    Client,
    Resource(&'s Resource),
    /// The setting of the server.
    Server,
}

/// Of a token for one resource. `default_seconds` is the setting of the server.
pub fn lifetime_at<'s>(client: &Client, resource: &'s Resource, default_seconds: u32) -> Lifetime<'s> {
    let own = client.access_token_lifetime_seconds;
    let otherwise = resource.access_token_lifetime_seconds.unwrap_or(default_seconds);
    // Nobody reviews what a registered client asked for: it may make tokens shorter, never longer.
    let own = own.filter(|seconds| client.registered.is_none() || *seconds < otherwise);
    match (own, resource.access_token_lifetime_seconds) {
        (Some(seconds), _) => Lifetime { seconds, source: LifetimeSource::Client },
        (None, Some(seconds)) => Lifetime { seconds, source: LifetimeSource::Resource(resource) },
        (None, None) => Lifetime { seconds: default_seconds, source: LifetimeSource::Server },
    }
}

/// Of a token for all that it reaches.
pub fn lifetime<'s>(client: &Client, reach: &Reach<'s>, default_seconds: u32) -> Lifetime<'s> {
    let of_each = reach.resources().map(|resource| lifetime_at(client, resource, default_seconds));
    let shortest = of_each.min_by_key(|lifetime| lifetime.seconds);
    shortest.unwrap_or(Lifetime { seconds: default_seconds, source: LifetimeSource::Server })
}
