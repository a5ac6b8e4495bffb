//! How does the operator let letters be sent?

use std::time::Duration;

use lettre::AsyncSmtpTransport;
use lettre::Tokio1Executor;
use lettre::message::Mailbox;

use super::words::Tongue;

/// The operator's settings of letters.
#[derive(Debug, Clone)]
pub struct MailOptions {
    /// The SMTP server, with its name and password.
    pub server: AsyncSmtpTransport<Tokio1Executor>,
    /// Who sends.
    pub from: Mailbox,
    /// The language of a letter about a job whose output names none.
    pub tongue: Tongue,
    /// Files of a job that are attached, in bytes together; what does not fit has a link.
    pub attach_bytes: u64,
    /// For how long a link is good.
    pub link_for: Duration,
}

/// Why letters cannot be sent with these settings.
#[derive(Debug, thiserror::Error)]
pub enum BadMail {
    /// The server's URL cannot be read.
    #[error("must be a URL like smtps://name:password@mail.example.com or smtp://localhost:25")]
    Server,
    /// The sender cannot be read.
    #[error("must be an address like Esteira <reports@example.com>")]
    From,
    /// The language is not known.
    #[error("must be pt-BR or en-US")]
    Locale,
}

impl MailOptions {
    /// Settings with a server by its URL, and `smtp://` without encryption only where it says `?tls=none` or is this machine.
    ///
    /// # Errors
    /// Which of the texts cannot be read.
    pub fn new(server: &str, from: &str, locale: &str, timeout: Duration) -> Result<Self, BadMail> {
        let server = AsyncSmtpTransport::<Tokio1Executor>::from_url(server).map_err(|_| BadMail::Server)?;
        Ok(Self {
            server: server.timeout(Some(timeout)).build(),
            from: from.parse().map_err(|_| BadMail::From)?,
            tongue: Tongue::of(locale).ok_or(BadMail::Locale)?,
            attach_bytes: 5 << 20,
            link_for: Duration::from_secs(72 * 3600),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_text_that_cannot_be_read_is_named() {
        let read = |server, from, locale| MailOptions::new(server, from, locale, Duration::from_secs(5));
        assert!(read("smtps://me:x@mail.example.com", "Esteira <a@example.com>", "pt-BR").is_ok());
        assert!(matches!(read("mail.example.com", "a@example.com", "pt-BR"), Err(BadMail::Server)));
        assert!(matches!(read("smtp://localhost:25", "nobody", "pt-BR"), Err(BadMail::From)));
        assert!(matches!(read("smtp://localhost:25", "a@example.com", "tlh"), Err(BadMail::Locale)));
    }
}
