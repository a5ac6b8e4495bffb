//! Which server is meant, and with which key? What an option says, else the environment, else the usual data folder.

use std::path::PathBuf;

use anyhow::{Context, Result, bail, ensure};
use clap::Args;

use super::Client;
use crate::data_dir::{Connection, USUAL};
use crate::environment::variable;

/// The options that every client command takes.
#[derive(Debug, Args)]
pub struct Target {
    /// The server's address [env: ESTEIRA_URL]
    #[arg(long, global = true, value_name = "URL")]
    url: Option<String>,
    /// The API key [env: ESTEIRA_API_KEY]
    #[arg(long, global = true, value_name = "KEY")]
    api_key: Option<String>,
    /// The API key for `tenant`, `key`, `queue` and `worker` commands [env: ESTEIRA_OPERATOR_KEY]
    #[arg(long, global = true, value_name = "KEY")]
    operator_key: Option<String>,
    /// The data folder of an `esteira up` on this machine, where address and keys are found
    /// [env: ESTEIRA_DATA_DIR] [default: .esteira]
    #[arg(long, global = true, value_name = "DIR")]
    data_dir: Option<PathBuf>,
    /// Print JSON, for scripts
    #[arg(long, global = true)]
    pub json: bool,
}

impl Target {
    /// A client with the key of a tenant.
    pub fn as_tenant(&self) -> Result<Client> {
        let role = Role { option: "--api-key", variable: "ESTEIRA_API_KEY", in_file: |found| &found.api_key };
        self.client(self.api_key.as_deref(), &role)
    }

    /// A client with the key of an operator.
    pub fn as_operator(&self) -> Result<Client> {
        let role = Role {
            option: "--operator-key",
            variable: "ESTEIRA_OPERATOR_KEY",
            in_file: |found| &found.operator_key,
        };
        self.client(self.operator_key.as_deref(), &role)
    }

    /// A client that shows no key, for what everybody may ask.
    pub fn as_nobody(&self) -> Result<Client> {
        let role = Role { option: "--api-key", variable: "ESTEIRA_API_KEY", in_file: |found| &found.api_key };
        match self.server(None, &role, variable) {
            Server::At { url, .. } => Ok(Client::new(&url, "")),
            Server::In { .. } => Ok(self.client(None, &role)?.without_key()),
        }
    }

    fn client(&self, key: Option<&str>, role: &Role) -> Result<Client> {
        ensure!(
            self.url.is_none() || self.data_dir.is_none(),
            "--url and --data-dir each name a server: give one of them"
        );
        match self.server(key, role, variable) {
            Server::At { url, key: Some(key) } => Ok(Client::new(&url, &key)),
            // An address without a key is somewhere else: a key found on this machine would not fit there.
            Server::At { url, key: None } => bail!(
                "the server's address is given ({url}) without a key: add {} or {}",
                role.option,
                role.variable
            ),
            Server::In { dir, key } => {
                let found = Connection::read(&dir)?.with_context(|| {
                    format!(
                        "no server is ready in {}: start one with `esteira up`, or name one with \
                         --data-dir, or with ESTEIRA_URL and a key",
                        dir.display()
                    )
                })?;
                Ok(Client::new(&found.url, key.as_ref().unwrap_or_else(|| (role.in_file)(&found))))
            }
        }
    }

    /// Each word of an option goes before every word of the environment: with `--data-dir` the address and the key of
    /// another server, which a shell may have, mean nothing.
    fn server(&self, key: Option<&str>, role: &Role, variable: impl Fn(&str) -> Option<String>) -> Server {
        let key = key.filter(|key| !key.is_empty()).map(str::to_owned);
        if let Some(dir) = &self.data_dir {
            return Server::In { dir: dir.clone(), key };
        }
        if let Some(url) = self.url.clone().or_else(|| variable("ESTEIRA_URL")) {
            return Server::At { url, key: key.or_else(|| variable(role.variable)) };
        }
        let dir = variable("ESTEIRA_DATA_DIR").map_or_else(|| PathBuf::from(USUAL), PathBuf::from);
        Server::In { dir, key: key.or_else(|| variable(role.variable)) }
    }
}

/// Whose key is shown, and where it is found.
struct Role {
    option: &'static str,
    variable: &'static str,
    in_file: fn(&Connection) -> &String,
}

/// Where a server is to be found.
#[derive(Debug, PartialEq, Eq)]
enum Server {
    /// At an address, with a key if one was given.
    At { url: String, key: Option<String> },
    /// By what a data folder says; another key than the one there goes before it.
    In { dir: PathBuf, key: Option<String> },
}

#[cfg(test)]
mod tests {
    use super::*;

    const ROLE: Role =
        Role { option: "--api-key", variable: "ESTEIRA_API_KEY", in_file: |found| &found.api_key };

    fn target(url: Option<&str>, data_dir: Option<&str>) -> Target {
        Target {
            url: url.map(str::to_owned),
            api_key: None,
            operator_key: None,
            data_dir: data_dir.map(PathBuf::from),
            json: false,
        }
    }

    fn shell(name: &str) -> Option<String> {
        let variables =
            [("ESTEIRA_URL", "http://far"), ("ESTEIRA_API_KEY", "est_far"), ("ESTEIRA_DATA_DIR", "/far")];
        variables.iter().find(|(known, _)| *known == name).map(|(_, value)| (*value).to_owned())
    }

    #[test]
    fn an_option_goes_before_the_environment() {
        let near = Server::In { dir: "/near".into(), key: None };
        assert_eq!(target(None, Some("/near")).server(None, &ROLE, shell), near);
        let at = Server::At { url: "http://near".into(), key: Some("est_near".into()) };
        assert_eq!(target(Some("http://near"), None).server(Some("est_near"), &ROLE, shell), at);
    }

    #[test]
    fn the_environment_goes_before_the_usual_folder() {
        let far = Server::At { url: "http://far".into(), key: Some("est_far".into()) };
        assert_eq!(target(None, None).server(None, &ROLE, shell), far);
        let usual = Server::In { dir: USUAL.into(), key: None };
        assert_eq!(target(None, None).server(None, &ROLE, |_| None), usual);
    }
}
