//! Character classes of RFC 9110 §5.6.2 and RFC 3986 §2, as tables.

/// `tchar`: what methods and field names are made of (RFC 9110 §5.6.2).
pub fn is_token(text: &[u8]) -> bool {
    !text.is_empty() && text.iter().all(|byte| TOKEN.holds(*byte))
}

pub fn is_token_byte(byte: u8) -> bool {
    TOKEN.holds(byte)
}

/// `pchar`, `/` and `?`, with every `%` followed by two hexadecimal digits (RFC 3986 §3.3, §3.4).
/// No `#`: a fragment is never sent, and some parsers cut there.
pub fn is_path_and_query(text: &[u8]) -> bool {
    text.iter().all(|byte| PATH.holds(*byte)) && escapes_are_whole(text)
}

/// `reg-name` (RFC 3986 §3.2.2), without the comma: no host has one, but two `Host` fields that
/// a proxy joined do.
pub fn is_registered_name(text: &[u8]) -> bool {
    text.iter().all(|byte| REGISTERED_NAME.holds(*byte)) && escapes_are_whole(text)
}

/// The first control character other than the tabulator. Whole blocks are folded without a
/// branch, so that the compiler can look at all of their bytes at once.
pub fn first_control(bytes: &[u8]) -> Option<usize> {
    let (blocks, _) = bytes.as_chunks::<BLOCK_BYTES>();
    let is_clean =
        |block: &&[u8; BLOCK_BYTES]| !block.iter().fold(false, |found, byte| found | is_control(*byte));
    let clean = blocks.iter().take_while(is_clean).count().saturating_mul(BLOCK_BYTES);
    let rest = bytes.get(clean..).unwrap_or_default();
    rest.iter().position(|byte| is_control(*byte)).map(|at| clean.saturating_add(at))
}

const BLOCK_BYTES: usize = 16;

const fn is_control(byte: u8) -> bool {
    (byte < b' ') & (byte != b'\t') | (byte == 0x7F)
}

fn escapes_are_whole(text: &[u8]) -> bool {
    let mut rest = text;
    while let Some(at) = rest.iter().position(|byte| *byte == b'%') {
        rest = rest.get(at + 1..).unwrap_or_default();
        let [high, low, tail @ ..] = rest else { return false };
        if !high.is_ascii_hexdigit() || !low.is_ascii_hexdigit() {
            return false;
        }
        rest = tail;
    }
    true
}

struct Class([bool; 256]);

impl Class {
    /// Letters, digits and `marks`.
    #[expect(clippy::indexing_slicing, reason = "runs in the compiler only: out of bounds does not build")]
    const fn alphanumeric_and(marks: &[u8]) -> Self {
        let mut table = [false; 256];
        let mut byte: u8 = 0;
        while byte < 0x80 {
            table[byte as usize] = byte.is_ascii_alphanumeric();
            byte += 1;
        }
        let mut at = 0;
        while at < marks.len() {
            table[marks[at] as usize] = true;
            at += 1;
        }
        Self(table)
    }

    fn holds(&self, byte: u8) -> bool {
        self.0.get(usize::from(byte)).copied().unwrap_or_default()
    }
}

static TOKEN: Class = Class::alphanumeric_and(b"!#$%&'*+-.^_`|~");
static PATH: Class = Class::alphanumeric_and(b"-._~!$&'()*+,;=:@%/?");
static REGISTERED_NAME: Class = Class::alphanumeric_and(b"-._~!$&'()*+;=%");
