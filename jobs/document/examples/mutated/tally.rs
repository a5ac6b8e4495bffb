//! What came of the documents of a format?

use std::collections::BTreeMap;

use serde_json::{Value, json};

/// A document that did harm.
#[derive(Debug, Clone)]
pub struct Harm {
    /// Its number.
    pub index: u64,
    /// What it did, in a few words.
    pub what: String,
}

/// What came of the documents of a format.
#[derive(Debug, Default)]
pub struct Tally {
    pub files: u64,
    /// How many ended in each way.
    pub ends: BTreeMap<String, u64>,
    /// CPU time of the slowest, and which it was.
    pub longest: (u64, u64),
    /// Memory of the largest, in KiB, and which it was.
    pub highest: (u64, u64),
    pub harm: Vec<Harm>,
}

/// KiB that a document may take.
const MOST_KIB: u64 = 1 << 20;

impl Tally {
    /// Takes what a process told of a document that ended.
    pub fn end(&mut self, index: u64, sort: &str, milliseconds: u64, kib: u64) {
        self.files += 1;
        *self.ends.entry(sort.to_owned()).or_default() += 1;
        self.longest = self.longest.max((milliseconds, index));
        self.highest = self.highest.max((kib, index));
        if kib > MOST_KIB {
            self.harm(index, "memory", format!("{} MiB", kib >> 10));
        }
        if sort == "retried" {
            self.harm(index, "retried", "told that it could end otherwise another time".to_owned());
        }
    }

    /// Takes a document with which the process ended.
    pub fn died(&mut self, index: u64, sort: &str, words: String) {
        self.files += 1;
        *self.ends.entry(sort.to_owned()).or_default() += 1;
        self.harm(index, sort, words);
    }

    /// Takes what came of other documents of the format.
    pub fn add(&mut self, other: Self) {
        self.files += other.files;
        for (sort, count) in other.ends {
            *self.ends.entry(sort).or_default() += count;
        }
        self.longest = self.longest.max(other.longest);
        self.highest = self.highest.max(other.highest);
        self.harm.extend(other.harm);
    }

    fn harm(&mut self, index: u64, sort: &str, words: String) {
        self.harm.push(Harm { index, what: format!("{sort}: {words}") });
    }

    fn of(&self, sort: &str) -> u64 {
        self.ends.get(sort).copied().unwrap_or(0)
    }

    /// A row of the table of figures.
    pub fn row(&self, format: &str) -> String {
        let over = self.harm.iter().filter(|harm| harm.what.starts_with("memory")).count();
        format!(
            "| {format} | {} | {} | {} | {} | {} | {} | {} | {:.2} s | {} MiB |",
            self.files,
            self.of("read"),
            self.of("refused"),
            self.of("panic"),
            self.of("abort"),
            self.of("slow"),
            over,
            self.longest.0 as f64 / 1000.0,
            self.highest.0 >> 10,
        )
    }

    /// The same for programs.
    pub fn json(&self) -> Value {
        json!({
            "files": self.files,
            "ends": self.ends,
            "longest_ms": self.longest.0,
            "longest_index": self.longest.1,
            "highest_kib": self.highest.0,
            "highest_index": self.highest.1,
            "harm": self.harm.iter().map(|harm| json!([harm.index, harm.what])).collect::<Vec<_>>(),
        })
    }
}

/// The head of the table.
pub const HEAD: &str = "| format | files | ended well | refused | panics | aborts | over 30 s | over 1 GiB | longest | highest memory |\n\
                        |---|---|---|---|---|---|---|---|---|---|";
