//! Registrations: clients, their credentials, and the resources that they may reach. Values that
//! were validated when the files were read; nothing here parses or refuses.

mod credential;
pub mod difference;
mod expiring;
mod registration;
mod registry;
mod resource;

pub use credential::{
    Context, Credential, Fit, KeySets, Misfit, Once, Phase, Presented, Proof, Reading, Settled, Validity,
    Verifier,
};
pub use difference::difference;
pub use expiring::{Expiring, expiring};
pub use registration::{Denied, Policy, Registered, Registration, Standing, Which};
pub use registry::{Candidate, Client, Granted, Registry};
pub use resource::{Resource, TokenType};
