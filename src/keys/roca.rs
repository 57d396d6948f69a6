//! RSA keys of a smart card library of 2012 to 2017 can be factored (ROCA, CVE-2017-15361, "The Return of
//! Coppersmith's Attack"). Their primes are powers of 65537 modulo a product of small primes, and so is the
//! modulus, which no other key is but by a chance of 1 in 2^27.

/// The primes modulo which the powers of 65537 are half of all values at most; other small ones tell
/// nothing. The rarest first, because most keys are done with after one.
const PRIMES: [u32; 17] = [97, 37, 79, 11, 61, 73, 127, 151, 13, 17, 19, 53, 71, 103, 107, 109, 157];

/// Is the modulus, big-endian, one of that library?
pub fn is_factorable(modulus: &[u8]) -> bool {
    PRIMES.iter().all(|prime| is_power_of_65537(remainder(modulus, *prime), *prime))
}

/// All numbers stay below 2^16.
fn remainder(modulus: &[u8], prime: u32) -> u32 {
    modulus.iter().fold(0, |rest: u32, byte| (rest * 256 + u32::from(*byte)) % prime)
}

fn is_power_of_65537(value: u32, prime: u32) -> bool {
    let mut power = 1;
    for _ in 0..prime {
        if power == value {
            return true;
        }
        power = power * (65_537 % prime) % prime;
    }
    false
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A key of the library stands in tests/fixtures/wycheproof/json_web_key_test.json.
    #[test]
    fn b25_powers_of_65537_are_factorable_and_their_neighbours_are_not() {
        for (power, neighbour) in
            [(&[1][..], &[2][..]), (&[1, 0, 1], &[1, 0, 3]), (&[1, 0, 2, 0, 1], &[1, 0, 2, 0, 3])]
        {
            assert!(is_factorable(power), "{power:?}");
            assert!(!is_factorable(neighbour), "{neighbour:?}");
        }
    }
}
