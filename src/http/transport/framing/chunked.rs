//! The chunked coding (RFC 9112 §7.1), byte by byte. Readers have disagreed about line ends in
//! chunk extensions and about sizes with signs, spaces or too many digits; all of these are
//! refused. Extensions and trailer fields are checked and mean nothing.

use super::Verdict;
use super::characters::is_token_byte;
use super::head::BODY_TOO_LARGE;
use crate::http::transport::limits::Limits;
use crate::http::transport::rejection::Rejection;

#[derive(Debug, Default)]
pub struct Chunked {
    state: State,
    /// Of the current chunk: its size, then what is left of it.
    size: u64,
    digits: u8,
    body_bytes: u64,
    extension_bytes: usize,
    trailer_bytes: usize,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum State {
    #[default]
    Size,
    Extension,
    SizeLf,
    Data,
    DataCr,
    DataLf,
    TrailerStart,
    TrailerName,
    TrailerValue,
    TrailerLf,
    EndLf,
    End,
}

/// 16 digits hold every `u64`; more are padding that other readers count differently.
const SIZE_DIGITS_MAX: u8 = 16;

impl Chunked {
    /// How many bytes belong to the body, and whether they end it.
    pub fn advance(&mut self, bytes: &[u8], limits: &Limits) -> Verdict<(usize, bool)> {
        let mut rest = bytes;
        while self.state != State::End {
            if self.state == State::Data {
                let taken = usize::try_from(self.size).unwrap_or(usize::MAX).min(rest.len());
                self.size = self.size.saturating_sub(taken as u64);
                rest = rest.get(taken..).unwrap_or_default();
                if self.size == 0 {
                    self.state = State::DataCr;
                }
            }
            let [byte, tail @ ..] = rest else { break };
            self.state = self.step(*byte, limits)?;
            rest = tail;
        }
        Ok((bytes.len().saturating_sub(rest.len()), self.state == State::End))
    }

    fn step(&mut self, byte: u8, limits: &Limits) -> Verdict<State> {
        Ok(match (self.state, byte) {
            (State::Size, b'\r' | b';') if self.digits == 0 => return Err(&CHUNK_SIZE),
            (State::Size | State::Extension, b'\r') => State::SizeLf,
            (State::Size, b';') => State::Extension,
            (State::Size, digit) => self.size_digit(digit)?,
            (State::Extension, byte) => self.extension_byte(byte, limits)?,
            (State::SizeLf, b'\n') => self.begin_chunk(limits)?,
            (State::DataCr, b'\r') => State::DataLf,
            (State::DataLf, b'\n') => State::Size,
            (State::EndLf, b'\n') => State::End,
            (State::TrailerStart, b'\r') => State::EndLf,
            (State::TrailerLf, b'\n') => State::TrailerStart,
            (State::TrailerStart | State::TrailerName | State::TrailerValue, byte) => {
                self.trailer_byte(byte, limits)?
            }
            _ => return Err(&CHUNK_LINE),
        })
    }

    fn size_digit(&mut self, byte: u8) -> Verdict<State> {
        let digit = char::from(byte).to_digit(16).ok_or(&CHUNK_SIZE)?;
        self.digits = self.digits.saturating_add(1);
        if self.digits > SIZE_DIGITS_MAX {
            return Err(&CHUNK_SIZE);
        }
        self.size = self.size << 4 | u64::from(digit);
        Ok(State::Size)
    }

    fn extension_byte(&mut self, byte: u8, limits: &Limits) -> Verdict<State> {
        self.extension_bytes = self.extension_bytes.saturating_add(1);
        if self.extension_bytes > limits.chunk_extension_bytes_max {
            return Err(&EXTENSIONS_TOO_LARGE);
        }
        if matches!(byte, b'\t' | b' '..=b'~') { Ok(State::Extension) } else { Err(&CHUNK_LINE) }
    }

    fn begin_chunk(&mut self, limits: &Limits) -> Verdict<State> {
        self.digits = 0;
        self.body_bytes = self.body_bytes.saturating_add(self.size);
        if self.body_bytes > limits.body_bytes_max {
            return Err(&BODY_TOO_LARGE);
        }
        Ok(if self.size == 0 { State::TrailerStart } else { State::Data })
    }

    /// RFC 9112 §7.1.2: the same field lines as in a head.
    fn trailer_byte(&mut self, byte: u8, limits: &Limits) -> Verdict<State> {
        self.trailer_bytes = self.trailer_bytes.saturating_add(1);
        if self.trailer_bytes > limits.trailer_bytes_max {
            return Err(&TRAILER_TOO_LARGE);
        }
        match (self.state, byte) {
            (State::TrailerName, b':') => Ok(State::TrailerValue),
            (State::TrailerStart | State::TrailerName, byte) if is_token_byte(byte) => Ok(State::TrailerName),
            (State::TrailerValue, b'\r') => Ok(State::TrailerLf),
            (State::TrailerValue, b'\t' | b' '..=b'~' | 0x80..) => Ok(State::TrailerValue),
            _ => Err(&TRAILER),
        }
    }
}

static CHUNK_SIZE: Rejection =
    Rejection::bad_request("chunk_size", "a chunk size is not 1 to 16 hexadecimal digits");
static CHUNK_LINE: Rejection =
    Rejection::bad_request("chunk_line", "a line of the chunked coding does not end as it must");
static EXTENSIONS_TOO_LARGE: Rejection =
    Rejection::bad_request("chunk_extensions", "the chunk extensions are larger than the limit");
static TRAILER: Rejection = Rejection::bad_request("trailer", "a trailer field is malformed");
static TRAILER_TOO_LARGE: Rejection = Rejection::new(
    431,
    "Request Header Fields Too Large",
    "trailer_too_large",
    "the trailer section is larger than the limit",
);
