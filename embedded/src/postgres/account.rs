//! As whom does Postgres run? As ourselves; as somebody unprivileged when we are root.

use std::fs;
use std::os::unix::fs::MetadataExt;
use std::path::Path;

use tokio::process::Command;

use super::error::PostgresError;

/// A user and its primary group.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Account {
    /// The user's id.
    pub uid: u32,
    /// The group's id.
    pub gid: u32,
}

/// The account that Postgres is to run as, or `None` for our own.
///
/// Postgres refuses to run as root. A cluster that exists runs as its owner; a new one is made by
/// the user `postgres` of the distribution's package, else by `nobody` (`initdb` insists on a user
/// that `/etc/passwd` knows, so a bare number would not do).
pub fn choose(cluster: &Path) -> Result<Option<Account>, PostgresError> {
    let me = rustix::process::geteuid().as_raw();
    let owner = fs::metadata(cluster).ok().map(|meta| Account { uid: meta.uid(), gid: meta.gid() });
    match owner {
        Some(owner) if me != 0 && owner.uid != me => {
            Err(PostgresError::ForeignOwner { path: cluster.to_owned(), owner: owner.uid, me })
        }
        _ if me != 0 => Ok(None),
        Some(owner) if owner.uid != 0 => Ok(Some(owner)),
        _ => {
            let passwd =
                fs::read_to_string("/etc/passwd").map_err(PostgresError::io("read", "/etc/passwd"))?;
            let account = look_up(&passwd, "postgres").or_else(|| look_up(&passwd, "nobody"));
            account.map(Some).ok_or(PostgresError::NoAccount)
        }
    }
}

/// Makes `command` run as `account`, in a clean environment that says nothing about us.
pub fn prepare(command: &mut Command, account: Option<Account>) {
    command.env_clear().env("PATH", "/usr/local/bin:/usr/bin:/bin").env("LC_ALL", "C").env("TZ", "UTC");
    // A process group of its own: Ctrl-C at the terminal must reach us alone, who stop it in order.
    command.current_dir("/").process_group(0);
    if let Some(account) = account {
        command.uid(account.uid).gid(account.gid);
    }
}

fn look_up(passwd: &str, name: &str) -> Option<Account> {
    passwd.lines().find_map(|line| {
        let fields: Vec<&str> = line.split(':').collect();
        match fields.as_slice() {
            [user, _, uid, gid, ..] if *user == name => {
                Some(Account { uid: uid.parse().ok()?, gid: gid.parse().ok()? })
            }
            _ => None,
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const PASSWD: &str =
        "root:x:0:0:root:/root:/bin/bash\npostgresql:x:7:7::/:/bin/sh\npostgres:x:101:104::/:/bin/bash\n";

    #[test]
    fn a_user_is_found_by_the_whole_name() {
        assert_eq!(look_up(PASSWD, "postgres"), Some(Account { uid: 101, gid: 104 }));
        assert_eq!(look_up(PASSWD, "nobody"), None);
    }
}
