//! How is the embedded Postgres set? Small and idle, but as durable as any.

/// Whether the data must outlive a power cut.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Durability {
    /// Every commit is on the disk before it is answered.
    #[default]
    Full,
    /// For tests: nothing is synced, nothing survives.
    Throwaway,
}

/// Settings that differ from Postgres' defaults, as `name=value`.
///
/// They stand on the command line rather than in a file, so that a newer Esteira brings newer ones.
pub fn settings(port: u16, durability: Durability) -> Vec<String> {
    let mut settings = vec![
        format!("port={port}"),
        // TCP on loopback alone: a socket file would need a folder that both users can enter.
        "listen_addresses=127.0.0.1".to_owned(),
        "unix_socket_directories=".to_owned(),
        "cluster_name=esteira".to_owned(),
        "max_connections=100".to_owned(),
        "shared_buffers=64MB".to_owned(),
        // Short queries by the thousand: compiling or parallelising one costs more than it saves.
        "jit=off".to_owned(),
        "max_parallel_workers_per_gather=0".to_owned(),
        // No replica and no base backup reads this log, so it may be small.
        "wal_level=minimal".to_owned(),
        "max_wal_senders=0".to_owned(),
        "max_wal_size=512MB".to_owned(),
        "log_timezone=UTC".to_owned(),
        "timezone=UTC".to_owned(),
        "log_line_prefix=%m [%p] %q%u@%d ".to_owned(),
        // Checkpoints are no news; statements that fail are told by whoever sent them.
        "log_checkpoints=off".to_owned(),
        "log_min_error_statement=panic".to_owned(),
        // The detail of a failed insert quotes the row, which is a tenant's.
        "log_error_verbosity=terse".to_owned(),
    ];
    if durability == Durability::Throwaway {
        let unsafe_ones =
            ["fsync=off", "synchronous_commit=off", "full_page_writes=off", "max_connections=300"];
        settings.extend(unsafe_ones.map(str::to_owned));
    }
    settings
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_throwaway_server_gives_up_durability() {
        assert!(
            !settings(1, Durability::Full).iter().any(|s| s.contains("fsync") || s.contains("synchronous"))
        );
        assert!(settings(1, Durability::Throwaway).contains(&"fsync=off".to_owned()));
    }
}
