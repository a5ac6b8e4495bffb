//! How does a worker work? Slots, leases, patience.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::time::Duration;

use crate::checkpoint::CheckpointOptions;
use crate::child::PoolConfig;
use crate::document::DocumentLimits;
use crate::document::sink::SinkOptions;
use crate::duty::RetentionOptions;
use crate::web::FetchOptions;
use crate::webhook::DeliveryOptions;

/// The settings of a worker process.
#[derive(Debug, Clone)]
pub struct WorkerOptions {
    /// Jobs at the same time, by kind; a kind that is not listed is not worked on.
    pub slots: BTreeMap<String, usize>,
    /// A worker that is not heard of for so long is given up.
    pub lease: Duration,
    /// How often it is heard of; well below `lease`.
    pub heartbeat: Duration,
    /// How often it looks for cancels while jobs run, where no hint arrives.
    pub cancel_poll: Duration,
    /// How often it looks for due jobs, and for jobs without a hint; give or take a fifth.
    pub poll: Duration,
    /// What running jobs get at shutdown before they are handed back.
    pub grace: Duration,
    /// What a child gets between TERM and KILL.
    pub kill_grace: Duration,
    /// Where attempts have their directories.
    pub work_dir: PathBuf,
    /// Threads of one child.
    pub parallelism: usize,
    /// The most bytes of all staged files of a job.
    pub staged_file_bytes: u64,
    /// The limits of a file of the web that an input names.
    pub web: FetchOptions,
    /// The most bytes of all artifacts of a job.
    pub artifact_bytes: u64,
    /// How much of a job's checkpoints is kept, and how soon.
    pub checkpoints: CheckpointOptions,
    /// How much of a document is kept to be searched.
    pub documents: DocumentLimits,
    /// The search server that is told of documents, if there is one and this process comes to do that.
    pub search: Option<SinkOptions>,
    /// How children are made.
    pub pool: PoolConfig,
    /// How long what is kept, if this process comes to look after that.
    pub retention: RetentionOptions,
    /// How webhooks are told, if this process comes to do that.
    pub webhooks: DeliveryOptions,
}

impl WorkerOptions {
    /// Defaults for these slots.
    #[must_use]
    pub fn new(slots: BTreeMap<String, usize>, work_dir: PathBuf) -> Self {
        Self {
            slots,
            lease: Duration::from_secs(10),
            heartbeat: Duration::from_secs(3),
            cancel_poll: Duration::from_secs(1),
            poll: Duration::from_secs(1),
            grace: Duration::from_secs(30),
            kill_grace: Duration::from_secs(1),
            work_dir,
            parallelism: 1,
            staged_file_bytes: 4 << 30,
            web: FetchOptions::default(),
            artifact_bytes: 16 << 30,
            checkpoints: CheckpointOptions::default(),
            documents: DocumentLimits::default(),
            search: None,
            pool: PoolConfig::default(),
            retention: RetentionOptions::default(),
            webhooks: DeliveryOptions::default(),
        }
    }
}
