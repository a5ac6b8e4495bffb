//! Where is the search server, and how is it spoken to?

use std::time::Duration;

use url::Url;

/// The operator's settings of the search server.
#[derive(Clone)]
pub struct SinkOptions {
    /// Where it is.
    pub url: Url,
    /// User and password, if it wants any.
    pub login: Option<(String, String)>,
    /// What the names of our indices and aliases begin with.
    pub prefix: String,
    /// How long one call may take.
    pub timeout: Duration,
    /// Bytes of passages that are sent at once, about.
    pub bulk_bytes: usize,
    /// How often somebody looks for what is to be told.
    pub poll: Duration,
    /// The longest pause while the server is away or refuses.
    pub longest_pause: Duration,
}

impl SinkOptions {
    /// Defaults for a server at `url`.
    #[must_use]
    pub fn new(url: Url) -> Self {
        Self {
            url,
            login: None,
            prefix: "esteira-".to_owned(),
            timeout: Duration::from_secs(30),
            bulk_bytes: 4 << 20,
            poll: Duration::from_secs(1),
            longest_pause: Duration::from_secs(300),
        }
    }
}

impl std::fmt::Debug for SinkOptions {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        // The password is nobody's to read, in the URL or beside it.
        f.debug_struct("SinkOptions").field("host", &self.url.host_str()).finish_non_exhaustive()
    }
}
