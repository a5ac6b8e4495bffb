//! Why is there no report?

use esteira_engine::job::KindError;

/// A refusal, in words fit for the tenant.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum ReportError {
    /// The tenant's template has a mistake; the message tells its line.
    #[error("/input/report: {0}")]
    Template(String),
    /// The logo is no picture that can be shown.
    #[error("/input/branding/logo: {0}")]
    Logo(String),
    /// The dataset lacks what the report is about.
    #[error("the data of the report lack {0}")]
    Dataset(&'static str),
    /// A price of the operator's makes an amount that nobody can have meant.
    #[error("prices: an amount at {0} each is beyond 90 trillion: tell the operator")]
    Price(f64),
    /// A format could not be written: a fault of this program.
    #[error("{format} was not written: {cause}")]
    Write {
        /// Which.
        format: &'static str,
        /// What its writer says.
        cause: String,
    },
}

impl From<ReportError> for KindError {
    fn from(error: ReportError) -> Self {
        let code = match error {
            ReportError::Template(_) => "template_failed",
            ReportError::Logo(_) => "logo_unreadable",
            ReportError::Dataset(_) => "dataset_unreadable",
            ReportError::Price(_) => "bad_settings",
            ReportError::Write { .. } => "report_not_written",
        };
        Self::fail(code, error.to_string())
    }
}
