//! Which files make the page? All of them are in the binary, and browsers run them as they stand here.

/// The page itself.
pub(super) const INDEX: &str = include_str!("page/index.html");

/// A part of the page.
pub(super) struct File {
    /// Where it is served.
    pub path: &'static str,
    /// As what.
    pub media_type: &'static str,
    /// What is in it.
    pub text: &'static str,
}

macro_rules! files {
    ($($name:literal $media_type:literal)*) => {
        /// The parts that the page asks for.
        pub(super) const FILES: &[File] = &[$(File {
            path: concat!("/console/", $name),
            media_type: $media_type,
            text: include_str!(concat!("page/", $name)),
        },)*];
    };
}

files! {
    "api.js" "text/javascript; charset=utf-8"
    "artifacts.js" "text/javascript; charset=utf-8"
    "ask.js" "text/javascript; charset=utf-8"
    "document.js" "text/javascript; charset=utf-8"
    "dom.js" "text/javascript; charset=utf-8"
    "icon.svg" "image/svg+xml"
    "job.js" "text/javascript; charset=utf-8"
    "jobs.js" "text/javascript; charset=utf-8"
    "live.js" "text/javascript; charset=utf-8"
    "main.js" "text/javascript; charset=utf-8"
    "oidc.js" "text/javascript; charset=utf-8"
    "overview.js" "text/javascript; charset=utf-8"
    "schedules.js" "text/javascript; charset=utf-8"
    "session.js" "text/javascript; charset=utf-8"
    "sign_in.js" "text/javascript; charset=utf-8"
    "style.css" "text/css; charset=utf-8"
    "submit.js" "text/javascript; charset=utf-8"
    "tenants.js" "text/javascript; charset=utf-8"
    "timeline.js" "text/javascript; charset=utf-8"
    "transcript.js" "text/javascript; charset=utf-8"
    "usage.js" "text/javascript; charset=utf-8"
    "words-en.js" "text/javascript; charset=utf-8"
    "words-pt.js" "text/javascript; charset=utf-8"
    "words.js" "text/javascript; charset=utf-8"
    "workers.js" "text/javascript; charset=utf-8"
}
