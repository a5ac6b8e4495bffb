//! What does a letter say, in Portuguese and in English?

use chrono::{DateTime, Utc};

/// A language of letters.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Tongue {
    /// As in Brazil.
    Portuguese,
    /// As in the United States.
    English,
}

impl Tongue {
    /// The one of a tag.
    #[must_use]
    pub fn of(tag: &str) -> Option<Self> {
        match tag {
            "pt-BR" => Some(Self::Portuguese),
            "en-US" => Some(Self::English),
            _ => None,
        }
    }

    fn say(self, portuguese: &'static str, english: &'static str) -> &'static str {
        match self {
            Self::Portuguese => portuguese,
            Self::English => english,
        }
    }

    /// What became of something.
    pub fn event(self, event: &str) -> &'static str {
        match event {
            "job.succeeded" => self.say("concluído", "succeeded"),
            "job.failed" => self.say("falhou", "failed"),
            "job.cancelled" => self.say("cancelado", "cancelled"),
            "batch.finished" => self.say("lote terminado", "batch finished"),
            _ => self.say("teste", "test"),
        }
    }

    /// The sentence of a letter that has nothing else to tell.
    pub fn nothing(self, event: &str) -> &'static str {
        match event {
            "webhook.test" => self.say(
                "Esta é uma mensagem de teste: as mensagens chegam a este endereço.",
                "This is a test: messages arrive at this address.",
            ),
            _ => "",
        }
    }

    /// That a file is attached.
    pub fn attached(self) -> &'static str {
        self.say("em anexo", "attached")
    }

    /// That a file is too large to be attached and has no link.
    pub fn elsewhere(self) -> &'static str {
        self.say("disponível pela API", "to be had by the API")
    }

    /// Until when links are good.
    pub fn until(self, at: DateTime<Utc>) -> String {
        match self {
            Self::Portuguese => format!("Os links valem até {} (UTC).", at.format("%d/%m/%Y %H:%M")),
            Self::English => format!("The links are good until {} (UTC).", at.format("%Y-%m-%d %H:%M")),
        }
    }

    /// Which job it is about.
    pub fn job(self, id: &str) -> String {
        format!("{} {id}", self.say("Trabalho", "Job"))
    }

    /// A size for people.
    pub fn size(self, bytes: u64) -> String {
        const UNITS: [&str; 4] = ["B", "KiB", "MiB", "GiB"];
        let mut size = bytes as f64;
        let mut units = UNITS.iter().peekable();
        let mut unit = "B";
        while let Some(next) = units.next() {
            unit = next;
            if size < 1024.0 || units.peek().is_none() {
                break;
            }
            size /= 1024.0;
        }
        let text = if unit == "B" { format!("{bytes} B") } else { format!("{size:.1} {unit}") };
        match self {
            Self::Portuguese => text.replace('.', ","),
            Self::English => text,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_are_written_as_people_of_the_language_do() {
        assert_eq!(Tongue::Portuguese.size(1_536), "1,5 KiB");
        assert_eq!(Tongue::English.size(5 << 20), "5.0 MiB");
        assert_eq!(Tongue::English.size(17), "17 B");
        assert_eq!(Tongue::English.size(u64::MAX), "17179869184.0 GiB");
    }
}
