//! Into which sizes are durations and memory sorted?

/// What is asked and answered: a settle of 5 ms stands apart from one of 10, and from a request that hangs.
pub(crate) const ANSWER_SECONDS: [f64; 15] =
    [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 60.0];

/// What jobs wait and run: from the cheapest to a render of two hours, and beyond.
pub(crate) const WORK_SECONDS: [f64; 18] = [
    0.005, 0.025, 0.1, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 60.0, 120.0, 300.0, 600.0, 1200.0, 1800.0, 3600.0,
    7200.0, 14400.0,
];

/// The most memory of a child: 16 MiB to 16 GiB, each twice the one before.
pub(crate) const MEMORY_BYTES: [f64; 11] = [
    16_777_216.0,
    33_554_432.0,
    67_108_864.0,
    134_217_728.0,
    268_435_456.0,
    536_870_912.0,
    1_073_741_824.0,
    2_147_483_648.0,
    4_294_967_296.0,
    8_589_934_592.0,
    17_179_869_184.0,
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_settle_of_five_milliseconds_and_a_render_of_two_hours_have_buckets_of_their_own() {
        assert!(ANSWER_SECONDS.contains(&0.005) && ANSWER_SECONDS.is_sorted());
        assert!(WORK_SECONDS.contains(&7200.0) && WORK_SECONDS.is_sorted());
        assert!(WORK_SECONDS.iter().any(|bound| *bound > 7200.0));
    }
}
