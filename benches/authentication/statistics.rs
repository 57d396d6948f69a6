//! What two sets of times have in common.

/// Percentiles above which times are left out, one test each: interruptions are large and rare, and
/// hide small differences (as dudect does it, <https://eprint.iacr.org/2016/1123>).
const CROPS: [f64; 6] = [1.0, 0.999, 0.99, 0.95, 0.9, 0.75];

/// The largest |t| of Welch's test over all crops.
pub fn t_value(one: &[u32], other: &[u32]) -> f64 {
    let mut all: Vec<u32> = one.iter().chain(other).copied().collect();
    all.sort_unstable();
    let crop = |part: f64| all[((all.len() - 1) as f64 * part) as usize];
    CROPS.iter().map(|part| welch(one, other, crop(*part)).abs()).fold(0.0, f64::max)
}

fn welch(one: &[u32], other: &[u32], at_most: u32) -> f64 {
    let of = |times: &[u32]| {
        let kept: Vec<f64> =
            times.iter().filter(|time| **time <= at_most).map(|time| f64::from(*time)).collect();
        let count = kept.len() as f64;
        let mean = kept.iter().sum::<f64>() / count;
        let variance = kept.iter().map(|time| (time - mean).powi(2)).sum::<f64>() / (count - 1.0);
        (mean, variance / count)
    };
    let ((mean, error), (other_mean, other_error)) = (of(one), of(other));
    (mean - other_mean) / (error + other_error).sqrt()
}

/// The median, and the standard error of it: from the 95 % interval of order statistics.
pub fn median(times: &mut [u32]) -> (f64, f64) {
    times.sort_unstable();
    let middle = times.len() as f64 / 2.0;
    let reach = 1.96 * (times.len() as f64).sqrt() / 2.0;
    let at = |index: f64| f64::from(times[(index as usize).min(times.len() - 1)]);
    (at(middle), (at(middle + reach) - at(middle - reach)) / (2.0 * 1.96))
}

/// The 95 % interval of the difference of two medians.
pub fn median_difference(one: &mut [u32], other: &mut [u32]) -> (f64, f64) {
    let ((one, error), (other, other_error)) = (median(one), median(other));
    let reach = 1.96 * error.hypot(other_error);
    (one - other - reach, one - other + reach)
}
