//! Which files may the child open? Its work directory, and the libraries, fonts and models it reads.

use std::path::{Path, PathBuf};

use landlock::{
    ABI, Access, AccessFs, AccessNet, BitFlags, Ruleset, RulesetAttr, RulesetCreatedAttr, RulesetError,
    RulesetStatus, Scope, path_beneath_rules,
};

use super::SandboxError;

/// The newest version that this code was tried with; older kernels leave out what they do not know.
const TESTED: ABI = ABI::V7;

/// What native libraries read on Debian and its kin. A missing one is skipped.
const SYSTEM: [&str; 22] = [
    "/usr/lib",
    "/usr/lib64",
    "/usr/local/lib",
    "/lib",
    "/lib64",
    "/etc/ld.so.cache",
    "/etc/fonts",
    "/usr/share/fonts",
    "/usr/local/share/fonts",
    "/usr/share/fontconfig",
    "/var/cache/fontconfig",
    "/usr/share/zoneinfo",
    "/etc/localtime",
    "/usr/share/espeak-ng-data",
    "/usr/share/tesseract-ocr",
    "/usr/share/poppler",
    "/dev/zero",
    "/dev/random",
    "/dev/urandom",
    "/proc/cpuinfo",
    "/proc/meminfo",
    "/sys/devices/system/cpu",
];

/// Denies every file that is not listed, executing any file, TCP, abstract sockets and foreign signals.
pub(super) fn restrict<'a>(read_only: impl Iterator<Item = &'a PathBuf>) -> Result<(), SandboxError> {
    const WHAT: &str = "Landlock";
    let status = build(read_only).map_err(|error| SandboxError::new(WHAT, error))?;
    match status {
        RulesetStatus::NotEnforced => Err(SandboxError::new(WHAT, "this kernel does not have it")),
        RulesetStatus::FullyEnforced | RulesetStatus::PartiallyEnforced => Ok(()),
    }
}

fn build<'a>(read_only: impl Iterator<Item = &'a PathBuf>) -> Result<RulesetStatus, RulesetError> {
    let read: BitFlags<AccessFs> = AccessFs::ReadFile | AccessFs::ReadDir;
    // Neither links nor devices, pipes and sockets: the worker will open what lies here.
    let work = read
        | AccessFs::WriteFile
        | AccessFs::Truncate
        | AccessFs::MakeReg
        | AccessFs::MakeDir
        | AccessFs::RemoveFile
        | AccessFs::RemoveDir
        | AccessFs::Refer;
    let listed = SYSTEM.iter().map(Path::new).chain(read_only.map(PathBuf::as_path));
    let ruleset = Ruleset::default()
        .handle_access(AccessFs::from_all(TESTED))?
        .handle_access(AccessNet::from_all(TESTED))?
        .scope(Scope::from_all(TESTED))?
        .create()?
        .add_rules(path_beneath_rules(listed, read))?
        .add_rules(path_beneath_rules(["/dev/null"], read | AccessFs::WriteFile))?
        .add_rules(path_beneath_rules(["."], work))?;
    Ok(ruleset.restrict_self()?.ruleset)
}
