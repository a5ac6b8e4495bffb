//! What was wrong with a call? One of a few words, for whoever counts.

use sqlx::Error;

use crate::metrics::Fault;

/// The word for an error.
pub(super) fn fault(error: &Error) -> Fault {
    match error {
        Error::PoolTimedOut => Fault::PoolExhausted,
        Error::Io(_) | Error::Tls(_) | Error::Protocol(_) | Error::PoolClosed | Error::WorkerCrashed => {
            Fault::Away
        }
        Error::Database(error) => error.code().map_or(Fault::Other, |code| of_code(&code)),
        _ => Fault::Other,
    }
}

/// As [`super::DatabaseError`] has the codes, but for class 40, which has a word of its own here.
fn of_code(code: &str) -> Fault {
    match code {
        "55P03" => Fault::Contention,
        "25006" => Fault::Away,
        code if code.starts_with("40") => Fault::Contention,
        code if ["08", "53", "57P"].iter().any(|class| code.starts_with(class)) => Fault::Away,
        _ => Fault::Refused,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pool_without_a_free_connection_is_told_from_a_server_that_is_gone_or_refuses() {
        assert_eq!(fault(&Error::PoolTimedOut), Fault::PoolExhausted);
        assert_eq!(fault(&Error::WorkerCrashed), Fault::Away);
        assert_eq!(
            ["40P01", "55P03", "57P01", "53300", "23505"].map(of_code),
            [Fault::Contention, Fault::Contention, Fault::Away, Fault::Away, Fault::Refused]
        );
    }
}
