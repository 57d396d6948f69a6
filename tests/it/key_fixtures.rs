//! Keys for tests: the private keys of the RFC examples as DER, generated ones of each size (made
//! once, because that takes long), and directories to put them in.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::sync::OnceLock;

use base64::Engine;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use rustls_pki_types::{PrivateKeyDer, PrivatePkcs1KeyDer, PrivatePkcs8KeyDer};
use signet::clock::UnixTime;
use signet::diagnostic::Findings;
use signet::jose::{Algorithm, Jwk};
use signet::keys::generate::{self, PrivateKey};
use signet::keys::{Keyring, LoadOptions, Retention};
use tempfile::TempDir;

/// 2026-11-22T19:00:00Z.
pub const NOW: UnixTime = UnixTime::from_seconds(1_795_374_000);
pub const DAY: i64 = 86_400;

pub fn options() -> LoadOptions<'static> {
    LoadOptions {
        backend: None,
        retention: Retention::for_lifetime(900, 5),
        require_private_permissions: true,
    }
}

/// A generated key of a size, the same at every call.
pub fn generated(bits: usize) -> &'static (PrivateKey, Jwk) {
    static SMALL: OnceLock<(PrivateKey, Jwk)> = OnceLock::new();
    static MIDDLE: OnceLock<(PrivateKey, Jwk)> = OnceLock::new();
    static LARGE: OnceLock<(PrivateKey, Jwk)> = OnceLock::new();
    let cell = match bits {
        2048 => &SMALL,
        3072 => &MIDDLE,
        _ => &LARGE,
    };
    cell.get_or_init(|| generate::private_key(Algorithm::Rs256, bits).expect("a key"))
}

/// Several keys of 2048 bits.
pub fn another(number: usize) -> &'static (PrivateKey, Jwk) {
    static KEYS: [OnceLock<(PrivateKey, Jwk)>; 4] = [const { OnceLock::new() }; 4];
    KEYS[number].get_or_init(|| generate::private_key(Algorithm::Rs256, 2048).expect("a key"))
}

pub fn unbase64url(text: &str) -> Vec<u8> {
    URL_SAFE_NO_PAD.decode(text).expect("base64url")
}

/// The integers of an RSA private key (RFC 8017 A.1.2).
#[derive(Clone)]
pub struct RsaIntegers {
    pub n: Vec<u8>,
    pub e: Vec<u8>,
    pub d: Vec<u8>,
    pub p: Vec<u8>,
    pub q: Vec<u8>,
    pub dp: Vec<u8>,
    pub dq: Vec<u8>,
    pub qi: Vec<u8>,
}

impl RsaIntegers {
    fn from_jwk(members: [&str; 8]) -> Self {
        let [n, e, d, p, q, dp, dq, qi] = members.map(unbase64url);
        Self { n, e, d, p, q, dp, dq, qi }
    }

    /// Numbers of the right lengths that are no key: for limits that are checked on the modulus.
    pub fn of_size(bits: usize) -> Self {
        let mut n = vec![0x5a; bits / 8];
        n[0] = 0x80;
        *n.last_mut().expect("not empty") |= 1;
        let half = vec![0x6b; bits / 16];
        let (p, q, dp, dq, qi) = (half.clone(), half.clone(), half.clone(), half.clone(), half);
        Self { e: vec![1, 0, 1], d: n.clone(), n, p, q, dp, dq, qi }
    }

    pub fn pkcs1(&self) -> Vec<u8> {
        let Self { n, e, d, p, q, dp, dq, qi } = self;
        let integers = [&vec![0], n, e, d, p, q, dp, dq, qi].map(|integer| integer_element(integer)).concat();
        element(0x30, &integers)
    }

    pub fn pkcs8(&self) -> Vec<u8> {
        let rsa_encryption = element(0x30, &[0x06, 9, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 1, 1, 0x05, 0]);
        let content = [integer_element(&[0]), rsa_encryption, element(0x04, &self.pkcs1())].concat();
        element(0x30, &content)
    }

    pub fn pkcs1_key(&self) -> PrivateKeyDer<'static> {
        PrivateKeyDer::Pkcs1(PrivatePkcs1KeyDer::from(self.pkcs1()))
    }

    pub fn pkcs8_key(&self) -> PrivateKeyDer<'static> {
        PrivateKeyDer::Pkcs8(PrivatePkcs8KeyDer::from(self.pkcs8()))
    }
}

fn integer_element(bytes: &[u8]) -> Vec<u8> {
    let zeros = bytes.iter().take_while(|byte| **byte == 0).count().min(bytes.len() - 1);
    let bytes = &bytes[zeros..];
    let sign: &[u8] = if bytes[0] >= 0x80 { &[0] } else { &[] };
    element(0x02, &[sign, bytes].concat())
}

pub fn element(tag: u8, content: &[u8]) -> Vec<u8> {
    let length = u16::try_from(content.len()).expect("a short document").to_be_bytes();
    let head = match length {
        [0, short @ ..0x80] => vec![tag, short],
        [0, long] => vec![tag, 0x81, long],
        [high, low] => vec![tag, 0x82, high, low],
    };
    [head, content.to_vec()].concat()
}

pub fn pem(label: &str, der: &[u8]) -> String {
    let base64 = STANDARD.encode(der);
    let lines: Vec<&str> =
        base64.as_bytes().chunks(64).map(|line| std::str::from_utf8(line).expect("ASCII")).collect();
    format!("-----BEGIN {label}-----\n{}\n-----END {label}-----\n", lines.join("\n"))
}

/// A directory of key files that is deleted with its owner.
pub struct KeyDirectory(TempDir);

impl KeyDirectory {
    pub fn new() -> Self {
        Self(tempfile::tempdir().expect("a temporary directory"))
    }

    pub fn path(&self) -> &Path {
        self.0.path()
    }

    pub fn file(&self, name: &str) -> PathBuf {
        self.path().join(name)
    }

    /// Mode 600.
    #[must_use]
    pub fn with(self, name: &str, content: impl AsRef<[u8]>) -> Self {
        self.with_mode(name, content, 0o600)
    }

    /// Mode 600; a file of the name is replaced.
    pub fn add(&self, name: &str, content: &[u8]) {
        fs::write(self.file(name), content).expect("written");
        fs::set_permissions(self.file(name), fs::Permissions::from_mode(0o600)).expect("permissions");
    }

    #[must_use]
    pub fn with_mode(self, name: &str, content: impl AsRef<[u8]>, mode: u32) -> Self {
        let path = self.file(name);
        fs::write(&path, content).expect("written");
        fs::set_permissions(&path, fs::Permissions::from_mode(mode)).expect("permissions");
        self
    }

    pub fn load(&self, now: UnixTime) -> (Option<Keyring>, Findings) {
        signet::keys::load(self.path(), now, &options())
    }

    /// The codes found, sorted; and whether there is a keyring.
    pub fn codes(&self, now: UnixTime) -> (Vec<&'static str>, bool) {
        let (keyring, findings) = self.load(now);
        let mut codes: Vec<_> = findings.iter().map(|finding| finding.code.id).collect();
        codes.sort_unstable();
        (codes, keyring.is_some())
    }
}

/// RFC 7515 Appendix A.2.1.
pub fn rfc7515_a2() -> RsaIntegers {
    RsaIntegers::from_jwk([
        "ofgWCuLjybRlzo0tZWJjNiuSfb4p4fAkd_wWJcyQoTbji9k0l8W26mPddxHmfHQp-Vaw-4qPCJrcS2mJPMEzP1Pt0Bm4d4Ql\
         L-yRT-SFd2lZS-pCgNMsD1W_YpRPEwOWvG6b32690r2jZ47soMZo9wGzjb_7OMg0LOL-bSf63kpaSHSXndS5z5rexMdbBYUs\
         LA9e-KXBdQOS-UTo7WTBEMa2R2CapHg665xsmtdVMTBQY4uDZlxvb3qCo5ZwKh9kG4LT6_I5IhlJH7aGhyxXFvUK-DWNmoud\
         F8NAco9_h9iaGNj8q2ethFkMLs91kzk2PAcDTW9gb54h4FRWyuXpoQ",
        "AQAB",
        "Eq5xpGnNCivDflJsRQBXHx1hdR1k6Ulwe2JZD50LpXyWPEAeP88vLNO97IjlA7_GQ5sLKMgvfTeXZx9SE-7YwVol2NXOoAJe\
         46sui395IW_GO-pWJ1O0BkTGoVEn2bKVRUCgu-GjBVaYLU6f3l9kJfFNS3E0QbVdxzubSu3Mkqzjkn439X0M_V51gfpRLI9J\
         YanrC4D4qAdGcopV_0ZHHzQlBjudU2QvXt4ehNYTCBr6XCLQUShb1juUO1ZdiYoFaFQT5Tw8bGUl_x_jTj3ccPDVZFD9pIuh\
         LhBOneufuBiB4cS98l2SR_RQyGWSeWjnczT0QU91p1DhOVRuOopznQ",
        "4BzEEOtIpmVdVEZNCqS7baC4crd0pqnRH_5IB3jw3bcxGn6QLvnEtfdUdiYrqBdss1l58BQ3KhooKeQTa9AB0Hw_Py5PJdTJ\
         NPY8cQn7ouZ2KKDcmnPGBY5t7yLc1QlQ5xHdwW1VhvKn-nXqhJTBgIPgtldC-KDV5z-y2XDwGUc",
        "uQPEfgmVtjL0Uyyx88GZFF1fOunH3-7cepKmtH4pxhtCoHqpWmT8YAmZxaewHgHAjLYsp1ZSe7zFYHj7C6ul7TjeLQeZD_Yw\
         D66t62wDmpe_HlB-TnBA-njbglfIsRLtXlnDzQkv5dTltRJ11BKBBypeeF6689rjcJIDEz9RWdc",
        "BwKfV3Akq5_MFZDFZCnW-wzl-CCo83WoZvnLQwCTeDv8uzluRSnm71I3QCLdhrqE2e9YkxvuxdBfpT_PI7Yz-FOKnu1R6HsJ\
         eDCjn12Sk3vmAktV2zb34MCdy7cpdTh_YVr7tss2u6vneTwrA86rZtu5Mbr1C1XsmvkxHQAdYo0",
        "h_96-mK1R_7glhsum81dZxjTnYynPbZpHziZjeeHcXYsXaaMwkOlODsWa7I9xXDoRwbKgB719rrmI2oKr6N3Do9U0ajaHF-N\
         KJnwgjMd2w9cjz3_-kyNlxAr2v4IKhGNpmM5iIgOS1VZnOZ68m6_pbLBSp3nssTdlqvd0tIiTHU",
        "IYd7DHOhrWvxkwPQsRM2tOgrjbcrfvtQJipd-DlcxyVuuM9sQLdgjVk2oy26F0EmpScGLq2MowX7fhd_QJQ3ydy5cY7YIBi8\
         7w93IKLEdfnbJtoOPLUW0ITrJReOgo1cq9SbsxYawBgfp_gh6A5603k2-ZQwVK0JKSHuLFkuQ3U",
    ])
}

/// RFC 7520 §3.4.
pub fn rfc7520_3_4() -> RsaIntegers {
    RsaIntegers::from_jwk([
        "n4EPtAOCc9AlkeQHPzHStgAbgs7bTZLwUBZdR8_KuKPEHLd4rHVTeT-O-XV2jRojdNhxJWTDvNd7nqQ0VEiZQHz_AJmSCpMa\
         JMRBSFKrKb2wqVwGU_NsYOYL-QtiWN2lbzcEe6XC0dApr5ydQLrHqkHHig3RBordaZ6Aj-oBHqFEHYpPe7Tpe-OfVfHd1E6c\
         S6M1FZcD1NNLYD5lFHpPI9bTwJlsde3uhGqC0ZCuEHg8lhzwOHrtIQbS0FVbb9k3-tVTU4fg_3L_vniUFAKwuCLqKnS2BYwd\
         q_mzSnbLY7h_qixoR7jig3__kRhuaxwUkRz5iaiQkqgc5gHdrNP5zw",
        "AQAB",
        "bWUC9B-EFRIo8kpGfh0ZuyGPvMNKvYWNtB_ikiH9k20eT-O1q_I78eiZkpXxXQ0UTEs2LsNRS-8uJbvQ-A1irkwMSMkK1J3X\
         TGgdrhCku9gRldY7sNA_AKZGh-Q661_42rINLRCe8W-nZ34ui_qOfkLnK9QWDDqpaIsA-bMwWWSDFu2MUBYwkHTMEzLYGqOe\
         04noqeq1hExBTHBOBdkMXiuFhUq1BU6l-DqEiWxqg82sXt2h-LMnT3046AOYJoRioz75tSUQfGCshWTBnP5uDjd18kKhyv07\
         lhfSJdrPdM5Plyl21hsFf4L_mHCuoFau7gdsPfHPxxjVOcOpBrQzwQ",
        "3Slxg_DwTXJcb6095RoXygQCAZ5RnAvZlno1yhHtnUex_fp7AZ_9nRaO7HX_-SFfGQeutao2TDjDAWU4Vupk8rw9JR0AzZ0N\
         2fvuIAmr_WCsmGpeNqQnev1T7IyEsnh8UMt-n5CafhkikzhEsrmndH6LxOrvRJlsPp6Zv8bUq0k",
        "uKE2dh-cTf6ERF4k4e_jy78GfPYUIaUyoSSJuBzp3Cubk3OCqs6grT8bR_cu0Dm1MZwWmtdqDyI95HrUeq3MP15vMMON8lHT\
         eZu2lmKvwqW7anV5UzhM1iZ7z4yMkuUwFWoBvyY898EXvRD-hdqRxHlSqAZ192zB3pVFJ0s7pFc",
        "B8PVvXkvJrj2L-GYQ7v3y9r6Kw5g9SahXBwsWUzp19TVlgI-YV85q1NIb1rxQtD-IsXXR3-TanevuRPRt5OBOdiMGQp8pbt2\
         6gljYfKU_E9xn-RULHz0-ed9E9gXLKD4VGngpz-PfQ_q29pk5xWHoJp009Qf1HvChixRX59ehik",
        "CLDmDGduhylc9o7r84rEUVn7pzQ6PF83Y-iBZx5NT-TpnOZKF1pErAMVeKzFEl41DlHHqqBLSM0W1sOFbwTxYWZDm6sI6og5\
         iTbwQGIC3gnJKbi_7k_vJgGHwHxgPaX2PnvP-zyEkDERuf-ry4c_Z11Cq9AqC2yeL6kdKT1cYF8",
        "3PiqvXQN0zwMeE-sBvZgi289XP9XCQF3VWqPzMKnIgQp7_Tugo6-NZBKCQsMf3HaEGBjTVJs_jcK8-TRXvaKe-7ZMaQj8VfB\
         dYkssbu0NKDDhjJ-GtiseaDVWt7dcH0cfwxgFUHpQh7FoCrjFJ6h6ZEpMF6xmujs4qMpPz8aaI4",
    ])
}
