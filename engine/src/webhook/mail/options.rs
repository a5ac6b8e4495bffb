//! How does the operator let letters be sent?

use std::net::IpAddr;
use std::time::Duration;

use lettre::AsyncSmtpTransport;
use lettre::Tokio1Executor;
use lettre::message::Mailbox;
use url::Url;

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
    /// Letters, and the password, would go to another machine for everybody to read.
    #[error("must be smtps://, or smtp:// with ?tls=required: plain smtp:// is for a server on this machine")]
    Plain,
    /// The sender cannot be read.
    #[error("must be an address like Esteira <reports@example.com>")]
    From,
    /// The language is not known.
    #[error("must be pt-BR or en-US")]
    Locale,
}

impl MailOptions {
    /// Settings with a server by its URL: `smtps://`, `smtp://` with `?tls=required`, or plain `smtp://` on this machine.
    ///
    /// # Errors
    /// Which of the texts cannot be read.
    pub fn new(server: &str, from: &str, locale: &str, timeout: Duration) -> Result<Self, BadMail> {
        let url = Url::parse(server).map_err(|_| BadMail::Server)?;
        if !is_private(&url) {
            return Err(BadMail::Plain);
        }
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

/// Whether nobody else can read what is sent there. With `tls=opportunistic`, whoever stands between can.
fn is_private(url: &Url) -> bool {
    let is_here = match url.host_str() {
        Some(host) => {
            host == "localhost"
                || host.trim_matches(['[', ']']).parse().is_ok_and(|ip: IpAddr| ip.is_loopback())
        }
        None => false,
    };
    is_here
        || url.scheme() != "smtp"
        // The first is the one that lettre goes by.
        || url.query_pairs().find(|(name, _)| name == "tls").is_some_and(|(_, value)| value == "required")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_text_that_cannot_be_read_is_named() {
        let read = |server, from, locale| MailOptions::new(server, from, locale, Duration::from_secs(5));
        assert!(read("smtps://me:x@mail.example.com", "Esteira <a@example.com>", "pt-BR").is_ok());
        assert!(matches!(read("mail.example.com", "a@example.com", "pt-BR"), Err(BadMail::Server)));
        for (plain, fits) in [
            ("smtp://me:x@mail.example.com", false),
            ("smtp://mail.example.com?tls=opportunistic", false),
            ("smtp://mail.example.com?tls=required", true),
            ("smtp://mail.example.com?tls=required&tls=opportunistic", true),
            ("smtp://mail.example.com?tls=opportunistic&tls=required", false),
            ("smtp://127.0.0.1:2525", true),
            ("smtp://[::1]:25", true),
        ] {
            let refused = matches!(read(plain, "a@example.com", "pt-BR"), Err(BadMail::Plain));
            assert_eq!(refused, !fits, "{plain}");
        }
        assert!(matches!(read("smtp://localhost:25", "nobody", "pt-BR"), Err(BadMail::From)));
        assert!(matches!(read("smtp://localhost:25", "a@example.com", "tlh"), Err(BadMail::Locale)));
    }
}
