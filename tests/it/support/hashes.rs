//! One secret as other issuers keep it.

pub const SECRET: &str = "correct horse battery staple";
// Made with argon2-cffi, bcrypt and hashlib of Python, at the lowest cost.
pub const ARGON2: &str =
    "$argon2id$v=19$m=256,t=2,p=2$CeWPpNjuR3/mcVEzmILvBQ$M5bSVxllRlMHos18B4tiYZxiztqXJy+tZl0OAD0Qp3c";
pub const BCRYPT: &str = "$2b$04$IV7OqNZNVjz8RhPNtY7JxOBSTePSCinTP.h.HwMyoLaM4wGJHY.by";
pub const PBKDF2: &str =
    "$pbkdf2-sha256$i=1000,l=32$MDEyMzQ1Njc4OWFiY2RlZg$yqSq2SygY1sB4EcH9f2FG0JTMES+wqLsOT5YmiRBplI";
